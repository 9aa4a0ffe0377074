#!/usr/bin/env node
import { tooOldNode } from '../dist/node-version.js';

// Imported late, since an older Node.js fails while it reads it, in words that nobody understands. The library itself
// opens on any, and says what it needs.
if (tooOldNode('msi-credential', process.versions) === undefined) await import('../dist/cli.js');
else {
  const { diagnose } = await import('../dist/index.js');
  try {
    diagnose();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
  }
  process.exitCode = 2;
}
