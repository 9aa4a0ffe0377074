// One flat declaration file per entry. It imports nothing but other packages, so a compiler reads one file instead of forty
// and resolves it the same way under every `moduleResolution`. `tsc` writes what this puts together into `.types`.
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';
import { pathOfEntry, root } from './entry.ts';

/** Writes `dist/ENTRY.d.ts` for ES modules, and the same as `.d.cts` next to a CommonJS build. */
export async function flattenDeclarations(name: string, entries: readonly string[]): Promise<void> {
  const dist = join(root, 'packages', name, 'dist');
  for (const entry of entries) {
    await build({
      cwd: root,
      input: { [entry]: pathOfEntry(`packages/${name}/.types`, entry, '.d.ts') },
      // Relative and absolute paths are our own; everything else stays an import.
      external: (id) => !/^[./]|^[a-z]:/i.test(id) && !id.startsWith('packages/'),
      // The generator is not used, since declarations are given; any but the default says nothing.
      plugins: [dts({ dtsInput: true, generator: 'oxc', tsconfig: false })],
      output: { dir: dist },
      logLevel: 'warn',
    });
    if (existsSync(join(dist, `${entry}.cjs`))) copyFileSync(join(dist, `${entry}.d.ts`), join(dist, `${entry}.d.cts`));
  }
  const wanted = new Set(entries.flatMap((entry) => [`${entry}.d.ts`, `${entry}.d.cts`]));
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (/\.d\.c?ts$/.test(file) && !wanted.has(file)) rmSync(join(dist, file));
  }
}
