// The one decision: from environment and options to the source that is asked, which both `getToken` and the diagnosis read.
import type { Machine } from '../io.ts';
import { federate, problemWithFederation } from '../sources/application/federated-credential.ts';
import { titleOf as offerTitle } from '../sources/detection.ts';
import { sources } from '../sources/index.ts';
import type { Environment, ManagedIdentity, Offer, Problem, SelectOptions, Source, SourceName } from '../types.ts';
import { namesIn, textOf } from './environment.ts';
import { identityOf, problemWithIdentity } from './identity.ts';
import { consideredSources, type Limit } from './limit.ts';
import { type Detected, nothingFound } from './nothing-found.ts';
import { ledBy, referencesVariable, type Unresolved, unresolvedSettings, usedBy } from './unresolved.ts';

/** A source that can be asked, and what it offers. */
export interface Candidate {
  readonly source: Source;
  readonly offer: Offer;
}

/** The name of a candidate, for people. */
export const titleOf = ({ source, offer }: Candidate): string => offerTitle(source, offer);

/** Whether it gives tokens of the host's own identity, which has one tenant and may be user-assigned. */
export const isHostIdentity = ({ offer }: Candidate): boolean => offer.identityKeys !== undefined;

/** These belong to no source and steer which one is chosen, and for which identity it is asked. */
export const steeringVariables = ['AZURE_TOKEN_CREDENTIALS', 'AZURE_MANAGED_IDENTITY_CLIENT_ID'] as const;

/** These steer nothing. The diagnosis warns of what they say. */
export const observedVariables = [referencesVariable, 'NODE_TLS_REJECT_UNAUTHORIZED'] as const;

/** What will be asked for tokens: one source, several in order, or a problem instead. */
export type Choice =
  | { readonly kind: 'chosen'; readonly candidate: Candidate }
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'problem'; readonly problem: Problem; readonly source?: SourceName };

export interface Selection {
  readonly choice: Choice;
  /** What each source says. Those after the first one found are looked at when somebody reads this. */
  readonly detections: readonly Detected[];
  /** The variables that decide, as they were when it was decided. */
  readonly env: Environment;
  readonly identity: ManagedIdentity;
  /** What kept the other sources from being considered. */
  readonly limit: Limit | undefined;
  /** Settings that hold a placeholder; worked out when somebody reads this. */
  readonly unresolved: readonly Unresolved[];
}

/** What the decision is made from. */
interface Inputs {
  readonly env: Environment;
  readonly options: SelectOptions;
  readonly identity: ManagedIdentity;
  readonly limit: Limit | undefined;
}

/**
 * Decides whose token this process gets. Pure but for the machine, which is looked at only when the environment
 * announces no source: the first source found wins and stays, else the first half-set one is the problem, else those
 * about which the environment cannot tell are candidates.
 */
export function select(current: Environment, currentOptions: SelectOptions, machine: Machine): Selection {
  const env = snapshotOf(current);
  const options = { ...currentOptions };
  const identity = identityOf(env, options);
  const { sources: considered, limit, problem } = consideredSources(env, options);
  const detect = (source: Source): Detected => ({ source, detection: source.announced(env, options) });
  const seen = problem ? [] : untilFound(considered, detect);
  const isSettled = seen.some(({ detection: { verdict } }) => verdict === 'found' || verdict === 'partial');
  const detections = isSettled ? seen : seen.map((each) => lookAt(machine, each, { env: current, options }));
  let all: readonly Detected[] | undefined;
  let unresolved: readonly Unresolved[] | undefined;
  const choice: Choice = problem ? { kind: 'problem', problem } : choose(detections, { env, options, identity, limit });
  return {
    choice: choice.kind === 'problem' ? withUnresolved(choice, env, options) : choice,
    get detections() {
      all ??= [...detections, ...considered.slice(detections.length).map(detect)];
      return all;
    },
    get unresolved() {
      unresolved ??= unresolvedSettings(env, options, settings);
      return unresolved;
    },
    env,
    identity,
    limit,
  };
}

/** A problem with a source, led by those of its settings that hold a placeholder. */
function withUnresolved(choice: Choice & { kind: 'problem' }, env: Environment, options: SelectOptions): Choice {
  const names = sources.find(({ name }) => name === choice.source)?.variables ?? steeringVariables;
  const unresolved = unresolvedSettings(env, options, names);
  return unresolved.length === 0 ? choice : { ...choice, problem: ledBy(unresolved, choice.problem) };
}

/** The settings of a candidate that hold a placeholder. */
export function unresolvedOf({ unresolved, identity }: Selection, { offer }: Candidate): readonly Unresolved[] {
  return unresolved.length === 0 ? unresolved : usedBy(offer, identity, unresolved);
}

/** What the first sources say, up to the one that is found: nothing after it can change the choice. */
function untilFound(considered: readonly Source[], detect: (source: Source) => Detected): readonly Detected[] {
  const seen: Detected[] = [];
  for (const source of considered) {
    const each = detect(source);
    seen.push(each);
    if (each.detection.verdict === 'found') break;
  }
  return seen;
}

/**
 * The variables that sources declare, as they are now, so that the diagnosis cannot differ from the decision. By name,
 * since Windows does not tell `Path` from `PATH`.
 */
function snapshotOf(env: Environment): Environment {
  const snapshot: Record<string, string | undefined> = {};
  for (const name of declared) snapshot[name] = textOf(env, name);
  for (const name of namesIn(env)) {
    if (prefixes.some((prefix) => name.startsWith(prefix))) snapshot[name] = textOf(env, name);
  }
  return snapshot;
}

const declared = new Set([
  ...steeringVariables,
  ...observedVariables,
  ...sources.flatMap(({ variables }) => variables),
]);
/** Those that hold a value for us: PATH and what begins with a prefix do not. */
const settings = [...declared].filter((name) => name !== 'PATH' && !name.endsWith('*'));
/** What names that end with `*` begin with. */
const prefixes = [...declared].filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));

function lookAt(
  machine: Machine,
  { source, detection }: Detected,
  { env, options }: Pick<Inputs, 'env' | 'options'>,
): Detected {
  const seen = detection.verdict === 'unknown' ? source.onMachine?.(machine, env, options) : undefined;
  return { source, detection: seen ?? detection };
}

function choose(detections: readonly Detected[], inputs: Inputs): Choice {
  for (const { source, detection } of detections) {
    if (detection.verdict !== 'found') continue;
    const candidate = candidateOf(source, detection.offer, inputs);
    return 'code' in candidate
      ? { kind: 'problem', problem: candidate, source: source.name }
      : { kind: 'chosen', candidate };
  }
  for (const { source, detection } of detections) {
    if (detection.verdict === 'partial') return { kind: 'problem', problem: detection.problem, source: source.name };
  }
  return chooseCandidates(detections, inputs);
}

function chooseCandidates(detections: readonly Detected[], inputs: Inputs): Choice {
  const considered = detections.flatMap(({ source, detection }) =>
    detection.verdict === 'unknown' && detection.offer
      ? [{ source, candidate: candidateOf(source, detection.offer, inputs) }]
      : [],
  );
  const candidates = considered.flatMap(({ candidate }) => ('code' in candidate ? [] : [candidate]));
  if (candidates.length > 0) return { kind: 'candidates', candidates };
  const [first] = considered;
  return first && 'code' in first.candidate
    ? { kind: 'problem', problem: first.candidate, source: first.source.name }
    : { kind: 'problem', problem: nothingFound(detections, inputs.limit) };
}

/** The offer as the options want it, or what prevents that. */
function candidateOf(source: Source, offer: Offer, { env, options, identity }: Inputs): Candidate | Problem {
  const problem = problemWithIdentity(source, offer, identity);
  const application = options.federatedCredential;
  if (problem || application === undefined) return problem ?? { source, offer };
  return (
    problemWithFederation(source, application, identity, { env, options }) ?? {
      source,
      offer: federate(source, offer, application, { env, options }),
    }
  );
}

/** The sources that were not considered. */
export function leftOut({ detections }: Selection): readonly Source[] {
  return sources.filter((source) => !detections.some((each) => each.source === source));
}
