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

/**
 * The signal, if there is one. A controller in place of its signal, or a look-alike, could never end the call.
 *
 * @throws TypeError - `ERR_OPTION_INVALID`.
 */
export function checkedSignal<Signal extends Pick<AbortSignal, 'addEventListener' | 'removeEventListener'>>(
  signal: Signal | null | undefined,
): Signal | undefined {
  if (signal === undefined || signal === null) return undefined;
  if (typeof signal.addEventListener === 'function' && typeof signal.removeEventListener === 'function') return signal;
  throw misuse(
    'ERR_OPTION_INVALID',
    'The option abortSignal is not an AbortSignal. That of a controller is controller.signal.',
  );
}
