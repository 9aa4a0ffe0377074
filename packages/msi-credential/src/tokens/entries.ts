// What the token cache keeps for each key, and for how long.
import type { Io } from '../io.ts';
import type { Attempt } from '../types.ts';
import { emptyState, isUsable, isWithin, type TokenState } from './token-state.ts';

/** Tokens in one process; of more, the oldest go. A token with its entry takes about 3 kB. */
const mostEntries = 10_000;

/** How often expired entries are removed, and how long the attempts of one without a token are kept. */
const keptMs = 600_000;

/** What is kept for one key. */
export interface Entry<Flight> {
  readonly key: string;
  state: TokenState;
  /** The last attempts to get its token, oldest first. */
  attempts: readonly Attempt[];
  /** When the last of its flights ended, in milliseconds since 1970. */
  endedAt: number;
  /** Under way, by the claims that are asked for; those without claims under the empty text. */
  readonly flights: Map<string, Flight>;
}

/** The entries, in the order in which their last flights ended. */
export interface Entries<Flight> {
  find(key: string): Entry<Flight> | undefined;
  add(key: string): Entry<Flight>;
  /** A flight of this entry has ended. */
  flightEnded(entry: Entry<Flight>): void;
}

/** Nothing is kept for ever. A new entry makes room: expired ones go, and the oldest if there are too many. */
export function createEntries<Flight>(io: Pick<Io, 'now'>): Entries<Flight> {
  const entries = new Map<string, Entry<Flight>>();
  let tidied = { from: 0, until: 0 };
  const tidy = (now: number) => {
    if (isWithin(tidied, now)) return;
    tidied = { from: now, until: now + keptMs };
    for (const [key, entry] of entries) if (isOver(entry, now)) entries.delete(key);
  };
  const dropOldest = () => {
    for (const [key, { flights }] of entries) if (flights.size === 0) return entries.delete(key);
    return false;
  };
  return {
    find: (key) => entries.get(key),
    add(key) {
      const now = io.now();
      tidy(now);
      if (entries.size >= mostEntries) dropOldest();
      const entry = { key, state: emptyState, attempts: [], endedAt: now, flights: new Map<string, Flight>() };
      entries.set(key, entry);
      return entry;
    },
    flightEnded(entry) {
      entry.endedAt = io.now();
      entries.delete(entry.key);
      entries.set(entry.key, entry);
      tidy(entry.endedAt);
    },
  };
}

function isOver({ state: { token, refusal }, flights, endedAt }: Entry<unknown>, now: number): boolean {
  const isInUse = flights.size > 0 || (token !== undefined && isUsable(token, now));
  const isRecent = isWithin({ from: endedAt, until: endedAt + keptMs }, now);
  return !isInUse && !isRecent && (refusal === undefined || !isWithin(refusal, now));
}
