import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { credentialError } from '../errors.ts';
import { harmlessCause } from './harmless-cause.ts';

const marker = 'MARKER-of-the-secret';
const known = { secrets: [marker] };
const withProperties = (properties: object, message = 'no') =>
  Object.assign(new Error(message), { name: 'RestError', code: 'Forbidden', statusCode: 403, ...properties });

test('one of ours, which was made by this rule, is the cause itself', () => {
  const error = credentialError('ERR_REFUSED', `eyJ${marker}`);
  expect(harmlessCause(error, known)).toBe(error);
});

test.each<[string, Error, object]>([
  [
    'an error of the system',
    Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED', syscall: 'connect', port: 1 }),
    { name: 'Error', message: 'connect ECONNREFUSED 127.0.0.1:1', code: 'ECONNREFUSED', syscall: 'connect' },
  ],
  [
    'one with causes',
    new Error('a', { cause: new TypeError('b', { cause: new AggregateError([new Error('c')], 'd') }) }),
    { message: 'a', cause: { name: 'TypeError', message: 'b', cause: { message: 'd', errors: [{ message: 'c' }] } } },
  ],
])('of %s, what helps', (_, error, expected) => {
  const cause = harmlessCause(error, known);
  expect(cause).toMatchObject(expected);
  expect(cause).not.toBe(error);
});

test('a circle of causes ends', () => {
  const error = new Error('a');
  error.cause = error;
  expect(inspect(harmlessCause(error), { depth: 20 }).match(/Error: a/g)?.length).toBeLessThan(10);
});

test.each<[string, Error]>([
  ['its message', withProperties({}, `you sent ${marker}`)],
  ['a property', withProperties({ details: { headers: { authorization: `Bearer ${marker}` } } })],
  ['a property, as base64', withProperties({ body: Buffer.from(`id:${marker}`).toString('base64') })],
  ['a token that nobody knew', withProperties({ body: 'eyJhbGciOiJub25lIn0.e30.MARKER' })],
  ['a map', withProperties({ headers: new Map([['authorization', marker]]) })],
  ['bytes', withProperties({ body: new TextEncoder().encode(marker) })],
  ['its cause', withProperties({ cause: new Error(marker) })],
  [
    'one of several',
    Object.assign(new AggregateError([new Error(marker)], 'no'), {
      code: 'Forbidden',
      statusCode: 403,
      name: 'RestError',
    }),
  ],
  ['what it prints of itself', withProperties({ [inspect.custom]: () => marker })],
  ['what JSON holds of it', withProperties({ toJSON: () => marker })],
  ['the body that it could not read', withProperties({}, `no: Unexpected token 'M', "MARKER" is not valid JSON`)],
])('with a secret in %s, a copy of it without that', (_, error) => {
  const cause = harmlessCause(error, known);
  expect(cause).toMatchObject({
    name: 'RestError',
    code: 'Forbidden',
    statusCode: 403,
    message: expect.stringMatching(/^(no|you sent)/),
  });
  expect(inspect(cause, { depth: 9, showHidden: true }) + JSON.stringify(cause)).not.toMatch(/MARKER/);
});

test.each<[string, unknown]>([
  ['something that is no error and has a secret', { body: marker }],
  ['something else that is no error', { status: 403 }],
  ['nothing', undefined],
])('%s is no cause', (_, value) => {
  expect(harmlessCause(value, known)).toBeUndefined();
});

test.each<[string, object]>([
  ['draws on a terminal', { details: '\u001B]0;title\u0007', message: '\u001B[2Jno' }],
  ['is far too long', { details: 'so '.repeat(100_000) }],
  [
    'throws when it is looked at',
    {
      [inspect.custom]: () => {
        throw new Error('no');
      },
    },
  ],
  ['has a secret in place of a code', { code: marker, name: `${marker}!` }],
])('of an error that %s nothing is kept but what may be told', (_, properties) => {
  const cause = harmlessCause(withProperties(properties), known) as Error;
  expect(Object.keys(cause).filter((name) => !['name', 'code', 'statusCode'].includes(name))).toEqual([]);
  expect(inspect(cause)).not.toMatch(/MARKER|\p{Cc}(?<!\n)/u);
});
