import { constants, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSigner, isSignedBy, type Jwt, readJwt, verifySignature } from './tokens.ts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const read = (token: string) => readJwt(token) as Jwt;

describe('the signer', () => {
  it('signs what its published key verifies, and knows a forgery', async () => {
    const signer = createSigner();
    const [token, forged] = [await signer.sign({ aud: 'x' }), await signer.sign({ aud: 'x' }, 'forged')];
    const [key] = (await signer.keys()) as [Record<string, string>];
    expect(read(token)).toMatchObject({ header: { typ: 'JWT', alg: 'RS256', kid: key.kid }, claims: { aud: 'x' } });
    expect(read(forged).header).toEqual(read(token).header);
    expect([await signer.verifies(read(token)), await signer.verifies(read(forged))]).toEqual([true, false]);
    const publicKey = createPublicKey({ key, format: 'jwk' });
    expect(await isSignedBy(publicKey, read(token), ['RS256'])).toBe(true);
    expect(await createSigner().verifies(read(token))).toBe(false);
  });
});

describe('a signature', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const make = (alg: string, options: object = {}) => {
    const signed = `${encode({ alg })}.${encode({})}`;
    const key = { key: rsa.privateKey, ...options };
    return read(`${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`);
  };
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  const none = read(`${encode({ alg: 'none' })}.${encode({})}.`);
  it.each([
    ['RS256 where it is allowed', make('RS256'), rsa.publicKey, ['RS256'], true],
    ['PS256 where it is allowed', make('PS256', pss), rsa.publicKey, ['RS256', 'PS256'], true],
    ['PS256 where only RS256 is', make('PS256', pss), rsa.publicKey, ['RS256'], false],
    ['RS256 under the name of PS256', make('PS256'), rsa.publicKey, ['PS256'], false],
    ['no signature', none, rsa.publicKey, ['RS256', 'PS256'], false],
    ['a key of another kind', make('RS256'), ec.publicKey, ['RS256'], false],
  ] as const)('%s', async (_, jwt, key, algorithms, expected) => {
    expect([await isSignedBy(key, jwt, algorithms), verifySignature(jwt, key, algorithms)]).toEqual([
      expected,
      expected,
    ]);
  });
});

it.each(['', 'a.b', 'a.b.c', '..', `${encode({})}.${encode([])}.x`, `${encode({})}.${encode(null)}.x`, 'a.b.c.d.e'])(
  'takes %j for no token',
  (text) => expect(readJwt(text)).toBeUndefined(),
);
