// One token per key, one flight per key and claims, refreshed while the token is still valid.
import type { AccessToken, GetTokenOptions } from '@azure/core-auth';
import { explain } from '../codes.ts';
import { credentialError } from '../errors.ts';
import { isNotUp } from '../http/starting.ts';
import type { Io } from '../io.ts';
import type { AcquiredToken, Attempt, CacheCounters, Flight } from '../types.ts';
import { createEntries, type Entries, type Entry } from './entries.ts';
import { accessTokenOf, afterFailure, afterToken, isUsable, isWithin, type Moment } from './token-state.ts';

/** The longest that one flight may take: Azure's metadata service asks to be retried for 70 s while it is updated. */
const flightLimitMs = 150_000;

const keptAttempts = 10;

/** A flight, and those who wait for it. It is live exactly as long as it is the one in its entry's map. */
interface SharedFlight extends Flight {
  /** Flights are numbered in the order of their starts. */
  readonly number: number;
  /** Those who wait for it, by the moment at which they give up. All that give up at the same moment share one timer. */
  readonly groups: Map<number, WaitingGroup>;
  /** Its last caller has left. */
  abandon(): void;
}

/** Callers that give up at the same moment. */
interface WaitingGroup {
  readonly deadline: number;
  readonly waiters: Set<Waiter>;
  readonly cancel: () => void;
}

interface Waiter extends Pick<PromiseWithResolvers<AccessToken>, 'resolve' | 'reject'> {
  readonly caller: Caller;
}

/** One caller: when it stops waiting. */
export interface Caller {
  readonly signal?: GetTokenOptions['abortSignal'];
  readonly timeoutMs: number;
  /** Where the token is requested from, for the message when the time is up. */
  readonly requestedFrom?: () => string;
}

/** Gets a new token that satisfies the claims, and reports each attempt. */
export type Acquire = (
  flight: Flight,
  claims: string | undefined,
  record: (attempt: Attempt) => void,
) => Promise<AcquiredToken>;

/** One token per key, one request per key in flight, refreshed while it is still valid. */
export interface TokenCache {
  /** The token that is there, else undefined. Starts the refresh that is due. */
  peek(key: string, acquire: Acquire): AccessToken | undefined;
  /** A token from the one flight that all callers with the same claims share; it replaces the one that is there. */
  renew(key: string, acquire: Acquire, caller: Caller, claims?: string): Promise<AccessToken>;
  /** What is kept for a key, to be looked at. */
  read(key: string): Pick<Readonly<Entry<unknown>>, 'state' | 'attempts'> | undefined;
  readonly counters: CacheCounters;
}

export function createTokenCache(io: Io): TokenCache {
  const entries = createEntries<SharedFlight>(io);
  const counters = { hits: 0, joined: 0, flights: 0, refreshes: 0, failures: 0 };
  const start = (entry: Entry<SharedFlight>, acquire: Acquire, background: boolean, claims: string) =>
    startFlight(entry, acquire, { io, entries, counters, background, claims });
  return {
    counters,
    read: entries.find,
    peek(key, acquire) {
      const entry = entries.find(key);
      const token = entry?.state.token;
      if (entry === undefined || token === undefined) return undefined;
      const now = io.now();
      if (!isWithin(entry.state.fresh, now)) {
        if (!isUsable(token, now)) return undefined;
        if (!entry.flights.has('')) start(entry, acquire, true, '');
      }
      counters.hits += 1;
      return token;
    },
    renew(key, acquire, caller, claims = '') {
      if (caller.signal?.aborted) return Promise.reject(abortReason(caller.signal));
      const entry = entries.find(key) ?? entries.add(key);
      const { refusal } = entry.state;
      if (refusal !== undefined && isWithin(refusal, io.now())) return Promise.reject(refusal.error);
      const flight = entry.flights.get(claims);
      if (flight !== undefined) counters.joined += 1;
      return wait(flight ?? start(entry, acquire, false, claims), caller);
    },
  };
}

/** How a flight starts. */
interface StartingFlight {
  readonly io: Io;
  readonly entries: Entries<SharedFlight>;
  readonly counters: { -readonly [Name in keyof CacheCounters]: number };
  readonly background: boolean;
  readonly claims: string;
}

function startFlight(entry: Entry<SharedFlight>, acquire: Acquire, starting: StartingFlight): SharedFlight {
  const { io, entries, counters, background, claims } = starting;
  const number = ++counters.flights;
  if (background) counters.refreshes += 1;
  const controller = new AbortController();
  const moment = (): Moment => ({ now: io.now(), random: io.random() });
  const isLive = () => entry.flights.get(claims) === flight;
  /** False if it ended before. */
  const end = () => {
    if (!isLive()) return false;
    entry.flights.delete(claims);
    entries.flightEnded(entry);
    return true;
  };
  const succeed = (acquired: AcquiredToken) => {
    end();
    const { now, random } = moment();
    const token = accessTokenOf(acquired, { now, random });
    entry.state = afterToken(entry.state, token, number, now);
    settle(flight, ({ resolve }) => resolve(token));
  };
  const fail = (error: unknown) => {
    if (end()) {
      controller.abort(error);
      counters.failures += 1;
      const refreshed = claims === '' && number > entry.state.broughtBy;
      entry.state = afterFailure(entry.state, error, refreshed, moment());
    }
    settle(flight, ({ reject }) => reject(error));
  };

  const flight: SharedFlight = {
    io,
    number,
    signal: controller.signal,
    background,
    lastStatus: undefined,
    lastFailure: undefined,
    hasNext: false,
    groups: new Map(),
    abandon() {
      if (end()) controller.abort(new DOMException('Nobody waits for this token any more.', 'AbortError'));
    },
  };
  entry.flights.set(claims, flight);
  withinLimit(acquire(flight, claims || undefined, recordIn(entry)), flight).then(succeed, fail);
  return flight;
}

function recordIn(entry: Entry<SharedFlight>) {
  return (attempt: Attempt) => {
    entry.attempts = [...entry.attempts, attempt].slice(-keptAttempts);
  };
}

function withinLimit<T>(promise: Promise<T>, flight: SharedFlight): Promise<T> {
  const { promise: overdue, reject } = Promise.withResolvers<never>();
  const cancel = flight.io.after(flightLimitMs, () => reject(outOfTime(flightLimitMs, flight)), false);
  return Promise.race([promise, overdue]).finally(cancel);
}

/**
 * Waits for a flight as one of its callers. Leaving it early, by abort or deadline, ends this caller's wait alone; the
 * flight ends when its last caller has left. The deadline's timer is what keeps the process alive while somebody waits.
 */
function wait(flight: SharedFlight, caller: Caller): Promise<AccessToken> {
  const { promise, resolve, reject } = Promise.withResolvers<AccessToken>();
  const group = groupOf(flight, caller);
  const waiter: Waiter = { resolve, reject, caller };
  group.waiters.add(waiter);
  const { signal } = caller;
  if (signal === undefined) return promise;
  const leave = (reason: unknown) => {
    reject(reason);
    group.waiters.delete(waiter);
    if (group.waiters.size === 0) remove(flight, group);
  };
  const onAbort = () => leave(abortReason(signal));
  try {
    signal.addEventListener('abort', onAbort);
  } catch (error) {
    // A signal that cannot be listened to must not leave its caller's timer behind.
    leave(error);
  }
  return promise.finally(() => signal.removeEventListener('abort', onAbort));
}

/** Those who give up at the same moment as this caller. */
function groupOf(flight: SharedFlight, { timeoutMs }: Caller): WaitingGroup {
  const { io, groups } = flight;
  const deadline = io.now() + timeoutMs;
  const existing = groups.get(deadline);
  if (existing !== undefined) return existing;
  const waiters = new Set<Waiter>();
  const onTimeout = () => {
    for (const { reject, caller } of waiters) reject(outOfTime(caller.timeoutMs, flight, caller.requestedFrom?.()));
    remove(flight, group);
  };
  const group: WaitingGroup = { deadline, waiters, cancel: io.after(timeoutMs, onTimeout, true) };
  groups.set(deadline, group);
  return group;
}

/** The flight ends with the last group, unless it is a refresh. */
function remove(flight: SharedFlight, { deadline, cancel }: WaitingGroup): void {
  cancel();
  flight.groups.delete(deadline);
  if (flight.groups.size === 0 && !flight.background) flight.abandon();
}

/** Tells all who wait how it ended. */
function settle({ groups }: SharedFlight, tell: (waiter: Waiter) => void): void {
  for (const { waiters, cancel } of groups.values()) {
    cancel();
    for (const waiter of waiters) tell(waiter);
  }
  groups.clear();
}

/** The Azure SDK's own `AbortError` has that name and no more; a signal's reason is kept where it is an error. */
function abortReason(signal: Caller['signal']): Error {
  const reason = signal instanceof AbortSignal ? (signal.reason as unknown) : undefined;
  return reason instanceof Error ? reason : new DOMException('The operation was aborted.', 'AbortError');
}

function outOfTime(timeoutMs: number, { lastStatus, lastFailure }: Flight, requestedFrom?: string): Error {
  // After any other status an exchange goes on or is over.
  const status = lastStatus !== undefined && isRetried(lastStatus) ? lastStatus : undefined;
  const isStarting = isNotUp(lastFailure);
  const from = requestedFrom === undefined ? '' : ` from ${requestedFrom}`;
  const last =
    status !== undefined
      ? `; the last answer was ${status}`
      : lastFailure === undefined
        ? ''
        : `; ${isStarting ? 'it is not up yet, ' : ''}the last try failed (${lastFailure})`;
  const fix = isStarting ? starting : status === undefined ? undefined : failing;
  return credentialError('ERR_TIMEOUT', `No token within ${timeoutMs} ms${from}${last}.`, {
    status,
    fix: status === 429 ? explain('ERR_THROTTLED', '').fix : fix,
  });
}

/** All that any protocol asks to try again. */
function isRetried(status: number): boolean {
  return status >= 500 || [404, 408, 410, 429].includes(status);
}

const starting = [
  { text: 'The service may still be starting. To wait longer, raise the option timeoutMs.' },
  { text: 'If it never starts, restart the app, or remove the setting that the address comes from.' },
];

const failing = [
  { text: 'The service answers, but fails. If that goes on, restart the host.' },
  { text: 'For Entra, see https://azure.status.microsoft. To wait longer, raise the option timeoutMs.' },
];
