import { misuse } from '../errors.ts';
import type { Machine } from '../io.ts';
import { azurePipelines } from '../sources/application/azure-pipelines.ts';
import { federate, problemWithFederation } from '../sources/application/federated-credential.ts';
import { githubActions } from '../sources/application/github-actions.ts';
import { servicePrincipal } from '../sources/application/service-principal.ts';
import { tenancyOf } from '../sources/application/tenancy.ts';
import { workloadIdentity } from '../sources/application/workload-identity.ts';
import { azureCli } from '../sources/developer-tool/azure-cli.ts';
import { azureDeveloperCli } from '../sources/developer-tool/azure-developer-cli.ts';
import { azurePowershell } from '../sources/developer-tool/azure-powershell.ts';
import { appService } from '../sources/managed-identity/app-service.ts';
import { azureArc } from '../sources/managed-identity/azure-arc.ts';
import { azureMl } from '../sources/managed-identity/azure-ml.ts';
import { cloudShell } from '../sources/managed-identity/cloud-shell.ts';
import { imds } from '../sources/managed-identity/imds.ts';
import { serviceFabric } from '../sources/managed-identity/service-fabric.ts';
import type { Detection, Environment, ManagedIdentity, Problem, SelectOptions, Source, SourceName } from '../types.ts';
import { value } from './environment.ts';
import { identityOf, problemWithIdentity } from './identity.ts';

/** Every source, in the order in which they are considered. README and documentation are tested against this list. */
export const sources: readonly Source[] = [
  serviceFabric,
  appService,
  azureMl,
  azureArc,
  cloudShell,
  workloadIdentity,
  servicePrincipal,
  githubActions,
  azurePipelines,
  imds,
  azureCli,
  azureDeveloperCli,
  azurePowershell,
];

/** A source that can be asked, with what `detect` found for it. */
export interface Candidate {
  readonly source: Source;
  readonly settings: unknown;
  readonly reason: string;
  readonly host?: string | undefined;
}

/** These belong to no source and steer which one is chosen, and for which identity it is asked. */
export const steeringVariables = ['AZURE_TOKEN_CREDENTIALS', 'AZURE_MANAGED_IDENTITY_CLIENT_ID'] as const;

/** What will be asked for tokens: one source, several in order, or a problem instead. */
export type Choice =
  | { readonly kind: 'chosen'; readonly candidate: Candidate }
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'problem'; readonly problem: Problem; readonly source?: SourceName };

/** The one decision, which both `getToken` and the diagnosis read. */
export interface Selection {
  readonly choice: Choice;
  readonly detections: readonly { readonly source: Source; readonly detection: Detection }[];
  readonly identity: ManagedIdentity;
  /** What kept the other sources from being considered, and how that ends. */
  readonly limit: Limit | undefined;
}

interface Limit {
  readonly by: string;
  readonly lift: string;
}

type Considered = Selection['detections'][number];

/**
 * Decides whose token this process gets. Pure but for the machine, which is looked at only when the environment
 * announces no source: the first source found wins and stays, else the first half-set one is the problem, else those
 * about which the environment cannot tell are candidates.
 */
export function select(env: Environment, options: SelectOptions, machine: Machine): Selection {
  const identity = identityOf(env, options);
  const wanted = wantedSources(env, options);
  const announced = wanted.sources.map((source) => ({ source, detection: source.detect(env, options) }));
  const limit = limitOf(env, options);
  if (wanted.problem)
    return { choice: { kind: 'problem', problem: wanted.problem }, detections: announced, identity, limit };

  const settled = announced.some(({ detection }) => detection.verdict === 'found' || detection.verdict === 'partial');
  const detections = settled
    ? announced
    : announced.map((each) =>
        each.detection.verdict === 'unknown'
          ? { source: each.source, detection: each.source.detect(env, options, machine) }
          : each,
      );
  return { choice: choose(detections, identity, env, options), detections, identity, limit };
}

function choose(
  detections: readonly Considered[],
  identity: ManagedIdentity,
  env: Environment,
  options: SelectOptions,
): Choice {
  const found = detections.find(({ detection }) => detection.verdict === 'found');
  if (found !== undefined) {
    const problem =
      problemWithIdentity(found.source, found.detection, identity) ?? problemWithOptions(found, identity, env, options);
    if (problem) return { kind: 'problem', problem, source: found.source.name };
    return { kind: 'chosen', candidate: candidateOf(found, env, options) };
  }
  for (const { source, detection } of detections) {
    if (detection.verdict === 'partial') return { kind: 'problem', problem: detection.problem, source: source.name };
  }
  const unknown = detections.filter(({ detection }) => detection.verdict === 'unknown');
  const candidates = unknown
    .filter((each) => problemWithOptions(each, identity, env, options) === undefined)
    .map((each) => candidateOf(each, env, options));
  if (candidates.length > 0) return { kind: 'candidates', candidates };
  const [first] = unknown;
  const problem = first && problemWithOptions(first, identity, env, options);
  return problem
    ? { kind: 'problem', problem, source: first.source.name }
    : { kind: 'problem', problem: nothingFound(detections, env, options) };
}

function problemWithOptions(
  { source }: Considered,
  identity: ManagedIdentity,
  env: Environment,
  options: SelectOptions,
): Problem | undefined {
  const application = options.federatedCredential;
  return (
    application &&
    (problemWithFederation(source, identity) ?? tenancyOf(env, { ...options, tenantId: application.tenantId }).problem)
  );
}

function candidateOf({ source, detection }: Considered, env: Environment, options: SelectOptions): Candidate {
  const { settings, reason, host } = detection as Detection & { verdict: 'found' | 'unknown' };
  const application = options.federatedCredential;
  if (application === undefined) return { source, settings, reason, host };
  const { problem: _, ...tenancy } = tenancyOf(env, { ...options, tenantId: application.tenantId });
  return {
    source: federate(source, application),
    settings: { ...tenancy, application, managedIdentity: settings },
    reason,
    host,
  };
}

/** Why those sources are absent of which some variable is set, and what would make them found; both may be empty. */
export interface NearMisses {
  readonly reasons: readonly string[];
  readonly advice: readonly string[];
}

export function nearMisses(detections: readonly Considered[]): NearMisses {
  const near = detections.flatMap(({ source: { name, title }, detection: it }) =>
    it.verdict === 'absent' && it.near
      ? [{ name, reason: `${title}: ${it.reason}.`, advice: `${title}: ${it.near}.` }]
      : [],
  );
  // The host knows better than the service principal what the same ids are for.
  near.sort((a, b) => Number(a.name === 'service-principal') - Number(b.name === 'service-principal'));
  return { reasons: near.map(({ reason }) => reason), advice: near.map(({ advice }) => advice) };
}

/** Where each kind of source is at home. */
const places: readonly (readonly [family: Source['family'], where: string])[] = [
  ['managed-identity', 'on Azure, '],
  ['developer-tool', 'on a laptop, '],
  ['application', 'elsewhere, '],
];

/** What to do where nothing is: the advice of one source of each kind, the one that most programs are meant for. */
function adviceOf(considered: readonly Source[]): string {
  const usual: readonly Source[] = [appService, azureCli, servicePrincipal];
  const advised = places.flatMap(([family, where]) => {
    const ofFamily = considered.filter((source) => source.family === family);
    const source = ofFamily.find((each) => usual.includes(each)) ?? ofFamily[0];
    return source ? [{ where, advice: source.advice }] : [];
  });
  return advised.map(({ where, advice }) => (advised.length > 1 ? where + advice : advice)).join('; ');
}

/** The sources that were not considered. */
export function leftOut({ detections }: Selection): readonly Source[] {
  return sources.filter((source) => !detections.some((each) => each.source === source));
}

function nothingFound(detections: readonly Considered[], env: Environment, options: SelectOptions): Problem {
  const names = detections.map(({ source }) => source.name).join(', ');
  const { reasons, advice } = nearMisses(detections);
  const limit = limitOf(env, options);
  const why = limit
    ? `None of the sources that ${limit.by} leaves was found: ${names}.`
    : "Nothing in the environment says whose identity to use, this machine is none of Azure's, and no developer tool is on PATH.";
  const clauses = adviceOf(detections.map(({ source }) => source));
  const general = `${clauses.charAt(0).toUpperCase()}${clauses.slice(1)}${limit ? `, or ${limit.lift}` : ''}.`;
  return {
    code: 'ERR_NO_SOURCE',
    message: [why, ...reasons].join(' '),
    hint: advice.length > 0 ? advice.join(' ') : general,
  };
}

function limitOf(env: Environment, { source }: SelectOptions): Limit | undefined {
  if (source !== undefined) return { by: 'the option source', lift: 'leave out the option source' };
  const named = value(env, 'AZURE_TOKEN_CREDENTIALS');
  if (named === undefined) return undefined;
  return { by: `AZURE_TOKEN_CREDENTIALS=${canonical(named)}`, lift: 'unset AZURE_TOKEN_CREDENTIALS' };
}

/**
 * The values of `AZURE_TOKEN_CREDENTIALS`, as in the Azure SDKs, and the sources that each leaves over; nothing for the
 * ways to sign in as a developer that are not offered here, of which JavaScript knows the first and .NET all.
 * https://learn.microsoft.com/azure/developer/javascript/sdk/authentication/credential-chains,
 * https://learn.microsoft.com/dotnet/azure/sdk/authentication/credential-chains
 */
const tokenCredentials: Readonly<Record<string, ((source: Source) => boolean) | undefined>> = {
  dev: (source) => source.family === 'developer-tool',
  prod: (source) => source.family !== 'developer-tool',
  EnvironmentCredential: (source) => source.name === 'service-principal',
  WorkloadIdentityCredential: (source) => source.name === 'workload-identity',
  ManagedIdentityCredential: (source) => source.family === 'managed-identity',
  AzureCliCredential: (source) => source.name === 'azure-cli',
  AzureDeveloperCliCredential: (source) => source.name === 'azure-developer-cli',
  AzurePowerShellCredential: (source) => source.name === 'azure-powershell',
  VisualStudioCodeCredential: undefined,
  VisualStudioCredential: undefined,
  InteractiveBrowserCredential: undefined,
  BrokerCredential: undefined,
};

/** The same in the spelling of the table; the text itself where it is none of them. */
function canonical(name: string): string {
  return Object.keys(tokenCredentials).find((each) => each.toLowerCase() === name.toLowerCase()) ?? name;
}

interface Wanted {
  readonly sources: readonly Source[];
  readonly problem?: Problem;
}

/** The caller's list, else what `AZURE_TOKEN_CREDENTIALS` leaves over, else all. */
function wantedSources(env: Environment, options: SelectOptions): Wanted {
  if (options.source !== undefined) {
    const names: readonly SourceName[] = typeof options.source === 'string' ? [options.source] : options.source;
    if (names.length === 0) throw misuse('ERR_UNKNOWN_SOURCE', 'The option source is an empty list.');
    return { sources: names.map(sourceNamed) };
  }
  const named = value(env, 'AZURE_TOKEN_CREDENTIALS');
  if (named === undefined) return { sources };
  const name = canonical(named);
  const keeps = Object.hasOwn(tokenCredentials, name) ? tokenCredentials[name] : undefined;
  return keeps ? { sources: sources.filter(keeps) } : { sources, problem: problemWithLimit(name) };
}

/** The value is quoted only where it is one that is known. */
function problemWithLimit(name: string): Problem {
  const code = 'ERR_SETTING_INVALID';
  if (Object.hasOwn(tokenCredentials, name)) {
    const message = `AZURE_TOKEN_CREDENTIALS is ${name}, which the Azure SDKs know and msi-credential does not offer.`;
    const hint =
      'Sign in with a tool (az login, azd auth login or Connect-AzAccount) and set AZURE_TOKEN_CREDENTIALS=dev, or unset it.';
    return { code, message, hint };
  }
  const offered = Object.keys(tokenCredentials).filter((each) => tokenCredentials[each]);
  const message = 'AZURE_TOKEN_CREDENTIALS has a value that is not known.';
  return { code, message, hint: `It is one of ${offered.join(', ')}.` };
}

function sourceNamed(name: SourceName): Source {
  const source = sources.find((each) => each.name === name);
  if (source !== undefined) return source;
  throw misuse(
    'ERR_UNKNOWN_SOURCE',
    `There is no source "${name}"; there are ${sources.map((each) => each.name).join(', ')}.`,
  );
}
