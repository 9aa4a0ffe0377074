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

// "absurdly far": documented advice is five to ten minutes, older Python clients used thirty.
const longestLife = 24 * 3600;

/** Checks the assertion in the form; undefined when it is good. A repeated `jti` is: MSAL reuses its assertions. */
export function assertionFault(
  form: URLSearchParams,
  clientId: string,
  tokenEndpoint: string,
  state: State,
): Refusal | undefined {
  const jwt = readJwt(form.get('client_assertion') ?? '');
  if (form.get('client_assertion_type') !== jwtBearer || jwt === undefined) {
    return invalid(50027, 'JWT token is invalid or malformed.');
  }
  const { iss, sub, aud, exp, nbf } = jwt.claims;
  if (iss !== clientId || sub !== clientId) {
    return invalid(700021, `Client assertion application identifier doesn't match 'client_id' parameter.`);
  }
  if (aud !== tokenEndpoint && aud !== tokenEndpoint.replace('/oauth2/v2.0/', '/oauth2/')) {
    return invalid(700023, 'Client assertion audience claim does not match Realm issuer.');
  }
  const now = seconds(state.clock);
  const current = typeof exp === 'number' && exp > now - skew && exp < now + longestLife;
  if (!current || (typeof nbf === 'number' && nbf > now + skew)) {
    return invalid(
      700024,
      `Client assertion is not within its valid time range. Current time: ${now}, expiry: ${exp}.`,
    );
  }
  return signatureFault(jwt, state);
}

function signatureFault(jwt: Jwt, state: State): Refusal | undefined {
  const unknown = invalid(700027, 'Client assertion failed signature validation: the certificate is not registered.');
  const registered = state.config.clientCertificate;
  if (registered === undefined) return unknown;
  const certificate = new X509Certificate(registered.certPem);
  const [algorithm, thumbprint, hash] =
    jwt.header['x5t#S256'] === undefined
      ? (['RS256', jwt.header.x5t, 'sha1'] as const)
      : (['PS256', jwt.header['x5t#S256'], 'sha256'] as const);
  const expected = createHash(hash).update(certificate.raw).digest('base64url');
  if (thumbprint !== expected || leafDiffers(jwt.header.x5c, certificate)) return unknown;
  if (verifySignature(jwt, certificate.publicKey, algorithm)) return undefined;
  return invalid(700027, 'Client assertion failed signature validation: the signature does not match.');
}

/** `x5c` is optional; when it is there, its first certificate must be the one that the thumbprint names. */
function leafDiffers(chain: unknown, certificate: X509Certificate): boolean {
  if (chain === undefined) return false;
  return !Array.isArray(chain) || chain[0] !== certificate.raw.toString('base64');
}

function invalid(code: number, text: string): Refusal {
  return { status: 401, error: 'invalid_client', code, text };
}
