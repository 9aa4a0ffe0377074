import { constants, createHash, generateKeyPair, type KeyObject, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { decodeJwt } from 'jose/jwt/decode';

/** A JWT taken apart; nothing about it has been checked. */
export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The token as it came. */
  readonly compact: string;
}

/** What a signature may be made with here. */
export type Algorithm = 'RS256' | 'PS256';

/** The tenant's signing key. It is made with the first token: many commands never ask for one. */
export interface Signer {
  /** An RS256 JWT. `forged` takes a key that the tenant does not publish, under the published key's id. */
  sign(claims: object, key?: 'published' | 'forged'): Promise<string>;
  /** Whether the published key signed this token, with RS256. */
  verifies(jwt: Jwt): Promise<boolean>;
  /** The published keys, as RFC 7517 writes them. */
  keys(): Promise<object[]>;
}

/** A key pair that is made when it is first asked for. */
function rsaKey() {
  let pair: Promise<{ publicKey: KeyObject; privateKey: KeyObject }> | undefined;
  return () => (pair ??= promisify(generateKeyPair)('rsa', { modulusLength: 2048 }));
}

/** Tells each token that it has signed. */
export function createSigner(signed: (token: string) => void = () => {}): Signer {
  const pairs = { published: rsaKey(), forged: rsaKey() };
  const keyId = async () => {
    const spki = (await pairs.published()).publicKey.export({ type: 'spki', format: 'der' });
    return createHash('sha1').update(spki).digest('base64url');
  };
  return {
    async sign(claims, key = 'published') {
      // Both imports of this file that start-up does not need wait for the first token.
      const { SignJWT } = await import('jose/jwt/sign');
      const kid = await keyId();
      const token = await new SignJWT({ ...claims })
        .setProtectedHeader({ typ: 'JWT', alg: 'RS256', x5t: kid, kid })
        .sign((await pairs[key]()).privateKey);
      signed(token);
      return token;
    },
    async verifies(jwt) {
      return jwt.header.kid === (await keyId()) && isSignedBy((await pairs.published()).publicKey, jwt, ['RS256']);
    },
    async keys() {
      const kid = await keyId();
      return [{ ...(await pairs.published()).publicKey.export({ format: 'jwk' }), use: 'sig', kid, x5t: kid }];
    },
  };
}

/** Checks a signature; `algorithms` are those that the caller allows, never what the token would like. */
export async function isSignedBy(key: KeyObject, jwt: Jwt, algorithms: readonly Algorithm[]): Promise<boolean> {
  const { compactVerify } = await import('jose/jws/compact/verify');
  // Whatever jose has against it, a key of another kind included, it is not a good signature.
  return compactVerify(jwt.compact, key, { algorithms: [...algorithms] }).then(
    () => true,
    () => false,
  );
}

/** The same for callers that cannot wait, by Node's own means: all of jose's checks are asynchronous. */
export function verifySignature({ header, compact }: Jwt, key: KeyObject, algorithms: readonly Algorithm[]): boolean {
  const algorithm = algorithms.find((one) => one === header.alg);
  if (algorithm === undefined || key.asymmetricKeyType !== 'rsa') return false;
  const scheme =
    algorithm === 'PS256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : { padding: constants.RSA_PKCS1_PADDING };
  const end = compact.lastIndexOf('.');
  const signature = Buffer.from(compact.slice(end + 1), 'base64url');
  return verify('sha256', Buffer.from(compact.slice(0, end)), { key, ...scheme }, signature);
}

/** Takes a compact JWT apart (RFC 7519 section 7.2); undefined if it is none. */
export function readJwt(token: string): Jwt | undefined {
  try {
    return { header: { ...decodeProtectedHeader(token) }, claims: decodeJwt(token), compact: token };
  } catch {
    return undefined;
  }
}
