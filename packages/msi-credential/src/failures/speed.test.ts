// Whoever answers must not be able to stop the process: not with a megabyte, and not with a kilobyte.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { json } from '../../test/fake-io.ts';
import { explainKeyVaultError } from '../key-vault/explain/explain.ts';
import { assertionIn } from './assertion.ts';
import { harmlessCause } from './harmless-cause.ts';
import { redact, withoutSecrets } from './redact.ts';
import { explainRefusal, generalRefusals } from './refusal.ts';

const megabyte = 1_000_000;
/** As long as a signed assertion. The reach of redaction grows with it. */
const secrets = ['xyZ8Q~aB3.cD-ef_Gh1IjK2lMn3oPq4RsT5uVw'.repeat(60), 'correct horse', 'aaaaaaaa'];

/** Milliseconds of this process's own work, whatever else the machine does. */
function costOnce(action: () => unknown): number {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** What reading a megabyte costs on this machine. On a fast one, 50 ms are ten times as much. */
const sample = 'x '.repeat(megabyte / 2);
const reading = costOnce(() => Buffer.from(sample.replace(/\s/g, '_')).toString('base64'));
const limit = Math.max(50, 10 * reading);

/** The least of up to five times: a collection of garbage may fall into one. */
function cost(action: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let times = 0; times < 5 && least >= limit; times += 1) least = Math.min(least, costOnce(action));
  return least;
}

const pieces = [
  ...[
    'x',
    ' ',
    'x ',
    'eyJ',
    'ey',
    'eyA-',
    'eyA.',
    'a.',
    '/',
    '//a',
    'aB3',
    '/subscriptions/',
    '-----BEGIN A',
    '-----BEGIN A-----',
  ],
  ...[
    'token',
    'token:"',
    'token=',
    'token: a ',
    'token\\',
    'key\\\\\\',
    '--key-',
    '--key',
    'bearer ',
    'Basic a',
    'code=',
  ],
  ...[
    '\\',
    '\\"',
    '\\u',
    '\\x',
    '\\\\"',
    ',\\"',
    "'",
    '%',
    '%41',
    '%C3',
    '&#',
    '&amp;',
    '+',
    'é',
    '\u200B',
    '\u0301',
    '\u001B[1;',
  ],
  ...[
    'AADSTS7',
    'Trace ID: ',
    "Assertion Subject: '",
    "Resource: '/subscriptions/",
    'https://',
    'Vault: ',
    'version',
    'aaaaaaa',
  ],
];

/** Everything that reads what somebody else wrote. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  redaction: (text) => redact(text, { secrets }),
  "a vault's words": (text) =>
    explainKeyVaultError({ statusCode: 403, details: { error: { code: 'Forbidden', message: text } } }),
  "a body of a vault's": (text) =>
    explainKeyVaultError({ statusCode: 403, response: { status: 403, bodyAsText: text } }),
  'a refusal in plain words': (text) =>
    explainRefusal({ status: 400, headers: {}, body: text }, 'x', generalRefusals, { secrets, now: 0 }),
  'a refusal in JSON': (text) =>
    explainRefusal(json(400, { error: text, error_description: text }), 'x', generalRefusals, { secrets, now: 0 }),
  "a cause's message": (text) => harmlessCause(new Error(text), { secrets }),
  'causes within causes': (text) =>
    harmlessCause(
      new AggregateError(
        Array.from({ length: 50 }, () => new Error(text)),
        text,
      ),
      { secrets: ['hunter2'] },
    ),
  "a cause's other fields": (text) =>
    harmlessCause(Object.assign(new Error('no'), { code: text, name: text, body: text })),
};

describe.each(Object.entries(readers))('%s', (_, read) => {
  test.each(pieces)('reads a megabyte of %j at once', (piece) => {
    const text = piece.repeat(megabyte / piece.length);
    expect(cost(() => read(text))).toBeLessThan(limit);
  });

  test('reads a megabyte of any mixture at once', () => {
    const mixture = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 }).map((some) => some.join(''));
    fc.assert(
      fc.property(mixture, mixture, (beginning, rest) => {
        const text = beginning.repeat(2_000 / beginning.length) + rest.repeat(megabyte / rest.length);
        expect(cost(() => read(text))).toBeLessThan(limit);
      }),
      { numRuns: 10 },
    );
  });
});

// Read as a whole, up to its limit of 12,000 characters.
test.each(pieces)('known secrets are found in 12,000 characters of %j at once', (piece) => {
  const text = piece.repeat(12_000 / piece.length);
  expect(cost(() => [withoutSecrets(text, secrets), assertionIn(text)])).toBeLessThan(limit);
});
