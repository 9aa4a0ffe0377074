import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Check, Consumer } from './consumer.ts';
import { complaint, type Outcome, page } from './page.ts';
import { rows } from './rows/index.ts';

const works = { works: true, output: '' };
const fails = { works: false, output: 'It broke.' };
const check: Check = { title: 'Some tool', files: () => ({}), run: 'node main.mjs' };
const limited: Check = { ...check, limit: 'Some tool knows no proxy.' };

test.each<[string, Outcome, string | undefined]>([
  ['works', { check, ours: works }, undefined],
  ['fails with ours only', { check, ours: fails, peer: works }, 'fails, and works with @azure/identity'],
  [
    'fails with both, unexplained',
    { check, ours: fails, peer: fails },
    'fails with both, and the row does not say why',
  ],
  ['fails with both, explained', { check: limited, ours: fails, peer: fails }, undefined],
  [
    'fails with ours only, although explained',
    { check: limited, ours: fails, peer: works },
    'fails, and works with @azure/identity',
  ],
  [
    'works, although the row says otherwise',
    { check: limited, ours: works },
    'works, although the row says that it cannot',
  ],
])('%s', (_, outcome, expected) => {
  expect(complaint(outcome)).toBe(expected);
});

test.each<[string, Outcome, string]>([
  ['works', { check, ours: works }, 'works'],
  ['fails where the other works', { check, ours: fails, peer: works }, 'fails; works with `@azure/identity`'],
  ['cannot work', { check: limited, ours: fails, peer: fails }, 'neither works: Some tool knows no proxy.'],
])('the page says what %s', (_, outcome, expected) => {
  const text = page({ Tools: [outcome] }, '2026-11-25, Node.js 24');
  expect(text).toContain('## Tools\n');
  expect(text).toContain(`| Some tool | ${expected} |\n`);
});

test('docs/compatibility.md has every row; `pnpm consumers` writes it', () => {
  const text = readFileSync(new URL('../docs/compatibility.md', import.meta.url), 'utf8');
  const titles = [...text.matchAll(/^\| (?!Set-up)(.+?) \| (?:works \||fails; |neither )/gm)].map(([, title]) => title);
  expect(titles).toEqual(
    Object.values(rows)
      .flat()
      .flatMap(({ checks }) => checks.map(({ title }) => title)),
  );
});

test('every consumer and row has a name of its own, and exact versions', () => {
  const consumers: readonly Consumer[] = Object.values(rows).flat();
  const names = consumers.flatMap(({ name, checks }) => [name, ...checks.map(({ title }) => title)]);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  const versions = consumers.flatMap(({ packages = {} }) => Object.entries(packages).map((pair) => pair.join('@')));
  expect(versions.filter((spec) => !/@\d+\.\d+\.\d+(-[\w.]+)?$/.test(spec))).toEqual([]);
});
