import { constants, type KeyObject, verify } from 'node:crypto';

/** A JWT taken apart; nothing about it has been checked. */
export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The token as it came. */
  readonly compact: string;
}

// Node's own decoder passes over whatever is not base64url.
const forms = {
  strict: /^[\w-]+\.[\w-]+\.[\w-]*$/,
  padded: /^[\w-]+={0,2}\.[\w-]+={0,2}\.[\w-]*={0,2}$/,
};

/**
 * Takes a compact JWT apart (RFC 7519 section 7.2); undefined if it is none.
 *
 * @param form - `'padded'`: its parts may end with `=`, against RFC 7515.
 */
export function readJwt(token: string, form: keyof typeof forms = 'strict'): Jwt | undefined {
  if (!forms[form].test(token)) return undefined;
  const [header, claims] = token.split('.').map(decodePart);
  return header && claims && { header, claims, compact: token };
}

/** Checks a signature; `algorithm` is the one that the caller wants, never the one that the token would like. */
export function verifySignature({ header, compact }: Jwt, key: KeyObject, algorithm: 'RS256' | 'PS256'): boolean {
  if (header.alg !== algorithm || key.asymmetricKeyType !== 'rsa') return false;
  const scheme =
    algorithm === 'PS256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : { padding: constants.RSA_PKCS1_PADDING };
  const end = compact.lastIndexOf('.');
  const signature = Buffer.from(compact.slice(end + 1), 'base64url');
  return verify('sha256', Buffer.from(compact.slice(0, end)), { key, ...scheme }, signature);
}

/** A header or claims as a part of a JWT. */
export const encodePart = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

function decodePart(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
