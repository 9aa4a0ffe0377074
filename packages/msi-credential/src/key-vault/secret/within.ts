import type { Io } from '../../io.ts';

/** A time limit was reached; explained as any connection on which no answer came. */
export class OutOfTime extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * Does the work until the time is up or the caller's signal ends it, whether the work takes notice or not. The timer keeps
 * the process alive until then.
 */
export async function within<T>(
  io: Pick<Io, 'after'>,
  timeoutMs: number,
  caller: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const onAbort = () => over.abort(new DOMException('The operation was aborted.', 'AbortError'));
  // Before the timer: a signal that is none throws here, and must leave nothing behind.
  caller?.addEventListener('abort', onAbort);
  if (caller?.aborted) onAbort();
  const cancel = io.after(timeoutMs, () => over.abort(new OutOfTime('no answer came in time')), true);
  try {
    return await until(over.signal, () => work(over.signal));
  } finally {
    cancel();
    caller?.removeEventListener('abort', onAbort);
  }
}

/**
 * Does the work until the signal ends it, whether the work takes notice or not.
 *
 * @throws what the work throws, or the signal's reason.
 */
export async function until<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([ended, work()]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
