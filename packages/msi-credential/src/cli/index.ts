import { createRequire } from 'node:module';
import { exitCodes } from '../checkup/exit-codes.ts';
import { main } from './main.ts';
import { processTerminal } from './terminal.ts';

// By the package's own name, so that it is found from `src` as from `dist`.
const { version } = createRequire(import.meta.url)('msi-credential/package.json') as { version: string };

let unwritten: NodeJS.ErrnoException | undefined;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads may stop reading: `msi-credential explain | head -1` is no failure. A full disk is.
  if (error.code !== 'EPIPE') unwritten = error;
});

const exitCode = await main(
  process.argv.slice(2),
  process.env,
  version,
  processTerminal(process.stdout, process.stderr, process.env),
);

// Ended and not left to end: what `@azure/identity` has begun would go on for minutes after a time limit. But only
// when everything that was written has got out.
process.stdout.write('', () =>
  // A stream tells its error only after it has called back.
  setImmediate(() => {
    const complaint = unwritten ? `msi-credential: the output could not be written (${unwritten.code})\n` : '';
    process.stderr.write(complaint, () => process.exit(unwritten ? exitCodes.unexpected : exitCode));
  }),
);
