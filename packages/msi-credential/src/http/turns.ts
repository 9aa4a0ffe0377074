// Requests to one endpoint take turns: a process that needs a thousand tokens at once must not ask for them all at once.
import { sharedByCopies } from '../across-copies.ts';
import type { Io } from '../io.ts';

/** How many requests an endpoint takes from one process. */
export interface Turns {
  readonly atOnce: number;
  /** Kept while others wait: a turn then lasts so long that no more can begin in a second. */
  readonly perSecond: number;
}

/** For endpoints that document no limit: far more than a program needs, and far fewer than it has file handles. */
export const manyTurns: Turns = { atOnce: 50, perSecond: Number.POSITIVE_INFINITY };

/** Those under way, and those who wait for their turn, the first one first. */
interface Gate {
  underWay: number;
  readonly queue: Set<() => void>;
}

/** By origin, and only while there is something under way. */
const gates = sharedByCopies('turns', () => new WeakMap<Io, Map<string, Gate>>());

/**
 * Does the work when it is its turn.
 *
 * @throws what the work throws, or the signal's reason if it aborts before.
 */
export async function inTurn<T>(
  { io, signal }: { readonly io: Io; readonly signal: AbortSignal },
  { origin }: URL,
  turns: Turns,
  work: () => Promise<T>,
): Promise<T> {
  const ofIo = gates.get(io) ?? new Map<string, Gate>();
  gates.set(io, ofIo);
  const gate = ofIo.get(origin) ?? { underWay: 0, queue: new Set() };
  ofIo.set(origin, gate);
  if (gate.underWay >= turns.atOnce) await turnAt(gate, signal);
  else gate.underWay += 1;

  const begun = io.now();
  const pass = () => {
    const [next] = gate.queue;
    if (next !== undefined) return next();
    gate.underWay -= 1;
    if (gate.underWay === 0) ofIo.delete(origin);
  };
  try {
    return await work();
  } finally {
    const leastMs = (1_000 * turns.atOnce) / turns.perSecond;
    const restMs = Math.min(leastMs, leastMs - (io.now() - begun));
    if (gate.queue.size > 0 && restMs > 0) io.after(restMs, pass, false);
    else pass();
  }
}

function turnAt({ queue }: Gate, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => {
    queue.delete(turn);
    reject(signal.reason);
  };
  const turn = () => {
    queue.delete(turn);
    signal.removeEventListener('abort', onAbort);
    resolve();
  };
  queue.add(turn);
  signal.addEventListener('abort', onAbort, { once: true });
  return promise;
}
