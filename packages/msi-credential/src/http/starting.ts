// Services that start after the program that needs them.
import { ExchangeError } from '../io.ts';
import { pauseFor } from './pause.ts';

/**
 * A program may be up seconds before what its platform runs beside it (microsoft/azure-container-apps#864). Growing pauses, each
 * up to twice as long by chance, and for all of them together 16 s and up to a fifth more.
 */
export function* pausesWhileStarting(random: () => number): Generator<number, undefined> {
  let left = 16_000 * (1 + random() / 5);
  for (let own = 200; left > 0; own *= 2) {
    const pause = Math.min(left, pauseFor(0, own, random()));
    left -= pause;
    yield pause;
  }
}

/** The system's code, or what we ended the exchange for. */
export function failureOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? (error instanceof ExchangeError ? error.message : error.name);
}

/** Whether a try failed as it does while a service is starting: nobody listens yet, or who listens hangs up. */
export function isNotUp(failure: string | undefined): boolean {
  return failure !== undefined && /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE)$/.test(failure);
}
