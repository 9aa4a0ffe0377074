// Bundles msi-credential's entries: one file is one read at start-up, where twenty modules would cost several milliseconds.
import { build } from 'esbuild';

const folder = new URL('../packages/msi-credential/', import.meta.url).pathname;

await build({
  entryPoints: { index: `${folder}src/index.ts` },
  outdir: `${folder}dist`,
  bundle: true,
  splitting: true,
  chunkNames: 'shared-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node22',
  packages: 'external',
  minifySyntax: true,
  sourcemap: true,
  logLevel: 'warning',
});
