import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Client, program, ways } from './client.ts';
import { groups } from './clients/index.ts';
import { cellsOf, complaint, type Outcome, page } from './page.ts';

const clients = Object.values(groups).flatMap(({ clients }) => clients);
const client: Client = {
  name: 'some-1.0.0',
  title: '`some` 1.0.0',
  needs: [],
  install: () => [],
  run: () => [],
  expected: [],
};
const limit = { says: 'no such host', why: 'knows no such host', source: 'some/host.js' };
const cell = { client, way: 'managed', host: 'vm' };
const works = { works: true, output: 'The secret is hello' };
const fails = { works: false, output: 'Starting\nFailed: Error: No such HOST here\nBye\n' };
const refused = {
  works: false,
  output: 'Failed: 400 {"error_description":"AADSTS70011: The scope is wrong. Trace ID: 1"}',
};

test.each<[string, Outcome, string | undefined]>([
  ['works', { ...cell, ran: works }, undefined],
  ['fails', { ...cell, ran: fails }, 'fails: Failed: Error: No such HOST here'],
  ['fails as expected, in any case', { ...cell, limit, ran: fails }, undefined],
  ['works in spite of its limit', { ...cell, limit, ran: works }, 'works, although it knows no such host'],
  [
    'fails for another reason than its limit',
    { ...cell, limit, ran: { works: false, output: 'Killed' } },
    'fails, but not with "no such host": Killed',
  ],
  ['says nothing', { ...cell, ran: { works: false, output: '\n' } }, 'fails: it said nothing'],
])('a client that %s', (_, outcome, expected) => {
  expect(complaint(outcome)).toBe(expected);
});

test("Entra's code is told although it stands far behind in the line", () => {
  const long = { works: false, output: `Failed: ${'x'.repeat(300)}\n${refused.output.replace('Failed: ', '')}` };
  expect(complaint({ ...cell, ran: long })).toContain('AADSTS70011: The scope is wrong.');
});

test('the page counts what works for each host and way, and gives reasons for limits', () => {
  const userAssigned = { ...cell, host: 'vm+user-assigned' };
  const outcomes: readonly Outcome[] = [
    { ...cell, ran: works },
    { ...userAssigned, ran: works },
    { ...cell, host: 'arc', ran: fails, limit },
    { ...cell, host: 'aks', way: 'secret', ran: fails },
  ];
  const text = page([{ heading: 'Some', outcomes }], ['`other` 2.0.0: cargo not found'], '2026-11-25');
  for (const line of [
    '| Client | vm | arc | aks |',
    '| `some` 1.0.0 | 2 | limit | fails |',
    '| Client | managed identity | secret |',
    '| `some` 1.0.0 | 2, limit | fails |',
    '- `some` 1.0.0 on arc: knows no such host (some/host.js).',
    '- `other` 2.0.0: cargo not found',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
  expect(text).toContain("2 programs read the secret, 1 meet a limit of the client's, 1 fail.");
});

test('docs/conformance.md has every client; `pnpm conformance` writes it', () => {
  const text = readFileSync(new URL('../docs/conformance.md', import.meta.url), 'utf8');
  expect(clients.filter(({ title }) => !text.includes(title))).toEqual([]);
  expect(text).not.toContain('fails |');
});

test('clients, groups and cells have names of their own', () => {
  const cells = clients.flatMap(cellsOf).map(({ client, way, host }) => `${client.name} ${way} ${host}`);
  const names = [...Object.keys(groups), ...clients.map(({ name }) => name), ...cells];
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test.each(clients)('$name: its files are there, its limits have a source, and the page knows its ways', (client) => {
  const files = (client.sources ?? []).map(program);
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
  expect(client.shares === undefined || clients.some(({ name }) => name === client.shares)).toBe(true);
  for (const { limit } of cellsOf(client)) expect(limit?.source).not.toBe('');
  // HTTP clients are what is tried there, not ways to sign in.
  if (client.name !== 'http') expect(cellsOf(client).filter(({ way }) => ways[way] === undefined)).toEqual([]);
});
