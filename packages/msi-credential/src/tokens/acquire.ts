// From what is selected to a token: asks the source, or the candidates in their order, and remembers each attempt.
import type { Telemetry } from '../diagnosis/telemetry.ts';
import { type CredentialError, credentialError, errorOf, isCredentialError } from '../errors.ts';
import { showEndpoint } from '../http/endpoint.ts';
import { nearMisses } from '../selection/nothing-found.ts';
import { type Candidate, isHostIdentity, leftOut, type Selection, titleOf, unresolvedOf } from '../selection/select.ts';
import { ledBy } from '../selection/unresolved.ts';
import type { AcquiredToken, Attempt, Flight, TokenRequest } from '../types.ts';
import type { Owner } from './owners.ts';
import { resourceOf, scopeOf } from './scope.ts';

/** What one call asks for. */
export interface Wanted {
  readonly scope: string;
  readonly tenantId?: string | undefined;
  readonly enableCae?: boolean | undefined;
}

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

/**
 * The key of a token: whose, for what resource, in which tenant. The own tenant need not be named, and upper and lower case
 * are the same in a tenant. Resources stay as they are written: a token's audience has each letter and slash.
 */
export function cacheKey(
  { number }: Owner,
  candidates: readonly Candidate[],
  { scope, tenantId, enableCae = false }: Wanted,
): string {
  const tenant = tenantId?.toLowerCase();
  const isOwn = candidates.every(({ offer }) => offer.tenantId?.toLowerCase() === tenant);
  return JSON.stringify([number, resourceOf(scope), isOwn ? '' : (tenant ?? ''), enableCae]);
}

/** One acquisition: the candidates, what is requested and for whom. */
export interface Acquisition {
  readonly selection: Selection;
  readonly candidates: readonly Candidate[];
  readonly wanted: Wanted;
  readonly owner: Owner;
  readonly telemetry: Telemetry;
}

/** Asks the chosen source, or the candidates in their order until one does not say that it is unavailable. */
export async function acquireToken(
  acquisition: Acquisition,
  flight: Flight,
  claims: string | undefined,
  record: (attempt: Attempt) => void,
): Promise<AcquiredToken> {
  const { owner, selection } = acquisition;
  const winner = winnerOf(acquisition);
  const candidates = winner ? [winner] : acquisition.candidates;
  const request = requestOf(acquisition, claims);
  const failures: CredentialError[] = [];
  for (const [index, candidate] of candidates.entries()) {
    flight.hasNext = index < candidates.length - 1;
    try {
      const token = await attempt(candidate, selection, request, flight, (one) => {
        record(one);
        acquisition.telemetry.attempt(one);
      });
      if (winner === undefined) {
        owner.winner = candidate.source.name;
        owner.skipped = failures.map(({ explanation: { cause } }, which) => ({
          source: (candidates[which] as Candidate).source.name,
          reason: cause,
        }));
      }
      return token;
    } catch (error) {
      if (!passesOn(error) || candidates.length === 1) throw error;
      failures.push(error);
    }
  }
  throw nobodyAnswered(candidates, failures, selection);
}

/** The candidate that gave a token first. */
export function winnerOf({ owner, candidates }: Pick<Acquisition, 'owner' | 'candidates'>): Candidate | undefined {
  return candidates.find(({ source }) => source.name === owner.winner);
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
  candidate: Candidate,
  selection: Selection,
  request: TokenRequest,
  flight: Flight,
  record: (attempt: Attempt) => void,
): Promise<AcquiredToken> {
  const { source, offer } = candidate;
  const { io, signal, background } = flight;
  const started = io.now();
  flight.lastStatus = flight.lastFailure = undefined;
  const end = (how: Pick<Attempt, 'outcome' | 'message'>) => {
    const startedOn = new Date(started).toISOString();
    const { resource } = request;
    record({ source: source.name, startedOn, durationMs: io.now() - started, resource, background, ...how });
  };
  try {
    const token = await offer.acquire(request, flight);
    end({ outcome: 'token' });
    return token;
  } catch (thrown) {
    const error = isCredentialError(thrown) ? explained(thrown, candidate, selection) : thrown;
    end(endOf(error, signal));
    throw error;
  }
}

/** With its source, and led by the settings that hold a placeholder instead of a value. */
function explained(error: CredentialError, candidate: Candidate, selection: Selection): CredentialError {
  error.source ??= candidate.source.name;
  const unresolved = unresolvedOf(selection, candidate);
  if (unresolved.length === 0) return error;
  const { source, retryAfterMs, cause } = error;
  return errorOf(ledBy(unresolved, error.explanation), source, {
    cause,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
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
  const misses = nearMisses(selection.detections);
  const { limit } = selection;
  const causes = failures.map(({ explanation: { cause } }, index) => {
    const { title } = (candidates[index] as Candidate).source;
    return cause.startsWith(title) ? cause : `${title}: ${cause}`;
  });
  // Where there is no metadata service, nothing can be done about it.
  const fixes = failures.flatMap(({ code, source, explanation: { fix } }) =>
    code === 'ERR_PROBE_FAILED' && source === 'imds' ? [] : fix,
  );
  const names = leftOut(selection).map(({ name }) => name);
  const limited = limit === undefined ? [] : [`${limit.by} left these out: ${names.join(', ')}.`];
  const widen = limit === undefined ? [] : [{ text: `If one of the others is meant, ${limit.lift}.` }];
  const unique = new Map([...misses.fix, ...fixes, ...widen].map((each) => [JSON.stringify(each), each]));
  const summary = 'No environment variable announces a source, and no candidate has a token.';
  return credentialError('ERR_NO_SOURCE', [summary, ...causes, ...misses.reasons, ...limited].join(' '), {
    errors: failures,
    cause: failures[0],
    ...(unique.size > 0 && { fix: [...unique.values()] }),
  });
}
