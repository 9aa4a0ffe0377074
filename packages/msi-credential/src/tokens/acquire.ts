import type { Telemetry } from '../diagnosis/telemetry.ts';
import { credentialError, isCredentialError } from '../errors.ts';
import { showEndpoint } from '../http/endpoint.ts';
import type { Io } from '../io.ts';
import { type Candidate, leftOut, nearMisses, type Selection } from '../selection/select.ts';
import type { AcquiredToken, Attempt } from '../types.ts';
import { textField } from './read-token.ts';
import { resourceOf, scopeOf } from './scope.ts';

/** What is asked for: the selection's answer to whose token, and the call's to for what. */
export interface Acquisition {
  readonly selection: Selection;
  readonly scope: string;
  readonly tenantId?: string | undefined;
  readonly enableCae?: boolean | undefined;
  readonly claims?: string | undefined;
}

/** What the process remembers besides its tokens. */
export interface Memory {
  /** Stands for settings in cache keys, so that no secret is part of a key. */
  readonly ordinals: Map<string, number>;
  /** The candidate that gave a token first; it is kept for the life of the process. */
  readonly winners: Map<string, Candidate>;
  /** The last attempts of each cache key, oldest first. */
  readonly attempts: Map<string, readonly Attempt[]>;
}

/** One flight, as the token cache starts it. */
export interface Flight {
  readonly who: string;
  readonly key: string;
  readonly signal: AbortSignal;
  readonly background: boolean;
  /** Is told the status of an answer that is worth another try. */
  hear(status: number | undefined): void;
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
  const { code, message, hint } = choice.problem;
  throw credentialError(code, message, { hint, source: choice.source });
}

/** A host's identity lives in one tenant and is not revoked by claims: what a client hints of them must not split its cache. */
export function withoutTenant(acquisition: Acquisition, candidates: readonly Candidate[]): Acquisition {
  const hostOnly = candidates.every(({ source }) => source.family === 'managed-identity');
  return hostOnly ? { ...acquisition, tenantId: undefined, enableCae: undefined } : acquisition;
}

/** Who is asked for the token, and where, for people. */
export function describeAsked(candidates: readonly Candidate[]): string {
  const described = candidates.map(({ source: { family, title }, settings }) => {
    const authority = family === 'application' ? textField(settings, 'authorityHost') : undefined;
    const addresses = [...new Set(urlsIn(settings).map(showEndpoint)), ...(authority === undefined ? [] : [authority])];
    return addresses.length === 0 ? title : `${title} at ${addresses.join(' and ')}`;
  });
  return described.join(', ');
}

/** Each source has its own settings; what is an address in them is a URL. */
function urlsIn(settings: unknown): URL[] {
  if (settings instanceof URL) return [settings];
  return typeof settings === 'object' && settings !== null ? Object.values(settings).flatMap(urlsIn) : [];
}

/** One name for the same sources with the same settings and identity, whichever credential object has them. */
export function whoKey(memory: Memory, candidates: readonly Candidate[], identity: Selection['identity']): string {
  const everything = JSON.stringify([candidates.map(({ source, settings }) => [source.name, settings]), identity]);
  const ordinal = memory.ordinals.get(everything) ?? memory.ordinals.size + 1;
  memory.ordinals.set(everything, ordinal);
  return `${candidates.map(({ source }) => source.name).join('+')} #${ordinal}`;
}

/** The key of a token: whose, for what resource, in which tenant. */
export function cacheKey(who: string, { tenantId = '', enableCae, scope }: Acquisition): string {
  return `${who} ${resourceOf(scope)} ${tenantId} ${enableCae ? 'cae' : ''}`.trimEnd();
}

/** What an attempt needs of the world. */
export interface AttemptWorld {
  readonly io: Io;
  readonly memory: Memory;
  readonly telemetry: Telemetry;
}

/** Asks the chosen source, or the candidates in their order until one does not say that it is unavailable. */
export async function acquireToken(
  world: AttemptWorld,
  candidates: readonly Candidate[],
  wanted: Acquisition,
  flight: Flight,
): Promise<AcquiredToken> {
  const winner = world.memory.winners.get(flight.who);
  const asked = winner ? [winner] : candidates;
  const failures: Error[] = [];
  for (const candidate of asked) {
    try {
      const token = await attempt(world, candidate, wanted, flight);
      world.memory.winners.set(flight.who, candidate);
      return token;
    } catch (error) {
      if (!passesOn(error) || asked.length === 1) throw error;
      failures.push(error);
    }
  }
  throw nobodyAnswered(asked, failures, wanted.selection);
}

/** A candidate that is not there lets the next one try; so does a machine that has no identity for us. */
function passesOn(error: unknown): error is Error {
  return (
    isCredentialError(error) && (error.name === 'CredentialUnavailableError' || error.code === 'ERR_IDENTITY_NOT_FOUND')
  );
}

async function attempt(
  { io, memory, telemetry }: AttemptWorld,
  { source, settings }: Candidate,
  wanted: Acquisition,
  { key, signal, background, hear }: Flight,
): Promise<AcquiredToken> {
  const { scope, tenantId, claims, enableCae, selection } = wanted;
  const started = io.now();
  const resource = resourceOf(scope);
  hear(undefined);
  const note = (end: Pick<Attempt, 'outcome' | 'message'>) => {
    const one = {
      source: source.name,
      startedOn: new Date(started).toISOString(),
      durationMs: io.now() - started,
      resource,
      background,
      ...end,
    };
    memory.attempts.set(key, [...(memory.attempts.get(key) ?? []), one].slice(-keptAttempts));
    telemetry.attempt(one);
  };
  try {
    const request = {
      scope: scopeOf(scope),
      resource,
      identity: selection.identity,
      tenantId,
      claims,
      enableCae,
      signal,
      hear: (status: number) => hear(isPassing(status) ? status : undefined),
    };
    const token = await source.acquire(settings, request, listening(io, request.hear));
    note({ outcome: 'token' });
    return token;
  } catch (error) {
    if (isCredentialError(error)) {
      error.source ??= source.name;
      note({ outcome: error.code, message: error.message });
    } else
      note(
        signal.aborted
          ? { outcome: 'ABORTED' }
          : { outcome: 'UNEXPECTED', message: error instanceof Error ? error.name : 'not an Error' },
      );
    throw error;
  }
}

/** All that any protocol asks to try again: after other answers an exchange goes on or is over. */
function isPassing(status: number): boolean {
  return status >= 500 || [404, 408, 410, 429].includes(status);
}

function listening(io: Io, hear: (status: number) => void): Io {
  return {
    ...io,
    async exchange(request) {
      const reply = await io.exchange(request);
      hear(reply.status);
      return reply;
    },
  };
}

function nobodyAnswered(asked: readonly Candidate[], failures: readonly Error[], selection: Selection): Error {
  const near = nearMisses(selection.detections);
  const { limit } = selection;
  const told = failures.map((failure, index) => {
    const { title } = (asked[index] as Candidate).source;
    const said = isCredentialError(failure) ? failure.summary : failure.message;
    return said.startsWith(title) ? said : `${title}: ${said}`;
  });
  const why = 'The environment announces no source, and none of the candidates has a token.';
  // Where no metadata service is, nothing is to be done about it.
  const hints = failures.flatMap((each) =>
    isCredentialError(each) && each.code !== 'ERR_PROBE_FAILED' ? [each.hint] : [],
  );
  const others = limit === undefined ? [] : [`Where one of the others is meant, ${limit.lift}.`];
  const advice = [...near.advice, ...new Set(hints), ...others].join(' ') || undefined;
  const names = leftOut(selection).map(({ name }) => name);
  const limited = limit === undefined ? [] : [`By ${limit.by} these were not considered: ${names.join(', ')}.`];
  return credentialError('ERR_NO_SOURCE', [why, ...told, ...near.reasons, ...limited].join(' '), {
    errors: failures,
    cause: failures[0],
    hint: advice,
  });
}
