import type { AccessToken, GetTokenOptions } from '@azure/core-auth';
import { credentialError, hintOf, isCredentialError } from '../errors.ts';
import type { Io } from '../io.ts';
import type { AcquiredToken, CacheCounters } from '../types.ts';

/** This close to its end a token counts as gone: clocks differ, and a request takes its time. */
const skewMs = 30_000;

/** The pause after the first failed background refresh, and the longest one; it doubles in between. */
const firstPauseMs = 2_000;
const longestPauseMs = 300_000;

/** What a service may ask for at most: a wrong Retry-After must not end a process's access for good. */
const longestRefusalMs = 3_600_000;

/** The longest that one flight may take: Azure's metadata service asks to be retried for 70 s while it is updated. */
const flightLimitMs = 150_000;

/** The one request that is under way for a key. */
interface Flight {
  /** Flights are numbered in the order of their starts. */
  readonly number: number;
  readonly promise: Promise<AccessToken>;
  readonly controller: AbortController;
  waiting: number;
  state: 'flying' | 'landed' | 'abandoned';
  /** Nobody waited when it began: it goes on without callers. */
  readonly background: boolean;
  /** The status of the last answer, if that was worth another try. */
  readonly heard: { status: number | undefined };
  remove(): void;
}

/** What is kept for one key. */
export interface Entry {
  readonly key: string;
  token: AccessToken | undefined;
  /** The flight that brought it. */
  broughtBy: number;
  /**
   * Between these times the token is returned without a thought; else a refresh is due. Before the first, the clock has
   * been set back, and nothing that was reckoned by it holds.
   */
  freshFrom: number;
  freshUntil: number;
  /** Under way, by the claims that are asked for; those without claims under the empty text. */
  readonly flights: Map<string, Flight>;
  /** Background refreshes that failed in a row. */
  failedRefreshes: number;
  /** The service asked not to be asked between these times. */
  refusal: { readonly error: Error; readonly from: number; readonly until: number } | undefined;
}

/** One caller: when it stops waiting. */
export interface Caller {
  readonly signal?: GetTokenOptions['abortSignal'];
  readonly timeoutMs: number;
  /** Who is being asked, for the message when the time is up. */
  readonly asked?: () => string;
}

/**
 * Gets a new token; `background` tells that nobody waits, `claims` what the token must satisfy besides; `hear` is told
 * the status of an answer that is worth another try, for the message when the time is up.
 */
export type Acquire = (
  signal: AbortSignal,
  background: boolean,
  claims: string | undefined,
  hear: (status: number | undefined) => void,
) => Promise<AcquiredToken>;

/** One token per key, one request per key in flight, refreshed while it is still valid. */
export interface TokenCache {
  entry(key: string): Entry;
  /** The token that is there, else undefined. Starts the refresh that is due. */
  peek(entry: Entry, acquire: Acquire): AccessToken | undefined;
  /** A token from the one flight that all callers with the same claims share; it replaces the one that is there. */
  renew(entry: Entry, acquire: Acquire, caller: Caller, claims?: string): Promise<AccessToken>;
  readonly counters: CacheCounters;
}

export function createTokenCache(io: Pick<Io, 'now' | 'random' | 'after'>): TokenCache {
  const entries = new Map<string, Entry>();
  const counters = { hits: 0, joined: 0, flights: 0, refreshes: 0, failures: 0 };

  function entry(key: string): Entry {
    let found = entries.get(key);
    if (found === undefined) {
      found = {
        key,
        token: undefined,
        broughtBy: 0,
        freshFrom: 0,
        freshUntil: 0,
        flights: new Map(),
        failedRefreshes: 0,
        refusal: undefined,
      };
      entries.set(key, found);
    }
    return found;
  }

  function peek(it: Entry, acquire: Acquire): AccessToken | undefined {
    const { token } = it;
    if (token === undefined) return undefined;
    const now = io.now();
    if (now >= it.freshUntil || now < it.freshFrom) {
      if (now >= token.expiresOnTimestamp - skewMs) return undefined;
      if (!it.flights.has('')) start(it, acquire, true, '');
    }
    counters.hits += 1;
    return token;
  }

  async function renew(it: Entry, acquire: Acquire, caller: Caller, claims = ''): Promise<AccessToken> {
    if (caller.signal?.aborted) throw abortReason(caller.signal);
    const now = io.now();
    if (it.refusal !== undefined && now >= it.refusal.from && now < it.refusal.until) throw it.refusal.error;
    const flight = it.flights.get(claims);
    if (flight !== undefined) counters.joined += 1;
    return wait(io, flight ?? start(it, acquire, false, claims), caller);
  }

  function start(it: Entry, acquire: Acquire, background: boolean, claims: string): Flight {
    const controller = new AbortController();
    const number = ++counters.flights;
    if (background) counters.refreshes += 1;
    const { promise: overdue, reject } = Promise.withResolvers<never>();
    const heard: Flight['heard'] = { status: undefined };
    const hear = (status: number | undefined) => {
      heard.status = status;
    };
    const cancel = io.after(flightLimitMs, () => reject(outOfTime(flightLimitMs, heard)), false);
    const remove = () => it.flights.get(claims) === flight && it.flights.delete(claims);
    const promise = Promise.race([acquire(controller.signal, background, claims || undefined, hear), overdue]).then(
      (acquired) => {
        remove();
        flight.state = 'landed';
        return land(it, flight, acquired);
      },
      (error: unknown) => {
        remove();
        throw crash(it, flight, claims, error);
      },
    );
    const flight: Flight = {
      number,
      promise,
      controller,
      waiting: 0,
      state: 'flying',
      heard,
      background,
      remove,
    };
    // A refresh that nobody waits for must not become an unhandled rejection.
    promise.catch(() => {}).finally(cancel);
    it.flights.set(claims, flight);
    return flight;
  }

  function land(it: Entry, flight: Flight, acquired: AcquiredToken): AccessToken {
    const now = io.now();
    const refreshAfterTimestamp = refreshTime(acquired, now, io.random());
    const token = Object.freeze({
      token: acquired.token,
      expiresOnTimestamp: acquired.expiresOn,
      refreshAfterTimestamp,
      tokenType: 'Bearer' as const,
    });
    // One that started later has been there before: with claims, or when this one had been given up.
    if (flight.number < it.broughtBy) return token;
    it.token = token;
    it.broughtBy = flight.number;
    it.freshFrom = now;
    it.freshUntil = Math.min(refreshAfterTimestamp, acquired.expiresOn - skewMs);
    it.failedRefreshes = 0;
    it.refusal = undefined;
    return token;
  }

  function crash(it: Entry, flight: Flight, claims: string, error: unknown): unknown {
    const now = io.now();
    if (flight.state === 'abandoned') return error;
    flight.state = 'landed';
    flight.controller.abort(error);
    counters.failures += 1;
    const told = isCredentialError(error) ? error.retryAfterMs : undefined;
    const asked = Math.min(told ?? 0, longestRefusalMs);
    if (asked > 0) it.refusal = { error: error as Error, from: now, until: now + asked };
    if (it.token !== undefined && claims === '' && flight.number > it.broughtBy) {
      it.failedRefreshes += 1;
      const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** (it.failedRefreshes - 1)) * (0.75 + io.random() / 2);
      it.freshFrom = now;
      it.freshUntil = Math.min(now + Math.max(pause, asked), it.token.expiresOnTimestamp - skewMs);
    }
    return error;
  }

  return { entry, peek, renew, counters };
}

/**
 * Waits for a flight as one of its callers. Leaving it early, by abort or deadline, ends this caller's wait alone; the
 * flight ends when its last caller has left. The deadline's timer is what keeps the process alive while somebody waits.
 */
function wait(io: Pick<Io, 'after'>, flight: Flight, { signal, timeoutMs, asked }: Caller): Promise<AccessToken> {
  flight.waiting += 1;
  const { promise: left, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(abortReason(signal));
  const cancel = io.after(timeoutMs, () => reject(outOfTime(timeoutMs, flight.heard, asked?.())), true);
  signal?.addEventListener('abort', onAbort);
  return Promise.race([flight.promise, left]).finally(() => {
    cancel();
    signal?.removeEventListener('abort', onAbort);
    flight.waiting -= 1;
    if (flight.waiting === 0 && !flight.background && flight.state === 'flying') abandon(flight);
  });
}

/** Its last caller has left: how it ends is of no interest. */
function abandon(flight: Flight): void {
  flight.remove();
  flight.state = 'abandoned';
  flight.controller.abort(new DOMException('Nobody waits for this token any more.', 'AbortError'));
}

/** The Azure SDK's own `AbortError` has that name and no more; a signal's reason is kept where it is an error. */
function abortReason(signal: Caller['signal']): Error {
  const reason = signal instanceof AbortSignal ? (signal.reason as unknown) : undefined;
  return reason instanceof Error ? reason : new DOMException('The operation was aborted.', 'AbortError');
}

function outOfTime(timeoutMs: number, { status }: Flight['heard'], asked?: string): Error {
  const who = asked === undefined ? '' : ` from ${asked}`;
  const last = status === undefined ? '' : `; the last answer was ${status}`;
  const hint = status === undefined ? undefined : status === 429 ? hintOf('ERR_THROTTLED') : failing;
  return credentialError('ERR_TIMEOUT', `No token within ${timeoutMs} ms${who}${last}.`, { status, hint });
}

const failing =
  'It answers, and fails: if that goes on, restart the host, or for Entra look at https://azure.status.microsoft; the limit is the option timeoutMs.';

/**
 * When a token should be renewed: when the service says so, else at half of a life of over two hours, else five minutes
 * before the end (or half-way, for one even shorter). Up to a fifth of the way is taken off by chance, so that processes
 * that started together do not come back together.
 */
export function refreshTime({ expiresOn, refreshOn }: AcquiredToken, now: number, random: number): number {
  const life = expiresOn - now;
  const told = refreshOn !== undefined && refreshOn > now && refreshOn < expiresOn ? refreshOn - now : undefined;
  const due = told ?? (life > 7_200_000 ? life / 2 : Math.max(life / 2, life - 300_000));
  return Math.floor(now + due * (1 - random / 5));
}
