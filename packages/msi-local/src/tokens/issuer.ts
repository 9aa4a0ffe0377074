import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { encodePart, type Jwt, verifySignature } from './tokens.ts';

/** Who issues tokens: the tenant, a cluster, a pipeline service. All of them sign with RS256; Entra takes no other. */
export interface Issuer {
  /** A JWT. `forged` takes a key that the issuer does not publish, under the published key's id. */
  sign(claims: object, key?: 'published' | 'forged'): string;
  /** Whether the published key signed this token, with RS256 and under the key's own id. */
  verifies(jwt: Jwt): boolean;
  /** The published keys, as RFC 7517 writes them. */
  keys(): object[];
}

/** `signed` hears of each token. `idHash` makes the key's id; a SHA-1 id is repeated as `x5t`, as Entra does. */
export function createIssuer(signed: (token: string) => void = () => {}, idHash: 'sha1' | 'sha256' = 'sha256'): Issuer {
  const published = once(() => {
    const pair = makeKey();
    const kid = createHash(idHash)
      .update(pair.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64url');
    return { ...pair, ids: idHash === 'sha1' ? { kid, x5t: kid } : { kid } };
  });
  const keys = { published, forged: once(makeKey) };
  return {
    sign(claims, key = 'published') {
      const header = { typ: 'JWT', alg: 'RS256', ...published().ids };
      const content = `${encodePart(header)}.${encodePart(claims)}`;
      const token = `${content}.${sign('sha256', Buffer.from(content), keys[key]().privateKey).toString('base64url')}`;
      signed(token);
      return token;
    },
    verifies: (jwt) => jwt.header.kid === published().ids.kid && verifySignature(jwt, published().publicKey, 'RS256'),
    keys: () => [{ ...published().publicKey.export({ format: 'jwk' }), use: 'sig', ...published().ids }],
  };
}

const makeKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A key takes some 100 ms, so it waits for its first use: many commands never ask for a token. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
