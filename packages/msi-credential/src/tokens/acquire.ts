// From what is selected to a token: asks the source, or the candidates in their order, and remembers each attempt.
import type { Telemetry } from '../diagnosis/telemetry.ts';
import { type CredentialError, credentialError, errorOf, isCredentialError } from '../errors.ts';
import { showEndpoint } from '../http/endpoint.ts';
import { nearMisses } from '../selection/nothing-found.ts';
import { type Candidate, isHostIdentity, leftOut, type Selection, titleOf } from '../selection/select.ts';
import type { AcquiredToken, Attempt, Flight, ManagedIdentity, TokenRequest } from '../types.ts';
import { resourceOf, scopeOf } from './scope.ts';

/** What one call asks for. */
export interface Wanted {
  readonly scope: string;
  readonly tenantId?: string | undefined;
  readonly enableCae?: boolean | undefined;
}

/** What the process remembers besides its tokens. */
export interface Memory {
  /** Numbers that stand for offers in cache keys, so that no secret is part of a key. */
  readonly ordinals: Map<string, number>;
  /** The candidate that gave a token first, by owner; it is kept for the life of the process. */
  readonly winners: Map<string, Candidate>;
  /** The last attempts of each cache key, oldest first. */
  readonly attempts: Map<string, readonly Attempt[]>;
}

const keptAttempts = 10;

/**
 * Who can be asked.
 *
 * @throws the problem that the selection found instead.
 */
export function candidatesOf({ choice }: Selection): readonly Candidate[] {
  if (choice.kind === 'chosen') return [choice.candidate];
  if (choice.kind === 'candidates') return choice.candidates;
  throw errorOf(choice.problem, choice.source);
}

/** A host's identity lives in one tenant and is not revoked by claims: a client's hints of them must not split its cache. */
export function withoutTenant(wanted: Wanted, candidates: readonly Candidate[]): Wanted {
  return candidates.every(isHostIdentity) ? { scope: wanted.scope } : wanted;
}

/** Where the token is requested from, for people. */
export function describeEndpoints(candidates: readonly Candidate[]): string {
  const described = candidates.map((candidate) => {
    const addresses = candidate.offer.endpoints.map((url) => showEndpoint(url).replace(/\/$/, ''));
    const shown = [...new Set(addresses)].join(' and ');
    return shown === '' ? titleOf(candidate) : `${titleOf(candidate)} at ${shown}`;
  });
  return described.join(', ');
}

/** One name for the same offers and identity, whichever credential object has them. */
export function ownerKey(memory: Memory, candidates: readonly Candidate[], identity: ManagedIdentity): string {
  const everything = JSON.stringify([candidates.map(({ source, offer }) => [source.name, offer.key]), identity]);
  const ordinal = memory.ordinals.get(everything) ?? memory.ordinals.size + 1;
  memory.ordinals.set(everything, ordinal);
  return `${candidates.map(({ source }) => source.name).join('+')} #${ordinal}`;
}

/** The key of a token: whose, for what resource, in which tenant. */
export function cacheKey(owner: string, { tenantId = '', enableCae, scope }: Wanted): string {
  return `${owner} ${resourceOf(scope)} ${tenantId} ${enableCae ? 'cae' : ''}`.trimEnd();
}

/** One acquisition: the candidates, what is requested, and where the attempts are recorded. */
export interface Acquisition {
  readonly selection: Selection;
  readonly candidates: readonly Candidate[];
  readonly wanted: Wanted;
  readonly owner: string;
  readonly key: string;
  readonly memory: Memory;
  readonly telemetry: Telemetry;
}

/** Asks the chosen source, or the candidates in their order until one does not say that it is unavailable. */
export async function acquireToken(
  acquisition: Acquisition,
  flight: Flight,
  claims: string | undefined,
): Promise<AcquiredToken> {
  const { memory, owner, selection } = acquisition;
  const winner = memory.winners.get(owner);
  const candidates = winner ? [winner] : acquisition.candidates;
  const request = requestOf(acquisition, claims);
  const failures: CredentialError[] = [];
  for (const candidate of candidates) {
    try {
      const token = await attempt(candidate, request, acquisition, flight);
      memory.winners.set(owner, candidate);
      return token;
    } catch (error) {
      if (!passesOn(error) || candidates.length === 1) throw error;
      failures.push(error);
    }
  }
  throw nobodyAnswered(candidates, failures, selection);
}

function requestOf({ wanted, selection }: Acquisition, claims: string | undefined): TokenRequest {
  const { scope, tenantId, enableCae } = wanted;
  return {
    scope: scopeOf(scope),
    resource: resourceOf(scope),
    identity: selection.identity,
    tenantId,
    enableCae,
    claims,
  };
}

/** A candidate that is not there lets the next one try; so does a machine that has no identity for us. */
function passesOn(error: unknown): error is CredentialError {
  return (
    isCredentialError(error) && (error.name === 'CredentialUnavailableError' || error.code === 'ERR_IDENTITY_NOT_FOUND')
  );
}

async function attempt(
  { source, offer }: Candidate,
  request: TokenRequest,
  { key, memory, telemetry }: Acquisition,
  flight: Flight,
): Promise<AcquiredToken> {
  const { io, signal, background } = flight;
  const started = io.now();
  flight.lastStatus = undefined;
  const record = (end: Pick<Attempt, 'outcome' | 'message'>) => {
    const startedOn = new Date(started).toISOString();
    const { resource } = request;
    const one = { source: source.name, startedOn, durationMs: io.now() - started, resource, background, ...end };
    memory.attempts.set(key, [...(memory.attempts.get(key) ?? []), one].slice(-keptAttempts));
    telemetry.attempt(one);
  };
  try {
    const token = await offer.acquire(request, flight);
    record({ outcome: 'token' });
    return token;
  } catch (error) {
    if (isCredentialError(error)) error.source ??= source.name;
    record(endOf(error, signal));
    throw error;
  }
}

function endOf(error: unknown, signal: AbortSignal): Pick<Attempt, 'outcome' | 'message'> {
  if (isCredentialError(error)) return { outcome: error.code, message: error.message };
  if (signal.aborted) return { outcome: 'ABORTED' };
  return { outcome: 'UNEXPECTED', message: error instanceof Error ? error.name : 'not an Error' };
}

function nobodyAnswered(
  candidates: readonly Candidate[],
  failures: readonly CredentialError[],
  selection: Selection,
): Error {
  const near = nearMisses(selection.detections);
  const { limit } = selection;
  const causes = failures.map(({ explanation: { cause } }, index) => {
    const { title } = (candidates[index] as Candidate).source;
    return cause.startsWith(title) ? cause : `${title}: ${cause}`;
  });
  // Where there is no metadata service, nothing can be done about it.
  const fixes = failures.flatMap(({ code, explanation: { fix } }) => (code === 'ERR_PROBE_FAILED' ? [] : fix));
  const names = leftOut(selection).map(({ name }) => name);
  const limited = limit === undefined ? [] : [`${limit.by} left these out: ${names.join(', ')}.`];
  const widen = limit === undefined ? [] : [{ text: `If one of the others is meant, ${limit.lift}.` }];
  const unique = new Map([...near.fix, ...fixes, ...widen].map((each) => [JSON.stringify(each), each]));
  const summary = 'No environment variable announces a source, and no candidate has a token.';
  return credentialError('ERR_NO_SOURCE', [summary, ...causes, ...near.reasons, ...limited].join(' '), {
    errors: failures,
    cause: failures[0],
    ...(unique.size > 0 && { fix: [...unique.values()] }),
  });
}
