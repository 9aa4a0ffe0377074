// What came back, as far as it may be repeated: it may be anybody's answer.
import { redact } from '../../failures/redact.ts';
import { retryAfterMs } from '../../http/send.ts';
import { isGuid } from '../../selection/environment.ts';
import { asId } from '../secret/names.ts';
import type { ErrorFacts } from './read-error.ts';

/** `Malformed backup blob`, `invalid_client`; no system's code, nothing that could be a secret. */
const isCode = (text: unknown) =>
  typeof text === 'string' && text.length <= 60 && /^[A-Za-z]+([ _][a-z]+)*$/.test(text);

/**
 * ` The vault answered 403 Forbidden, ForbiddenByRbac (x-ms-request-id ...).`: the status, the service's codes and the ids
 * that support asks for, each only if it has its form. Empty where nothing came back, or nobody knows from whom.
 */
export function describeAnswer(facts: ErrorFacts, who: string | undefined): string {
  const { status, code, inner, words } = facts;
  const oauth = /^([a-z_]{1,40})(?:: Error\(s\): | Status code: )/.exec(words)?.[1];
  const own = oauth ?? (status === undefined ? undefined : code);
  const codes = [[status, isCode(own) && own].filter(Boolean).join(' '), isCode(inner) && inner].filter(Boolean);
  const ids = Object.entries({
    'x-ms-request-id': facts.header('x-ms-request-id'),
    'correlation id': /\bCorrelation ID: ([0-9a-f-]{36})/i.exec(words)?.[1],
    'trace id': /\bTrace ID: ([0-9a-f-]{36})/i.exec(words)?.[1],
  }).flatMap(([name, id]) => (id !== undefined && isGuid(id) ? `${name} ${id}` : []));
  if (who === undefined || codes.length + ids.length === 0) return '';
  const forSupport = ids.length > 0 ? ` (${ids.join(', ')})` : '';
  return ` ${who} answered ${codes.join(', ') || 'without a code'}${forSupport}.`;
}

/** The service's own words as the rest of a cause, for what no row knows; empty where there are none. */
export function quote({ said, secrets }: ErrorFacts, who = 'It'): string {
  const text = redact(said ?? '', { secrets });
  return text === '' ? '' : ` ${who} said: ${text}.`;
}

/**
 * The tenant of the vault, which its challenge names on refused tokens as well as on missing ones:
 * `Bearer authorization="https://login.microsoftonline.com/TENANT", resource="https://vault.azure.net"`.
 * https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses
 *
 * @param header - `www-authenticate`.
 */
export function tenantOfChallenge(header: string | undefined): string | undefined {
  return asId(/\bauthorization="https:\/\/[^/"]+\/([^/"]{1,100})/i.exec(header ?? '')?.[1]);
}

/** How long the service asked to be left alone, in ms, by the headers that its client reads. */
export function requestedPauseMs({ header }: ErrorFacts, now: number): number | undefined {
  const milliseconds = header('retry-after-ms') ?? header('x-ms-retry-after-ms');
  if (milliseconds !== undefined && /^\d{1,10}$/.test(milliseconds)) return Number(milliseconds);
  return retryAfterMs({ status: 429, headers: { 'retry-after': header('retry-after') }, body: '' }, now);
}
