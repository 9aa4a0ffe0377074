import { constants, createHash, generateKeyPair, type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';

/** A JWT taken apart; nothing about it has been checked. */
export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** The tenant's signing key. It is made in the background: start-up does not wait for it, the first token does. */
export interface Signer {
  /** An RS256 JWT. `forged` takes a key that the tenant does not publish, under the published key's id. */
  sign(claims: object, key?: 'published' | 'forged'): Promise<string>;
  /** Whether the published key signed this token, with RS256. */
  verifies(jwt: Jwt): Promise<boolean>;
  /** The published keys, as RFC 7517 writes them. */
  keys(): Promise<object[]>;
}

const generate = promisify(generateKeyPair);
const rsaKey = () => generate('rsa', { modulusLength: 2048 });
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

export function createSigner(): Signer {
  const pair = rsaKey();
  // Whoever asks for a token gets the error; nobody asking must not end the process.
  pair.catch(() => undefined);
  let forger: ReturnType<typeof rsaKey> | undefined;
  const keyId = async () => {
    const spki = (await pair).publicKey.export({ type: 'spki', format: 'der' });
    return createHash('sha1').update(spki).digest('base64url');
  };
  return {
    async sign(claims, key = 'published') {
      forger ??= key === 'forged' ? rsaKey() : undefined;
      const { privateKey } = await (key === 'forged' && forger ? forger : pair);
      const kid = await keyId();
      const signed = `${encode({ typ: 'JWT', alg: 'RS256', x5t: kid, kid })}.${encode(claims)}`;
      return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
    },
    async verifies(jwt) {
      return jwt.header.kid === (await keyId()) && verifySignature(jwt, (await pair).publicKey, ['RS256']);
    },
    async keys() {
      const kid = await keyId();
      return [{ ...(await pair).publicKey.export({ format: 'jwk' }), use: 'sig', kid, x5t: kid }];
    },
  };
}

/** Checks a signature; `algorithms` are those that the caller allows, never what the token would like. */
export function verifySignature(jwt: Jwt, key: KeyObject, algorithms: readonly ('RS256' | 'PS256')[]): boolean {
  const algorithm = algorithms.find((one) => one === jwt.header.alg);
  if (algorithm === undefined || key.asymmetricKeyType !== 'rsa') return false;
  const scheme =
    algorithm === 'PS256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : { padding: constants.RSA_PKCS1_PADDING };
  return verify('sha256', jwt.signed, { key, ...scheme }, jwt.signature);
}

/** Takes a compact JWT apart (RFC 7519 section 7.2); undefined if it is none. */
export function readJwt(token: string): Jwt | undefined {
  const parts = token.split('.');
  const [header, claims, signature] = parts;
  if (parts.length !== 3 || !header || !claims || signature === undefined) return undefined;
  const [readHeader, readClaims] = [jsonObject(header), jsonObject(claims)];
  if (!readHeader || !readClaims) return undefined;
  return {
    header: readHeader,
    claims: readClaims,
    signed: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

function jsonObject(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
