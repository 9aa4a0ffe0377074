import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { errorCodes } from '../packages/msi-credential/src/errors.ts';
import { codeOf, documentOf } from './failures/document.ts';
import { endpointRows } from './failures/endpoint.ts';
import { environmentRows } from './failures/environment.ts';
import { identityRows } from './failures/identity.ts';
import { type Outcome, produce } from './failures/produce.ts';
import type { Row } from './failures/row.ts';
import { signInRows } from './failures/sign-in.ts';
import { vaultRows } from './failures/vault.ts';

const sections = [
  { heading: 'The environment', rows: environmentRows },
  { heading: 'The identity', rows: identityRows },
  { heading: "The host's endpoint", rows: endpointRows },
  { heading: 'Signing in', rows: signInRows },
  { heading: 'The vault', rows: vaultRows },
];
const all = sections.flatMap(({ rows }) => rows);
const titled = (row: Row) => [row.title, row] as const;

let outcomes: ReadonlyMap<string, Outcome | undefined>;
beforeAll(async () => {
  outcomes = await produce(all);
}, 60_000);

const guides = ['troubleshooting', 'key-vault'].map((name) =>
  readFileSync(new URL(`../docs/${name}.md`, import.meta.url), 'utf8'),
);

function outcomeOf(row: Row): Outcome {
  const outcome = outcomes.get(row.title);
  if (outcome === undefined) throw new Error('It worked.');
  return outcome;
}

/** What looks like a token in it and is none. */
function claimsOf({ wish }: Row): string {
  const { claims } = ((typeof wish === 'object' && wish.request) || {}) as { claims?: string };
  return claims === undefined ? '(none)' : Buffer.from(claims).toString('base64');
}

describe.each(sections)('$heading', ({ rows }) => {
  test.each(rows.map(titled))('%s', (_, row) => {
    const outcome = outcomeOf(row);
    const { message, explanation, shown, secrets } = outcome;
    const code = codeOf(outcome);
    expect({ code, message }).toEqual({ code: row.code, message });
    // Says what happened before it says that it is a failure.
    expect(explanation.cause).not.toMatch(/^(failed|error)\b/i);
    expect(explanation.cause.length).toBeGreaterThan(20);
    // And what to do: each piece of advice is a sentence or a command.
    expect(explanation.fix.every((fix) => fix.length > 10)).toBe(true);
    expect(explanation.fix).not.toEqual([]);
    expect(guides.join('\n')).toContain(`### ${code}\n`);
    expect(explanation.docs).toMatch(/\/docs\/(troubleshooting|key-vault)\.md#(err|kv)_[a-z_]+$/);
    // Claims that a vault asks for stand in the command to be run, in base64 as a token does.
    const everything = `${message}\n${shown}`.replaceAll(claimsOf(row), '');
    expect(everything).not.toMatch(/MARKER|eyJ[\w-]{8}/);
    expect(secrets.filter((secret) => everything.includes(secret))).toEqual([]);
  });
});

test('what our own errors say is what their explanation says, with the advice and the address', () => {
  for (const row of all) {
    const { name, message, explanation } = outcomeOf(row);
    if (
      !/^(CredentialUnavailable|Authentication|KeyVault)Error$/.test(name) ||
      !message.includes('msi-credential/blob')
    )
      continue;
    expect(message).toContain(explanation.cause);
    expect(message).toContain(explanation.fix[0]);
    expect(message).toContain(`[${explanation.code}, ${explanation.docs}]`);
  }
});

test('every code of the credential is among them', () => {
  const codes = new Set(all.map(({ code }) => code));
  expect(errorCodes.filter((code) => !codes.has(code))).toEqual([]);
});

test('titles are told apart', () => {
  expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
});

test('docs/failures.md shows them all', async () => {
  const path = fileURLToPath(new URL('../docs/failures.md', import.meta.url));
  await expect(documentOf(sections, outcomes)).toMatchFileSnapshot(path);
});
