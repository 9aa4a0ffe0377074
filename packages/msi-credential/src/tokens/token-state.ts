// What is kept for one key, and how a token or a failure changes it. Pure: time and chance come in as arguments.
import type { AccessToken } from '@azure/core-auth';
import { isCredentialError } from '../errors.ts';
import { pauseFor } from '../http/pause.ts';
import type { AcquiredToken } from '../types.ts';
import { decodeClaims, textField } from './read-token.ts';

/** This close to its end a token counts as gone: clocks differ, and a request takes its time. */
const skewMs = 30_000;

/** The least pause after the first failed background refresh, and after many; it doubles in between. */
const firstPauseMs = 2_000;
const longestPauseMs = 300_000;

/** The most that a service may ask for: a wrong Retry-After must not end a process's access for good. */
const longestRefusalMs = 3_600_000;

/** From the first moment until just before the second, in milliseconds since 1970. A clock that goes back leaves it. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** What is kept for one key. */
export interface TokenState {
  readonly token: AccessToken | undefined;
  /** The number of the flight that brought the token. */
  readonly broughtBy: number;
  /** While it lasts, the token is returned without a thought. After it, or if the clock went back, a refresh is due. */
  readonly fresh: Span;
  /** Background refreshes that failed in a row. */
  readonly failedRefreshes: number;
  /** The object id of earlier tokens, where the last change of token changed it. */
  readonly formerly: string | undefined;
  /** The service asked not to be asked again for that long, with this error. */
  readonly refusal: (Span & { readonly error: Error }) | undefined;
}

/** Where and when something happened; `random` is at least 0 and below 1. */
export interface Moment {
  readonly now: number;
  readonly random: number;
}

export const emptyState: TokenState = {
  token: undefined,
  broughtBy: 0,
  fresh: { from: 0, until: 0 },
  failedRefreshes: 0,
  formerly: undefined,
  refusal: undefined,
};

export function isWithin({ from, until }: Span, now: number): boolean {
  return now >= from && now < until;
}

/** Whether a caller may still get the token, even if a refresh is due. */
export function isUsable(token: AccessToken, now: number): boolean {
  return now < token.expiresOnTimestamp - skewMs;
}

/** The token in the form that clients of the Azure SDK expect. */
export function accessTokenOf(acquired: AcquiredToken, { now, random }: Moment): AccessToken {
  return Object.freeze({
    token: acquired.token,
    expiresOnTimestamp: acquired.expiresOn,
    refreshAfterTimestamp: refreshTime(acquired, now, random),
    tokenType: 'Bearer' as const,
  });
}

/** The state after flight number `broughtBy` brought a token; unchanged if a later flight was faster. */
export function afterToken(state: TokenState, token: AccessToken, broughtBy: number, now: number): TokenState {
  if (broughtBy < state.broughtBy) return state;
  const until = Math.min(token.refreshAfterTimestamp ?? 0, token.expiresOnTimestamp - skewMs);
  const formerly = formerOwner(state, token);
  return { token, broughtBy, fresh: { from: now, until }, failedRefreshes: 0, formerly, refusal: undefined };
}

/** Remembered until the identity changes again, or back. */
function formerOwner({ token: earlier, formerly }: TokenState, { token }: AccessToken): string | undefined {
  const [before, now] = [earlier?.token, token].map((each) => each && textField(decodeClaims(each), 'oid'));
  if (before === undefined || now === undefined || before === now) return formerly;
  return now === formerly ? undefined : before;
}

/** The state after a failure; `refreshed` tells whether it was to replace the token that is there. */
export function afterFailure(
  state: TokenState,
  error: unknown,
  refreshed: boolean,
  { now, random }: Moment,
): TokenState {
  const requestedMs = Math.min((isCredentialError(error) ? error.retryAfterMs : undefined) ?? 0, longestRefusalMs);
  const refusal =
    requestedMs > 0
      ? { error: error as Error, from: now, until: now + pauseFor(requestedMs, 0, random) }
      : state.refusal;
  if (state.token === undefined || !refreshed) return { ...state, refusal };
  const ownMs = Math.min(longestPauseMs, firstPauseMs * 2 ** state.failedRefreshes);
  const until = Math.min(now + pauseFor(requestedMs, ownMs, random), state.token.expiresOnTimestamp - skewMs);
  return { ...state, refusal, failedRefreshes: state.failedRefreshes + 1, fresh: { from: now, until } };
}

/**
 * When a token should be renewed: when the service says so, else at half of a life of over two hours, else five minutes
 * before the end (or half-way, for one even shorter). Up to a fifth of the way is taken off by chance, so that processes
 * that started together do not come back together.
 */
export function refreshTime({ expiresOn, refreshOn }: AcquiredToken, now: number, random: number): number {
  const life = expiresOn - now;
  const stated = refreshOn !== undefined && refreshOn > now && refreshOn < expiresOn ? refreshOn - now : undefined;
  const due = stated ?? (life > 7_200_000 ? life / 2 : Math.max(life / 2, life - 300_000));
  return Math.floor(now + due * (1 - random / 5));
}
