import type { Io } from '../io.ts';

/**
 * The pause before another try, in ms: never shorter than the service asks or the protocol wants, and up to twice as long
 * by chance. Processes that were refused together would come back together otherwise, and most be refused again.
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export function pauseFor(requestedMs: number | undefined, ownMs: number, random: number): number {
  return Math.max(requestedMs ?? 0, ownMs) * (1 + random);
}

/** Waits until the time is over or the signal ends it; only on demand it keeps the process alive. */
export function sleep(io: Pick<Io, 'after'>, ms: number, signal: AbortSignal, keepsAlive: boolean): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const cancel = io.after(ms, resolve, keepsAlive);
  return promise.finally(() => {
    cancel();
    signal.removeEventListener('abort', onAbort);
  });
}
