// A CommonJS build for tools that cannot `require` an ES module: Jest, older bundlers, resolvers that know no `exports`.
// Node itself never takes it: the condition `module-sync` leads `require` to the ES modules, so a process has one token cache.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';
import { pathOfEntry, root } from './entry.ts';

/** Writes `dist/ENTRY.cjs`, and what several entries need, or one needs late, into files that they share. */
export async function bundleCommonJs(
  name: string,
  entries: readonly string[],
  external: RegExp[] = [],
  define: Record<string, string> = {},
): Promise<void> {
  const dist = join(root, 'packages', name, 'dist');
  const { output } = await build({
    cwd: root,
    input: Object.fromEntries(entries.map((entry) => [entry, pathOfEntry(`packages/${name}/src`, entry, '.ts')])),
    external,
    platform: 'node',
    transform: { define },
    output: {
      dir: dist,
      format: 'cjs',
      strict: true,
      // So that `import * as all` is the module itself in compiled TypeScript, whose functions `jest.spyOn` can replace.
      esModule: true,
      entryFileNames: '[name].cjs',
      chunkFileNames: 'shared-[name].cjs',
      // Jest has no `import()` without a flag of Node's: what is loaded late is required late.
      dynamicImportInCjs: false,
    },
    logLevel: 'warn',
  });
  const written = new Set(output.map(({ fileName }) => fileName));
  for (const file of readdirSync(dist)) if (file.endsWith('.cjs') && !written.has(file)) rmSync(join(dist, file));
}
