// When a failed read is worth another try. The client's own retries are off: it leaves out a 429 that names no pause, and
// waits for any pause that one names, however short the time is.
import { pauseFor, sleep } from '../../http/pause.ts';
import type { Io } from '../../io.ts';
import { requestedPauseMs } from '../explain/answer.ts';
import { type ErrorFacts, readError } from '../explain/read-error.ts';

/** What came of all tries; `why` says why there was no further one, as a sentence, where one might have helped. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown; readonly why: string };

/** How long all tries together may take. */
interface Patience {
  readonly io: Pick<Io, 'after' | 'now' | 'random'>;
  readonly limitMs: number;
  /** When they are over, in ms since 1970. */
  readonly endsAt: number;
  readonly signal: AbortSignal;
}

/**
 * The least pauses before further tries, in ms. After throttling: what the service recommends
 * (https://learn.microsoft.com/azure/key-vault/general/overview-throttling). After a failure: what its client does. After a
 * token whose key the vault did not find (AKV10046): most of them it takes a second later.
 */
const leastPausesMs = {
  throttled: [1000, 2000, 4000, 8000, 16_000],
  failed: [1000, 2000, 4000],
  unknownKey: [1000],
} as const;

type Kind = keyof typeof leastPausesMs;

/** Tries until there is a value, or until another try cannot help or does not fit into the time limit. */
export async function tryPatiently<T>(
  { io, limitMs, endsAt, signal }: Patience,
  attempt: () => Promise<T>,
): Promise<Outcome<T>> {
  const { throttled, failed, unknownKey } = leastPausesMs;
  const left: Record<Kind, number[]> = {
    throttled: [...throttled],
    failed: [...failed],
    unknownKey: [...unknownKey],
  };
  for (let tries = 1; ; tries += 1) {
    try {
      return { value: await attempt() };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const facts = readError(error);
      const requestedMs = requestedPauseMs(facts, io.now());
      const kind = kindOfFailure(facts, requestedMs);
      const ownMs = kind && left[kind].shift();
      if (ownMs === undefined) return { error, why: tries === 1 ? '' : `${tries} tries gave no better answer.` };
      const leastMs = Math.max(requestedMs ?? 0, ownMs);
      const timeLeft = endsAt - io.now();
      if (leastMs >= timeLeft) return { error, why: tooLong(leastMs, limitMs) };
      const wantedMs = pauseFor(requestedMs, ownMs, io.random());
      await sleep(io, wantedMs < timeLeft ? wantedMs : leastMs, signal, true);
    }
  }
}

function tooLong(pauseMs: number, limitMs: number): string {
  return `The next pause of ${Math.ceil(pauseMs / 1000)} s does not fit into the time limit of ${limitMs} ms, so there was no further try.`;
}

/** Statuses and codes as in @typespec/ts-http-runtime 0.3.10, which the client retries with. */
function kindOfFailure({ name, status, code, words }: ErrorFacts, requestedMs: number | undefined): Kind | undefined {
  if (status === 429 || (status === 503 && requestedMs !== undefined)) return 'throttled';
  if (status === 401 && /\bAKV10046\b/.test(words)) return 'unknownKey';
  if (status !== undefined)
    return status === 408 || (status >= 500 && ![501, 505].includes(status)) ? 'failed' : undefined;
  return name === 'RestError' && /^(E(SOCKET)?TIMEDOUT|ECONNREFUSED|ECONNRESET|ENOENT|ENOTFOUND)$/.test(code ?? '')
    ? 'failed'
    : undefined;
}
