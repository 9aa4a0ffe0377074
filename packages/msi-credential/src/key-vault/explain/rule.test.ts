import { describe, expect, test } from 'vitest';
import { formatFix } from '../../codes.ts';
import type { ConnectionFailure } from '../../failures/connection.ts';
import { toFix } from '../../failures/steps.ts';
import { rules } from './explain.ts';
import { explainBy, type Rule } from './rule.ts';
import { situationOf } from './situation.ts';

const told = { cause: 'It is {vault}.', fix: ['Do it.'] } as const;
const forbidden = {
  statusCode: 403,
  code: 'Forbidden',
  message: 'Not on Sundays.',
  hostname: 'contoso.vault.azure.net',
};
const codeBy = (...table: readonly Rule[]) => explainBy(table, situationOf(forbidden, undefined, {}))?.code;

describe('a row', () => {
  test.each<[string, Partial<Rule>, boolean]>([
    ['no condition', {}, true],
    ['the status', { status: 403 }, true],
    ['another status', { status: 404 }, false],
    ['no status', { status: 'none' }, false],
    ['a status from 500 on', { status: '5xx' }, false],
    ['a failure of the connection', { failure: 'refused' }, false],
    ['a code', { signs: ['Forbidden'] }, true],
    ['half a code', { signs: ['Forbid'] }, false],
    ['words', { signs: [/sundays/i] }, true],
    ['one of several signs', { signs: ['x', /Not/] }, true],
    ['another condition', { when: ({ facts }) => facts.foreign }, false],
    ['a sign, and another status', { status: 404, signs: ['Forbidden'] }, false],
  ])('with %s', (_, conditions, matches) => {
    expect(codeBy({ code: 'KV_DENIED', ...told, ...conditions }) !== undefined).toBe(matches);
  });

  test('counts where it is the first', () => {
    expect(codeBy({ code: 'KV_DENIED', ...told }, { code: 'KV_FIREWALL', ...told })).toBe('KV_DENIED');
  });

  test('names what is known', () => {
    const situation = situationOf(forbidden, undefined, {});
    expect(explainBy([{ code: 'KV_DENIED', ...told }], situation)).toMatchObject({
      cause: 'It is contoso. The vault answered 403 Forbidden.',
      fix: [{ text: 'Do it.' }],
      status: 403,
    });
  });
});

test('every failure of a connection has its row', () => {
  const all: Record<ConnectionFailure, true> = {
    'unknown-name': true,
    'no-name-server': true,
    refused: true,
    cut: true,
    'no-route': true,
    'no-answer': true,
    'self-signed': true,
    untrusted: true,
    proxy: true,
    'other-name': true,
    'out-of-date': true,
    'not-tls': true,
  };
  expect(new Set(rules.flatMap(({ failure }) => failure ?? []))).toEqual(new Set(Object.keys(all)));
});

describe('a step', () => {
  test.each([
    ['Do it.', { text: 'Do it.' }],
    ['Do not run `az logout`.', { text: 'Do not run `az logout`.' }],
    ['Set {client}.', { text: 'Set CLIENT_ID.' }],
    [{ run: 'az login' }, { run: 'az login' }],
    // What is filled in is not filled once more.
    [
      { text: 'Sign in:', run: 'az login --tenant {tenant}' },
      { text: 'Sign in:', run: 'az login --tenant {client}' },
    ],
    // What looks like a name and is none stays, even one that every object has.
    [{ run: 'curl -w "%{http_code}" {client}' }, { run: 'curl -w "%{http_code}" CLIENT_ID' }],
    ['{constructor}', { text: '{constructor}' }],
  ])('%j', (step, expected) => {
    expect(toFix([step], { client: 'CLIENT_ID', tenant: '{client}' })).toEqual([expected]);
  });

  test('reads with its command between backticks', () => {
    expect(formatFix([{ text: 'Sign in:', run: 'az login' }])).toBe('Sign in: `az login`.');
  });
});
