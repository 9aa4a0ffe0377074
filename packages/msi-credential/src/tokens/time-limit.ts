import type { GetTokenOptions } from '@azure/core-auth';
import { misuse } from '../errors.ts';

const defaultTimeoutMs = 100_000;

/** A timer's longest time: a longer one would end at once. */
const longestTimeoutMs = 2 ** 31 - 1;

/** The Azure SDK hands on what its caller gave, unchecked. 0 and what is no time at all count as not given. */
export function timeLimitOf(call: GetTokenOptions, otherwise: number): number {
  const requested = call.requestOptions?.timeout ?? 0;
  return requested > 0 ? Math.min(requested, longestTimeoutMs) : otherwise;
}

/** The option, or its default; throws `ERR_TIMEOUT_INVALID`. */
export function checkedTimeout(timeoutMs: number | undefined): number {
  if (timeoutMs === undefined) return defaultTimeoutMs;
  if (!(timeoutMs > 0 && timeoutMs <= longestTimeoutMs)) {
    throw misuse(
      'ERR_TIMEOUT_INVALID',
      'The option timeoutMs is not a number of milliseconds above 0 and below 2 ** 31.',
    );
  }
  return timeoutMs;
}
