#!/usr/bin/env node
import { tooOldNode } from '../dist/node-version.js';

// Imported late, since an older Node.js fails while it reads it, in words that nobody understands.
const problem = tooOldNode('msi-local', process.versions);
if (problem === undefined) await import('../dist/cli.js');
else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 125;
}
