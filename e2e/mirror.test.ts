import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { sources } from '../packages/msi-credential/src/selection/select.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const names = (folder: string, ending: string) =>
  readdirSync(join(root, folder)).flatMap((file) =>
    file.endsWith(ending) && !file.endsWith('.test.ts') ? [basename(file, ending)] : [],
  );

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
const notOfASource = ['entra', 'key-vault', 'control'];

describe('what a source asks, an endpoint of the same name answers, and a golden file is the referee', () => {
  test.each(sources.map(({ name, family }) => [name, family] as const))('%s', (name, family) => {
    expect(existsSync(join(root, `packages/msi-credential/src/sources/${family}/${name}.ts`))).toBe(true);
    const endpoint = name in answeredBy ? answeredBy[name] : name;
    if (endpoint === undefined) return;
    expect(names('packages/msi-local/src/endpoints', '.ts')).toContain(endpoint);
    const golden = names('protocols', '.json').includes(name) ? name : endpoint;
    const {
      protocol,
      captured,
      sources: origins,
      exchanges,
    } = JSON.parse(readFileSync(join(root, `protocols/${golden}.json`), 'utf8'));
    expect(protocol).toBe(golden);
    expect(captured).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(origins.length).toBeGreaterThan(0);
    expect(exchanges.length).toBeGreaterThan(0);
  });

  test('and nothing answers or referees what nobody asks', () => {
    const asked = [...sources.map(({ name }) => name as string), ...notOfASource];
    expect(names('packages/msi-local/src/endpoints', '.ts').filter((name) => !asked.includes(name))).toEqual([]);
    expect(names('protocols', '.json').filter((name) => name !== 'world' && !asked.includes(name))).toEqual([]);
  });

  test('neither package knows the other', () => {
    const dependencies = (name: string) =>
      Object.keys(JSON.parse(readFileSync(join(root, `packages/${name}/package.json`), 'utf8')).dependencies);
    expect(dependencies('msi-credential')).not.toContain('msi-local');
    expect(dependencies('msi-local')).not.toContain('msi-credential');
    expect(dependencies('msi-credential').filter((name) => !name.startsWith('@azure/'))).toEqual([]);
  });
});
