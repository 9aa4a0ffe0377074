import { createRequire } from 'node:module';
import { main } from './cli/main.ts';
import { processTerminal } from './cli/terminal.ts';

// The package's own file, one folder up from `dist` as from `src`.
const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

// Whoever reads may stop reading: `msi-credential explain | head -1` is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

// An exit code instead of process.exit: what is still to be written gets out.
process.exitCode = await main(
  process.argv.slice(2),
  process.env,
  version,
  processTerminal(process.stdout, process.stderr, process.env),
);
