import type { Diagnostics } from 'msi-credential';
import { explainFailure } from './failure.ts';

/** What a probe learns: whether there is a token, and if not, why. */
export type Health =
  | { readonly status: 'ok'; readonly source: string | undefined; readonly tokenExpiresOn: string | undefined }
  | { readonly status: 'failing'; readonly code: string; readonly message: string };

/** Probes give up after some seconds themselves; an answer in time tells more. */
const patienceMs = 5_000;

/**
 * Asks for a token at most once, not at all while one is valid; never for the secret.
 *
 * @param check - Gets a token or keeps the one that is there.
 * @param limitMs - How long to wait for it. The request itself goes on, and the next probe meets its outcome.
 */
export async function healthOf(
  check: (signal: AbortSignal) => Promise<Diagnostics>,
  limitMs = patienceMs,
): Promise<Health> {
  const signal = AbortSignal.timeout(limitMs);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  try {
    // Raced, so that not even a check that ignores its signal keeps the probe waiting.
    const { selected, token } = await Promise.race([check(signal), late]);
    return { status: 'ok', source: selected?.source, tokenExpiresOn: token?.expiresOn };
  } catch (error) {
    if (signal.aborted) return { status: 'failing', code: 'TIMEOUT', message: `No token within ${limitMs / 1000} s.` };
    const { code, cause } = explainFailure(error);
    return { status: 'failing', code, message: cause };
  }
}
