import type { Fix } from '../../codes.ts';
import { asError, credentialError } from '../../errors.ts';
import { showEndpoint } from '../../http/endpoint.ts';
import { send } from '../../http/send.ts';
import type { Turns } from '../../http/turns.ts';
import type { HttpReply } from '../../io.ts';
import type { Flight, SourceName } from '../../types.ts';

/** A service that nothing announces. */
export interface PossibleService {
  /** As the beginning of a sentence. */
  readonly title: string;
  readonly url: URL;
  readonly turns: Turns;
  /** Whether the machine speaks for it, so that one lost question is not enough. */
  readonly isLikely: boolean;
  isService(reply: HttpReply): boolean;
  /** What to do where it is absent; default: the code's own advice. */
  readonly fix?: readonly Fix[];
}

const probeMs = 1_000;
const againMs = 500;

/**
 * Finds out soon whether the service is there at all: from then on its failures are its own, and no other candidate takes its
 * place.
 *
 * @throws CredentialUnavailableError - `ERR_PROBE_FAILED`; or the signal's reason.
 */
export async function confirmPresence(service: PossibleService, source: SourceName, flight: Flight): Promise<void> {
  const { title, url, turns, isLikely, fix } = service;
  const policy = { retries: [], networkPausesMs: isLikely ? [againMs] : [], tryTimeoutMs: probeMs, turns };
  const outcome = await send({ method: 'GET', url, headers: {} }, policy, flight).catch(asError);
  const { signal } = flight;
  if (signal.aborted) throw signal.reason;
  const address = showEndpoint(url);
  if (outcome instanceof Error) {
    const cause = asError(outcome.cause ?? outcome);
    const reason = (cause as NodeJS.ErrnoException).code ?? cause.message;
    throw credentialError('ERR_PROBE_FAILED', `${title} did not answer at ${address} (${reason}).`, {
      source,
      cause,
      fix,
    });
  }
  if (service.isService(outcome)) return;
  const cause = `${address} answered ${outcome.status}, but not as ${title} would.`;
  throw credentialError('ERR_PROBE_FAILED', cause, { source, fix });
}
