import { misuse } from './errors.ts';
import type { Machine } from './io.ts';
import { appService } from './sources/app-service.ts';
import { azureCli } from './sources/azure-cli.ts';
import { servicePrincipal } from './sources/service-principal.ts';
import type {
  Detection,
  Environment,
  IdentityKey,
  ManagedIdentity,
  Problem,
  SelectOptions,
  Source,
  SourceName,
} from './types.ts';
import { isGuid, showId, value } from './wire/environment.ts';
import { showIdentity } from './wire/managed-identity-response.ts';

/** Every source, in the order in which they are considered. README and documentation are tested against this list. */
export const sources: readonly Source[] = [appService, servicePrincipal, azureCli];

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
    : announced.map(({ source, detection }) =>
        detection.verdict === 'unknown'
          ? { source, detection: source.detect(env, options, machine) }
          : { source, detection },
      );
  return { choice: choose(detections, identity), detections, identity };
}

function choose(detections: readonly Considered[], identity: ManagedIdentity): Choice {
  for (const { source, detection } of detections) {
    if (detection.verdict !== 'found') continue;
    const problem = unsupportedIdentity(source, detection, identity);
    return problem
      ? { kind: 'problem', problem, source: source.name }
      : { kind: 'chosen', candidate: candidateOf(source, detection) };
  }
  for (const { source, detection } of detections) {
    if (detection.verdict === 'partial') return { kind: 'problem', problem: detection.problem, source: source.name };
  }
  const candidates = detections.flatMap(({ source, detection }) =>
    detection.verdict === 'unknown' ? [candidateOf(source, detection)] : [],
  );
  return candidates.length > 0
    ? { kind: 'candidates', candidates }
    : { kind: 'problem', problem: nothingFound(detections) };
}

function candidateOf(source: Source, detection: Detection & { verdict: 'found' | 'unknown' }): Candidate {
  return { source, settings: detection.settings, reason: detection.reason, host: detection.host };
}

/** Each host's limits are known before it is asked; a wrong guess of it would be somebody else's token. */
function unsupportedIdentity(source: Source, detection: Detection, identity: ManagedIdentity): Problem | undefined {
  if (source.family !== 'managed-identity' || identity.kind === 'system-assigned') return undefined;
  if (detection.verdict !== 'found' || detection.identityKeys?.includes(identity.by)) return undefined;
  const keys = detection.identityKeys ?? [];
  const host = detection.host ?? source.title;
  return {
    code: 'ERR_IDENTITY_UNSUPPORTED',
    message: `${host} cannot be asked for a ${showIdentity(identity)}${detection.reason ? `; ${detection.reason}` : ''}.`,
    hint:
      keys.length === 0
        ? `It offers one identity only: unset ${identity.from}.`
        : `Name the identity by ${keys.map((key) => nameOfKey[key]).join(' or ')} instead of ${identity.from}.`,
  };
}

const nameOfKey: Record<IdentityKey, string> = {
  clientId: 'client id',
  objectId: 'object id',
  resourceId: 'resource id',
};

function nothingFound(detections: readonly Considered[]): Problem {
  const near = detections.flatMap(({ source, detection }) =>
    detection.verdict === 'absent' && detection.near ? [` ${source.title}: ${detection.reason}.`] : [],
  );
  const message = `Nothing in the environment says whose identity to use: none of ${detections.map(({ source }) => source.name).join(', ')} was found.${near.join('')}`;
  return {
    code: 'ERR_NO_SOURCE',
    message,
    hint: 'On Azure, enable a managed identity and restart; on a laptop, install the Azure CLI and run `az login`; elsewhere, set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.',
  };
}

/**
 * Which managed identity is asked for: an option, else `AZURE_MANAGED_IDENTITY_CLIENT_ID`, else `AZURE_CLIENT_ID` unless a
 * service principal's secret or certificate stands beside it, which it then belongs to.
 *
 * @throws TypeError - `ERR_TWO_IDENTITIES`: more than one of the three options.
 */
export function identityOf(env: Environment, options: SelectOptions): ManagedIdentity {
  const given = (['clientId', 'objectId', 'resourceId'] as const).filter((by) => options[by] !== undefined);
  if (given.length > 1)
    throw misuse('ERR_TWO_IDENTITIES', `Give one of ${given.join(' and ')}, not both: each alone names an identity.`);
  const by = given[0];
  if (by !== undefined) {
    const id = options[by]?.trim();
    if (!id) throw misuse('ERR_EMPTY_IDENTITY', `The option ${by} is empty.`);
    return { kind: 'user-assigned', by, id, from: `the option ${by}` };
  }
  const own = value(env, 'AZURE_MANAGED_IDENTITY_CLIENT_ID');
  if (own !== undefined)
    return { kind: 'user-assigned', by: 'clientId', id: own, from: 'AZURE_MANAGED_IDENTITY_CLIENT_ID' };
  const shared = value(env, 'AZURE_CLIENT_ID');
  const taken = value(env, 'AZURE_CLIENT_SECRET') ?? value(env, 'AZURE_CLIENT_CERTIFICATE_PATH');
  return shared === undefined || taken !== undefined
    ? { kind: 'system-assigned' }
    : { kind: 'user-assigned', by: 'clientId', id: shared, from: 'AZURE_CLIENT_ID' };
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

function wantedSources(
  env: Environment,
  options: SelectOptions,
): { readonly sources: readonly Source[] } | { readonly problem: Problem } {
  if (options.source !== undefined) {
    const names: readonly SourceName[] = typeof options.source === 'string' ? [options.source] : options.source;
    return { sources: names.map(sourceNamed) };
  }
  const named = value(env, 'AZURE_TOKEN_CREDENTIALS');
  if (named === undefined) return { sources };
  const key = Object.keys(tokenCredentials).find((each) => each.toLowerCase() === named.toLowerCase());
  if (key !== undefined) return { sources: sources.filter(tokenCredentials[key] as (source: Source) => boolean) };
  return {
    problem: {
      code: 'ERR_SETTING_INVALID',
      message: 'AZURE_TOKEN_CREDENTIALS has a value that is not known.',
      hint: `It is one of ${Object.keys(tokenCredentials).join(', ')}.`,
    },
  };
}

function sourceNamed(name: SourceName): Source {
  const source = sources.find((each) => each.name === name);
  if (source === undefined) {
    throw misuse(
      'ERR_UNKNOWN_SOURCE',
      `There is no source "${name}"; there are ${sources.map((each) => each.name).join(', ')}.`,
    );
  }
  return source;
}

/** How the identity that was selected is told to people. */
export function describeIdentity(identity: ManagedIdentity): string {
  if (identity.kind === 'system-assigned') return 'system-assigned';
  const id = identity.by === 'clientId' && !isGuid(identity.id) ? '(not a GUID)' : showId(identity.id);
  return `user-assigned, ${nameOfKey[identity.by]} ${id} (from ${identity.from})`;
}
