// `prepack` of each package that is published: refuses to pack what would be broken for those who install it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What of a manifest leads somewhere. */
export interface Manifest {
  readonly main?: string;
  readonly types?: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Every path that a manifest leads to, without `./`. */
export function targetsOf({ main, types, bin, exports }: Manifest): string[] {
  return pathsIn([main, types, bin, exports]).map((path) => path.replace(/^\.\//, ''));
}

function pathsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(pathsIn) : [];
}

/** Why the package would be broken, one line each. */
export function problemsOf(manifest: Manifest, hasFile: (path: string) => boolean): string[] {
  const ranges = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies });
  return [
    ...targetsOf(manifest).flatMap((path) => (hasFile(path) ? [] : [`${path} does not exist.`])),
    // npm publishes them as they are, and nobody can install that. https://pnpm.io/catalogs#publishing
    ...ranges.flatMap(([name, range]) =>
      /^(catalog|workspace):/.test(range) ? [`${name} has the range ${range}.`] : [],
    ),
  ];
}

if (import.meta.main) {
  const name = process.argv[2] ?? '';
  const folder = fileURLToPath(new URL(`../packages/${name}/`, import.meta.url));
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const problems = problemsOf(manifest, (path) => existsSync(join(folder, path)));
  for (const problem of problems) console.error(`${name} is not packed: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
