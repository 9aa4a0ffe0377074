import { expect, test } from 'vitest';
import type { Check, Consumer } from './consumer.ts';
import { complaint, type Outcome, page } from './page.ts';
import { rows } from './rows/index.ts';

const works = { works: true, output: '' };
const fails = { works: false, output: 'It broke.' };
const check: Check = { title: 'Some tool', files: () => ({}), run: 'node main.mjs' };
const limited: Check = { ...check, limit: 'Some tool knows no proxy.' };

test.each<[string, Outcome, string | undefined]>([
  ['works with both', { check, ours: works, peer: works }, undefined],
  ['works with ours only', { check, ours: works, peer: fails }, undefined],
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
    { check: limited, ours: works, peer: works },
    'works, although the row says that it cannot',
  ],
])('%s', (_, outcome, expected) => {
  expect(complaint(outcome)).toBe(expected);
});

test('the page has a row for each check', () => {
  const text = page({ Tools: [{ check: limited, ours: works, peer: fails }] }, '2026-11-25, Node.js 24');
  expect(text).toContain('## Tools\n');
  expect(text).toContain('| Some tool | works | fails | Some tool knows no proxy. |\n');
});

test('every consumer and row has a name of its own, and exact versions', () => {
  const consumers: readonly Consumer[] = Object.values(rows).flat();
  const names = consumers.flatMap(({ name, checks }) => [name, ...checks.map(({ title }) => title)]);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  const versions = consumers.flatMap(({ packages = {} }) => Object.entries(packages).map((pair) => pair.join('@')));
  expect(versions.filter((spec) => !/@\d+\.\d+\.\d+(-[\w.]+)?$/.test(spec))).toEqual([]);
});
