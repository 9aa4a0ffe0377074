/**
 * The pause before another try, in ms: never shorter than the service asks or the protocol wants, and up to twice as long
 * by chance. Processes that were refused together would come back together otherwise, and most be refused again.
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export function pauseFor(requestedMs: number | undefined, ownMs: number, random: number): number {
  return Math.max(requestedMs ?? 0, ownMs) * (1 + random);
}
