import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createIssuer } from './issuer.ts';
import { encodePart, type Jwt, readJwt, verifySignature } from './tokens.ts';

// jose is the referee: it verifies what we sign, and signs what we verify.

const read = (token: string) => readJwt(token) as Jwt;

describe.each(['sha1', 'sha256'] as const)('an issuer whose key has a %s id', (idHash) => {
  it('signs what its published keys verify, and knows a forgery', async () => {
    const told: string[] = [];
    const issuer = createIssuer((token) => told.push(token), idHash);
    const [token, forged] = [issuer.sign({ aud: 'x' }), issuer.sign({ aud: 'x' }, 'forged')];
    const keys = issuer.keys() as [Record<string, string>];
    const { kid } = keys[0];
    const ids = idHash === 'sha1' ? { kid, x5t: kid } : { kid };
    expect(read(token)).toEqual({ header: { typ: 'JWT', alg: 'RS256', ...ids }, claims: { aud: 'x' }, compact: token });
    expect(read(forged).header).toEqual(read(token).header);
    expect([issuer.verifies(read(token)), issuer.verifies(read(forged))]).toEqual([true, false]);
    expect(createIssuer().verifies(read(token))).toBe(false);
    const published = createLocalJWKSet({ keys } as unknown as JSONWebKeySet);
    expect((await jwtVerify(token, published, { algorithms: ['RS256'] })).payload).toEqual({ aud: 'x' });
    await expect(jwtVerify(forged, published)).rejects.toMatchObject({ code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
    expect(told).toEqual([token, forged]);
  });
});

describe('a signature', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const make = (alg: string, key: KeyObject = rsa.privateKey) => new SignJWT({}).setProtectedHeader({ alg }).sign(key);
  /** The same signature under another algorithm's name. */
  const renamed = async (alg: string) => {
    const [, claims, signature] = (await make('RS256')).split('.');
    return `${encodePart({ alg })}.${claims}.${signature}`;
  };
  it.each([
    ['RS256 where it is wanted', make('RS256'), rsa.publicKey, 'RS256', true],
    ['PS256 where it is wanted', make('PS256'), rsa.publicKey, 'PS256', true],
    ['PS256 where RS256 is wanted', make('PS256'), rsa.publicKey, 'RS256', false],
    ['RS256 under the name of PS256', renamed('PS256'), rsa.publicKey, 'PS256', false],
    ['no signature', `${encodePart({ alg: 'none' })}.${encodePart({})}.`, rsa.publicKey, 'RS256', false],
    ['a key of another kind', make('RS256'), ec.publicKey, 'RS256', false],
    ['an algorithm of another kind', make('ES256', ec.privateKey), ec.publicKey, 'RS256', false],
  ] as const)('%s', async (_, token, key, algorithm, expected) => {
    expect(verifySignature(read(await token), key, algorithm)).toBe(expected);
    const byJose = jwtVerify(await token, key, { algorithms: [algorithm] }).then(
      () => true,
      () => false,
    );
    expect(await byJose).toBe(expected);
  });
});

it.each([
  ...['', 'a.b', 'a.b.c', '..', 'a.b.c.d.e'],
  ...[[], null, 'text'].map(
    (claims) => `${encodePart({})}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`,
  ),
  `${encodePart({})}.${encodePart({})}.!`,
])('takes %j for no token', (text) => expect(readJwt(text)).toBeUndefined());

it('takes padding only where it is expected', () => {
  const padded = [{ a: 1 }, { b: 22 }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64')).join('.');
  expect(readJwt(`${padded}.eA==`)).toBeUndefined();
  expect(readJwt(`${padded}.eA==`, 'padded')?.claims).toEqual({ b: 22 });
  expect(readJwt(`${padded}.eA===`, 'padded')).toBeUndefined();
});
