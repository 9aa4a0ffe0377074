import { misuse } from './errors.ts';
import { federate, problemWithFederation } from './federation.ts';
import { identityOf, problemWithIdentity } from './identity.ts';
import type { Machine } from './io.ts';
import { appService } from './sources/app-service.ts';
import { azureArc } from './sources/azure-arc.ts';
import { azureCli } from './sources/azure-cli.ts';
import { azureDeveloperCli } from './sources/azure-developer-cli.ts';
import { azureMl } from './sources/azure-ml.ts';
import { azurePipelines } from './sources/azure-pipelines.ts';
import { azurePowershell } from './sources/azure-powershell.ts';
import { cloudShell } from './sources/cloud-shell.ts';
import { githubActions } from './sources/github-actions.ts';
import { imds } from './sources/imds.ts';
import { serviceFabric } from './sources/service-fabric.ts';
import { servicePrincipal } from './sources/service-principal.ts';
import { workloadIdentity } from './sources/workload-identity.ts';
import type { Detection, Environment, ManagedIdentity, Problem, SelectOptions, Source, SourceName } from './types.ts';
import { value } from './wire/environment.ts';
import { tenancyOf } from './wire/tenancy.ts';

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
  if ('problem' in wanted) return { choice: { kind: 'problem', problem: wanted.problem }, detections: [], identity };

  const announced = wanted.sources.map((source) => ({ source, detection: source.detect(env, options) }));
  const settled = announced.some(({ detection }) => detection.verdict === 'found' || detection.verdict === 'partial');
  const detections = settled
    ? announced
    : announced.map((each) =>
        each.detection.verdict === 'unknown'
          ? { source: each.source, detection: each.source.detect(env, options, machine) }
          : each,
      );
  return { choice: choose(detections, identity, env, options), detections, identity };
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
  const problems = unknown.map((each) => problemWithOptions(each, identity, env, options));
  const candidates = unknown
    .filter((_, index) => problems[index] === undefined)
    .map((each) => candidateOf(each, env, options));
  if (candidates.length > 0) return { kind: 'candidates', candidates };
  return { kind: 'problem', problem: problems[0] ?? nothingFound(detections) };
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

/** The sources that are absent although some variable of theirs is set, in sentences with a space before each. */
export function nearMisses(detections: readonly Considered[]): string {
  return detections
    .map(({ source, detection }) =>
      detection.verdict === 'absent' && detection.near ? ` ${source.title}: ${detection.reason}.` : '',
    )
    .join('');
}

function nothingFound(detections: readonly Considered[]): Problem {
  const names = detections.map(({ source }) => source.name).join(', ');
  return {
    code: 'ERR_NO_SOURCE',
    message: `Nothing in the environment says whose identity to use: none of ${names} was found.${nearMisses(detections)}`,
    hint: 'On Azure, enable a managed identity and restart; on a laptop, install the Azure CLI and run `az login`; elsewhere, set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.',
  };
}

/**
 * The values of `AZURE_TOKEN_CREDENTIALS`, as in the Azure SDKs, and the sources that each leaves over.
 * https://learn.microsoft.com/azure/developer/javascript/sdk/authentication/credential-chains
 */
const tokenCredentials: Readonly<Record<string, (source: Source) => boolean>> = {
  dev: (source) => source.family === 'developer-tool',
  prod: (source) => source.family !== 'developer-tool',
  EnvironmentCredential: (source) => source.name === 'service-principal',
  WorkloadIdentityCredential: (source) => source.name === 'workload-identity',
  ManagedIdentityCredential: (source) => source.family === 'managed-identity',
  AzureCliCredential: (source) => source.name === 'azure-cli',
  AzureDeveloperCliCredential: (source) => source.name === 'azure-developer-cli',
  AzurePowerShellCredential: (source) => source.name === 'azure-powershell',
};

type Wanted = { readonly sources: readonly Source[] } | { readonly problem: Problem };

/** The caller's list, else what `AZURE_TOKEN_CREDENTIALS` leaves over, else all. */
function wantedSources(env: Environment, options: SelectOptions): Wanted {
  if (options.source !== undefined) {
    const names: readonly SourceName[] = typeof options.source === 'string' ? [options.source] : options.source;
    if (names.length === 0) throw misuse('ERR_UNKNOWN_SOURCE', 'The option source is an empty list.');
    return { sources: names.map(sourceNamed) };
  }
  const named = value(env, 'AZURE_TOKEN_CREDENTIALS')?.toLowerCase();
  if (named === undefined) return { sources };
  const known = Object.entries(tokenCredentials).find(([name]) => name.toLowerCase() === named);
  if (known !== undefined) return { sources: sources.filter(known[1]) };
  const hint = `It is one of ${Object.keys(tokenCredentials).join(', ')}.`;
  return {
    problem: { code: 'ERR_SETTING_INVALID', message: 'AZURE_TOKEN_CREDENTIALS has a value that is not known.', hint },
  };
}

function sourceNamed(name: SourceName): Source {
  const source = sources.find((each) => each.name === name);
  if (source !== undefined) return source;
  throw misuse(
    'ERR_UNKNOWN_SOURCE',
    `There is no source "${name}"; there are ${sources.map((each) => each.name).join(', ')}.`,
  );
}
