/** A time limit was reached; explained as any connection on which no answer came. */
export class OutOfTime extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * Does the work until the time is up or the caller's signal ends it, whether the work takes notice or not. The timer keeps
 * the process alive until then.
 */
export async function within<T>(
  timeoutMs: number,
  caller: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (reason: Error) => {
    reject(reason);
    over.abort(reason);
  };
  const onAbort = () => end(new DOMException('The operation was aborted.', 'AbortError'));
  const timer = setTimeout(() => end(new OutOfTime('no answer came in time')), timeoutMs);
  caller?.addEventListener('abort', onAbort);
  if (caller?.aborted) onAbort();
  try {
    return await Promise.race([ended, work(over.signal)]);
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener('abort', onAbort);
  }
}
