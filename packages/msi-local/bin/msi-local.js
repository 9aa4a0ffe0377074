#!/usr/bin/env node
// Imported late, since an older Node.js fails while it reads it, in words that nobody understands.
const oldest = '22.12';
if (process.versions.node.localeCompare(oldest, 'en', { numeric: true }) < 0) {
  process.stderr.write(`msi-local needs Node.js ${oldest} or later; this is ${process.versions.node}.\n`);
  process.exitCode = 125;
} else await import('../dist/cli.js');
