// Federated assertions: a token of an issuer that the application trusts stands in for a secret.
// https://learn.microsoft.com/entra/workload-id/workload-identity-federation

import { seconds } from '../../state/clock.ts';
import { type Federation, federations } from '../../state/federations.ts';
import { readJwt } from '../../tokens/tokens.ts';
import type { State } from '../../types.ts';
import type { Refusal } from './refusals.ts';

type Claims = Readonly<Record<string, unknown>>;

// Entra's own allowance is not documented; five minutes is usual.
const skew = 300;

/** Whether the assertion is somebody else's token: the application's own names the application as its issuer. */
export function isFederated(claims: Claims): boolean {
  return typeof claims.iss === 'string' && claims.iss.startsWith('https://');
}

/** Checks such an assertion; undefined when it is good. Issuer, audience and subject are compared letter by letter. */
export function federatedFault(assertion: string, clientId: string, state: State): Refusal | undefined {
  const trusted = federations(state.world).filter((one) => one.clientId === clientId.toLowerCase());
  const jwt = readJwt(assertion);
  const claims = jwt?.claims ?? {};
  const known = trusted.filter(({ issuer }) => issuer === claims.iss);
  const [first] = known;
  if (first === undefined) return noMatch(claims, trusted.length === 0 ? 70021 : 700211, 'issuer', claims.iss);
  if (!jwt || !state.issuers[first.signedBy].verifies(jwt)) {
    return invalid(700027, `Client assertion failed signature validation. The issuer is '${first.issuer}'.`);
  }
  return timeFault(claims, seconds(state.clock)) ?? matchFault(claims, known);
}

function timeFault({ nbf, exp }: Claims, now: number): Refusal | undefined {
  const current = typeof exp === 'number' && exp > now - skew && !(typeof nbf === 'number' && nbf > now + skew);
  if (current) return undefined;
  const text = `Client assertion is not within its valid time range. Current time: ${now}, assertion valid from ${nbf}, expiry time of assertion ${exp}.`;
  return invalid(700024, text);
}

function matchFault(claims: Claims, known: readonly Federation[]): Refusal | undefined {
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  const sameAudience = known.filter(({ audience }) => audiences.includes(audience));
  if (sameAudience.length === 0) return noMatch(claims, 700212, 'audience', audiences.join(' '));
  const subjects = sameAudience.map(({ subject }) => subject);
  if (subjects.some((subject) => subject === claims.sub)) return undefined;
  const lower = String(claims.sub).toLowerCase();
  const code = subjects.some((subject) => subject.toLowerCase() === lower) ? 7002138 : 700213;
  return noMatch(claims, code, 'subject', claims.sub);
}

function noMatch(claims: Claims, code: number, what: string, presented: unknown): Refusal {
  const details = `Assertion Issuer: '${claims.iss}'. Assertion Subject: '${claims.sub}'. Assertion Audience: '${claims.aud}'.`;
  const which = code === 70021 ? '' : ` ${what} '${presented}'`;
  const how = code === 7002138 ? ' The presented subject differs from the configured one in case only.' : '';
  const text = `No matching federated identity record found for presented assertion${which}.${how} ${details} https://learn.microsoft.com/entra/workload-id/workload-identity-federation`;
  return invalid(code, text);
}

function invalid(code: number, text: string): Refusal {
  return { status: 401, error: 'invalid_client', code, text };
}
