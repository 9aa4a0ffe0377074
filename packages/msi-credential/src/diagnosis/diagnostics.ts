import type { AccessToken } from '@azure/core-auth';
import { showId, value } from '../selection/environment.ts';
import { describeIdentity, describePrincipal } from '../selection/identity.ts';
import { firstInDefaultChain } from '../selection/limit.ts';
import type { Detected } from '../selection/nothing-found.ts';
import { type Candidate, type Selection, steeringVariables, titleOf } from '../selection/select.ts';
import { resourceOf } from '../tokens/scope.ts';
import type {
  Attempt,
  CacheCounters,
  Detection,
  Diagnostics,
  Environment,
  SourceName,
  SourceReport,
} from '../types.ts';
import { principalOf } from './principal.ts';
import { warningsOf } from './warnings.ts';

/** What has happened so far with a selection. */
export interface History {
  readonly counters: CacheCounters;
  readonly scope?: string | undefined;
  readonly token?: AccessToken | undefined;
  /** When the next refresh is tried, in milliseconds since 1970: later than the token has it where one has failed. */
  readonly refreshOn?: number | undefined;
  readonly attempts?: readonly Attempt[] | undefined;
  /** Milliseconds since 1970, UTC. */
  readonly now: number;
  /** The candidate that gave the token. */
  readonly winner?: Candidate | undefined;
  readonly skipped?: Diagnostics['skipped'];
  /** The object id that the tokens had before it changed. */
  readonly formerly?: string | undefined;
}

/** The diagnosis: the very data that `getToken` uses, put into words. Sends nothing. */
export function diagnosticsOf(selection: Selection, history: History): Diagnostics {
  const { choice, detections, env } = selection;
  const { token, scope, attempts = [], counters, refreshOn = token?.expiresOnTimestamp ?? 0 } = history;
  const chosen = choice.kind === 'chosen' ? choice.candidate : history.winner;
  const candidates = choice.kind === 'candidates' ? choice.candidates : undefined;
  const principal = token && principalOf(token.token, env);
  const defaultAzureCredential = defaultAzureCredentialWould(selection);
  const mayBeHosts = !chosen && candidates?.some(({ source }) => source.family === 'managed-identity');
  return {
    version: 1,
    status: chosen ? 'chosen' : choice.kind,
    ...(chosen && { selected: selectedOf(chosen, selection) }),
    ...(candidates && { candidates: candidates.map(({ source }) => source.name) }),
    ...(mayBeHosts && { identity: describeIdentity(selection.identity) }),
    ...(choice.kind === 'problem' && { problem: problemOf(choice) }),
    variables: steeringVariables.map((name) => ({ name, set: isSet(env, name) })),
    sources: detections.map((each) => reportOf(each, env, chosen !== undefined)),
    shadowed: shadowedBy(selection),
    ...(chosen && history.skipped?.length && { skipped: history.skipped }),
    ...(defaultAzureCredential && { defaultAzureCredential }),
    warnings: warningsOf(selection, {
      candidates: chosen ? [chosen] : (candidates ?? []),
      principal,
      token,
      formerly: history.formerly,
      now: history.now,
    }),
    attempts: [...attempts],
    ...(principal && { principal }),
    ...(token && {
      token: {
        resource: resourceOf(scope ?? ''),
        expiresOn: new Date(token.expiresOnTimestamp).toISOString(),
        refreshOn: new Date(refreshOn).toISOString(),
      },
    }),
    cache: { ...counters },
  };
}

function problemOf({ problem, source }: Selection['choice'] & { kind: 'problem' }): Diagnostics['problem'] {
  return { ...problem, ...(source && { source }) };
}

function selectedOf(chosen: Candidate, { identity }: Selection): NonNullable<Diagnostics['selected']> {
  const { source, offer } = chosen;
  const { host, reason, tenantId } = offer;
  return {
    source: source.name,
    title: titleOf(chosen),
    ...(host && { host }),
    reason,
    identity: describePrincipal(source, offer, identity),
    ...(tenantId && { tenantId: showId(tenantId) }),
  };
}

function reportOf({ source, detection }: Detected, env: Environment, isSettled: boolean): SourceReport {
  const { name, title } = source;
  const variables = source.variables.map((each) => ({ name: each, set: isSet(env, each) }));
  const report = { name, title, verdict: detection.verdict, reason: reasonOf(detection, isSettled), variables };
  return detection.verdict === 'partial'
    ? { ...report, missing: detection.missing, problem: detection.problem }
    : report;
}

/** Whether a variable is set; `PREFIX*` stands for all that begin so. */
function isSet(env: Environment, name: string): boolean {
  const names = name.endsWith('*') ? Object.keys(env).filter((each) => each.startsWith(name.slice(0, -1))) : [name];
  return names.some((each) => value(env, each) !== undefined);
}

/** With what would make it found, where it nearly is and nothing else was chosen. */
function reasonOf(detection: Detection, isSettled: boolean): string {
  if (detection.verdict === 'found') return detection.offer.reason;
  if (detection.verdict === 'partial') return detection.problem.cause;
  const remedy = detection.verdict === 'absent' && !isSettled ? detection.remedy : undefined;
  return remedy ? `${detection.reason}: ${remedy}` : detection.reason;
}

/** The source that was taken, for better or worse: one that cannot be used as it stands is not passed over either. */
function takenBy(choice: Selection['choice']): SourceName | undefined {
  if (choice.kind === 'chosen') return choice.candidate.source.name;
  return choice.kind === 'problem' ? choice.source : undefined;
}

/** Found, too; what is half-set besides is a warning. */
function shadowedBy({ choice, detections }: Selection): Diagnostics['shadowed'] {
  const taken = takenBy(choice);
  return detections.flatMap(({ source: { name }, detection }) =>
    detection.verdict === 'found' && name !== taken ? [{ source: name, reason: detection.offer.reason }] : [],
  );
}

function defaultAzureCredentialWould({ choice, detections }: Selection): string | undefined {
  const taken = takenBy(choice);
  if (taken === undefined) return undefined;
  const found = detections.flatMap(({ source, detection }) => (detection.verdict === 'found' ? [source] : []));
  const first = firstInDefaultChain(found);
  // ManagedIdentityCredential stands for every host, so its sources are one.
  if (first === undefined || first.takes.some(({ name }) => name === taken)) return undefined;
  return `DefaultAzureCredential would use ${first.credential} (${first.takes[0]?.name}) here.`;
}
