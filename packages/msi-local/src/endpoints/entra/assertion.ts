// Client assertions: a JWT signed with a certificate stands in for a client secret.
// https://learn.microsoft.com/entra/identity-platform/certificate-credentials

import { createHash, X509Certificate } from 'node:crypto';
import { seconds } from '../../state/clock.ts';
import { type Jwt, readJwt, verifySignature } from '../../tokens/tokens.ts';
import type { State } from '../../types.ts';
import type { Refusal } from './refusals.ts';

/** RFC 7523 section 2.2. */
export const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

// Entra's own allowance is not documented; five minutes is usual. MSAL's `nbf` can be a second ahead of the time.
const skew = 300;

/** Checks the assertion in the form; undefined when it is good. A repeated `jti` is: MSAL reuses its assertions. */
export function assertionFault(
  form: URLSearchParams,
  clientId: string,
  tokenEndpoint: string,
  state: State,
): Refusal | undefined {
  // azure-identity for Python pads its parts in asyncio.
  const jwt = readJwt(form.get('client_assertion') ?? '', 'padded');
  if (form.get('client_assertion_type') !== jwtBearer || jwt === undefined) {
    return invalid(50027, 'JWT token is invalid or malformed.');
  }
  const { iss, sub, aud, exp, nbf } = jwt.claims;
  if (iss !== clientId || sub !== clientId) {
    return invalid(700021, `Client assertion application identifier doesn't match 'client_id' parameter.`);
  }
  // The endpoint in either version; some years ago the documentation named the issuer. adal writes the endpoint with its query.
  const tenant = tokenEndpoint.replace(/\/oauth2\/.*$/, '');
  const paths = ['/oauth2/v2.0/token', '/oauth2/token', '/oauth2/token?api-version=1.0', '/v2.0'];
  if (!paths.some((path) => aud === `${tenant}${path}`)) {
    return invalid(700023, 'Client assertion audience claim does not match Realm issuer.');
  }
  const now = seconds(state.clock);
  // However far off: "Microsoft Entra ID doesn't place restrictions on the exp time currently", says the documentation.
  const current = typeof exp === 'number' && exp > now - skew;
  if (!current || (typeof nbf === 'number' && nbf > now + skew)) {
    return invalid(
      700024,
      `Client assertion is not within its valid time range. Current time: ${now}, expiry: ${exp}.`,
    );
  }
  return signatureFault(jwt, state);
}

function signatureFault(jwt: Jwt, state: State): Refusal | undefined {
  const registered = state.config.clientCertificate;
  const certificate = registered && new X509Certificate(registered.certPem);
  if (certificate === undefined || !names(jwt.header, certificate.raw)) {
    return invalid(700027, 'Client assertion failed signature validation: the certificate is not registered.');
  }
  if ((['RS256', 'PS256'] as const).some((one) => verifySignature(jwt, certificate.publicKey, one))) return undefined;
  return invalid(700027, 'Client assertion failed signature validation: the signature does not match.');
}

/**
 * Whether a header names this certificate, by what it has of `x5t`, `x5t#S256` and `x5c`. Where it has no thumbprint, `kid`
 * may be one: hashicorp/go-azure-sdk sends nothing else.
 */
function names(header: Jwt['header'], certificate: Buffer): boolean {
  const hash = (algorithm: string) => createHash(algorithm).update(certificate).digest();
  const { x5t, kid, x5c } = header;
  const thumbprints = [
    [x5t, hash('sha1')],
    // The documentation writes it with a small s.
    [header['x5t#S256'] ?? header['x5t#s256'], hash('sha256')],
  ] as const;
  const present = thumbprints.filter(([word]) => word !== undefined);
  const named = present.length > 0 ? present : ([[kid, hash('sha1')]] as const);
  // The first of a chain is the certificate itself.
  const leaf = Array.isArray(x5c) ? x5c[0] : undefined;
  return named.every(([word, bytes]) => encodes(word, bytes)) && (x5c === undefined || encodes(leaf, certificate));
}

/** Clients write base64url and base64, with padding and without, and whole certificates in lines. */
function encodes(word: unknown, bytes: Buffer): boolean {
  const text = typeof word === 'string' ? word.replaceAll(/\s/g, '') : '';
  return /^[\w+/-]+={0,2}$/.test(text) && Buffer.from(text, 'base64').equals(bytes);
}

function invalid(code: number, text: string): Refusal {
  return { status: 401, error: 'invalid_client', code, text };
}
