import { globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { sources } from '../packages/msi-credential/src/sources/index.ts';
import type { Source } from '../packages/msi-credential/src/types.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const programsIn = (folder: string) =>
  globSync(`${folder}/**/*.ts`, { cwd: root })
    .filter((path) => !path.endsWith('.test.ts'))
    .toSorted();
const client = 'packages/msi-credential/src';
const standIn = 'packages/msi-local/src/endpoints';

/** What has no counterpart of its own name on the other side, and why. */
const answeredBy: Readonly<Record<string, string | undefined>> = {
  // Both sign in at Entra's token endpoint with nothing in between.
  'service-principal': 'entra',
  'workload-identity': 'entra',
  // Programs on the developer's own machine: nobody to stand in for.
  'azure-cli': undefined,
  'azure-developer-cli': undefined,
  'azure-powershell': undefined,
};
const notOfASource = ['entra', 'resource-manager', 'key-vault', 'control'];
/** What the endpoints share. */
const shared = [`${standIn}/json.ts`, `${standIn}/managed-identity/token-request.ts`];
const endpoints = programsIn(standIn)
  .filter((path) => !shared.includes(path))
  // The folders `entra` and `key-vault` are parts of the endpoints of these names.
  .filter((path) => !notOfASource.includes(basename(dirname(path))));
const goldenFiles = readdirSync(join(root, 'protocols')).flatMap((file) =>
  file.endsWith('.json') && file !== 'world.json' ? [basename(file, '.json')] : [],
);

describe('what a source asks, an endpoint of the same name answers, and a golden file is the referee', () => {
  test.each(sources.map(({ name, family }) => [name, family] as const))('%s', (name, family) => {
    const endpoint = name in answeredBy ? answeredBy[name] : name;
    if (endpoint === undefined) return;
    const folder = endpoint === name ? `${family}/` : '';
    expect(endpoints).toContain(`${standIn}/${folder}${endpoint}.ts`);
    const golden = goldenFiles.includes(name) ? name : endpoint;
    const { protocol, captured, sources: origins, exchanges } = JSON.parse(read(`protocols/${golden}.json`));
    expect(protocol).toBe(golden);
    expect(captured).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(origins.length).toBeGreaterThan(0);
    expect(exchanges.length).toBeGreaterThan(0);
  });

  test('and nothing answers or referees what nobody asks', () => {
    const asked = [...sources.map(({ name }) => name as string), ...notOfASource];
    expect(endpoints.filter((path) => !asked.includes(basename(path, '.ts')))).toEqual([]);
    expect(goldenFiles.filter((name) => !asked.includes(name))).toEqual([]);
  });

  test('neither package knows the other', () => {
    const manifest = (name: string) => JSON.parse(read(`packages/${name}/package.json`));
    const needs = (name: string) => Object.keys({ ...manifest(name).dependencies, ...manifest(name).devDependencies });
    expect(needs('msi-credential')).not.toContain('msi-local');
    expect(needs('msi-local')).not.toContain('msi-credential');
    const atRunTime = Object.keys(manifest('msi-credential').dependencies);
    expect(atRunTime.filter((name) => !name.startsWith('@azure/'))).toEqual([]);
  });
});

/** Every source that a file of a family exports, listed or not. */
const exported: readonly (readonly [path: string, source: Source])[] = (
  await Promise.all(
    programsIn(`${client}/sources`)
      .filter((path) => dirname(path) !== `${client}/sources`)
      .map(async (path) => {
        const values: unknown[] = Object.values(await import(join(root, path)));
        return values.filter(isSource).map((source) => [path, source] as const);
      }),
  )
).flat();

function isSource(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && 'announced' in value && 'family' in value;
}

describe('a source is one file, and named in one list', () => {
  test.each(exported)('%s', (path, source) => {
    const { name, family } = source;
    expect(path).toBe(`${client}/sources/${family}/${name}.ts`);
    expect(sources.filter((each) => each === source || each.name === name)).toEqual([source]);
    if (family !== 'developer-tool') expect(goldenFiles).toContain(name === 'service-principal' ? 'entra' : name);
    expect(read('README.md').match(new RegExp(`^\\| \`${name}\` \\|`, 'gm'))).toHaveLength(1);
    expect(read('docs/troubleshooting.md').match(new RegExp(`^### ${name}$`, 'gm'))).toHaveLength(1);
  });

  test('and the list has no other', () => {
    expect(sources.map(({ name }) => name).toSorted()).toEqual(exported.map(([, { name }]) => name).toSorted());
  });

  test('whose rows are all that tells the rest of it', () => {
    const files = new Set(exported.map(([path]) => path));
    const importers = programsIn(client).filter((path) =>
      [...read(path).matchAll(/(?:from|import\() ?'(\.[^']+)'/g)].some(([, specifier = '']) =>
        files.has(resolve('/', dirname(path), specifier).slice(1)),
      ),
    );
    // The second one advises, where nothing is found, one source of each family.
    expect(importers).toEqual([`${client}/selection/nothing-found.ts`, `${client}/sources/index.ts`]);
  });
});
