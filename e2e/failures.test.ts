import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { errorCodes, formatFix } from '../packages/msi-credential/src/codes.ts';
import { aadstsNumbers, explainAadsts } from '../packages/msi-credential/src/failures/aadsts.ts';
import { keyVaultErrorCodes } from '../packages/msi-credential/src/key-vault/explain/codes.ts';
import { documentOf } from './failures/document.ts';
import { endpointRows } from './failures/endpoint.ts';
import { environmentRows } from './failures/environment.ts';
import { identityRows } from './failures/identity.ts';
import { type Outcome, produce } from './failures/produce.ts';
import type { Row } from './failures/row.ts';
import { signInRows } from './failures/sign-in.ts';
import { vaultRows } from './failures/vault.ts';
import { leaksIn, marker } from './secrets.ts';

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
    const { code } = explanation;
    expect({ code, message }).toEqual({ code: row.code, message });
    const told = [message, explanation.cause, formatFix(explanation.fix)].join('\n');
    expect((row.says ?? []).filter((words) => !told.includes(words))).toEqual([]);
    // Says what happened before it says that it is a failure.
    expect(explanation.cause).not.toMatch(/^(failed|error)\b/i);
    expect(explanation.cause.length).toBeGreaterThan(20);
    // And what to do: each piece of advice is a sentence or a command.
    expect(explanation.fix.every((step) => formatFix([step]).length > 10)).toBe(true);
    expect(explanation.fix).not.toEqual([]);
    expect(guides.join('\n')).toContain(`### ${code}\n`);
    expect(explanation.docs).toMatch(/\/docs\/(troubleshooting|key-vault)\.md#(err|kv)_[a-z_]+$/);
    // Claims that a vault asks for stand in the command to be run, in base64 as a token does.
    const everything = `${message}\n${shown}`.replaceAll(claimsOf(row), '');
    expect(leaksIn(everything, secrets)).toEqual([]);
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
    expect(message).toContain(formatFix(explanation.fix.slice(0, 1)));
    expect(message).toContain(`[${explanation.code}, ${explanation.docs}]`);
  }
});

test('every code is among them, of the credential and of Key Vault', () => {
  const codes = new Set(all.map((row) => outcomeOf(row).explanation.code));
  expect([...errorCodes, ...keyVaultErrorCodes].filter((code) => !codes.has(code))).toEqual([]);
});

test('every number of Entra that is explained is among them, with its explanation', () => {
  const told = all.map(outcomeOf).map(({ message, explanation: { cause } }) => `${message}\n${cause}`.toLowerCase());
  const missing = aadstsNumbers.filter((number) => {
    const meaning = explainAadsts(number)?.meaning.toLowerCase() ?? '';
    return !told.some((text) => new RegExp(`aadsts${number}\\b`).test(text) && text.includes(meaning));
  });
  expect(missing).toEqual([]);
});

test('each kind of secret was searched for: values, headers, keys, tokens and parts of tokens', () => {
  const searched = [...new Set(all.flatMap((row) => outcomeOf(row).secrets))];
  const kinds = [new RegExp(marker), /^[\dA-F]{32}$/, /^MII[\w+/]+$/, /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/, /^[\w-]{342}$/];
  expect(searched).toEqual(expect.arrayContaining(kinds.map((kind) => expect.stringMatching(kind))));
});

test.each(['a b/c', 'a%20b%2Fc', '"a b/c"'])('a secret is found as it may be written: %s', (text) => {
  expect(leaksIn(`x ${text} y`, ['a b/c', 'other'])).toEqual(['a b/c']);
});

test('titles are told apart', () => {
  expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
});

test('docs/failures.md shows them all', async () => {
  const path = fileURLToPath(new URL('../docs/failures.md', import.meta.url));
  await expect(documentOf(sections, outcomes)).toMatchFileSnapshot(path);
});
