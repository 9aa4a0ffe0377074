import { createRequire } from 'node:module';
import { main } from './cli/main.ts';
import { processTerminal } from './cli/terminal.ts';

// The package's own file, one folder up from `dist` as from `src`.
const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

// Whoever reads may stop reading: `msi-credential explain | head -1` is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const exitCode = await main(
  process.argv.slice(2),
  process.env,
  version,
  processTerminal(process.stdout, process.stderr, process.env),
);

// Ended and not left to end: what `@azure/identity` has begun would go on for minutes after a time limit. But only
// when everything that was written has got out.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
