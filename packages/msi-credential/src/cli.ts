import { createRequire } from 'node:module';
import { main } from './cli/main.ts';
import { processTerminal } from './cli/terminal.ts';

// The package's own file, one folder up from `dist` as from `src`.
const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

// An exit code instead of process.exit: what is still to be written gets out.
process.exitCode = await main(
  process.argv.slice(2),
  process.env,
  version,
  processTerminal(process.stdout, process.stderr, process.env.NO_COLOR),
);
