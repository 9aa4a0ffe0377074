// Managed identity of App Service, Functions, Container Apps and Automation.
// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference

import { readEndpoint } from '../../http/endpoint.ts';
import { type Call, localServicePolicy, send } from '../../http/send.ts';
import type { HttpReply, Io } from '../../io.ts';
import { value } from '../../selection/environment.ts';
import { parseJson, refusalCode } from '../../tokens/read-token.ts';
import type { AcquiredToken, Detection, Environment, IdentityKey, Problem, Source, TokenRequest } from '../../types.ts';
import { clouds } from '../application/clouds.ts';
import { getCall, problemWithSecret, selectorOf } from './call.ts';
import {
  type AssignCommands,
  appHostOf,
  appNameVariables,
  assignCommandsOf,
  hostWithoutIdentity,
  isMachineLearning,
  neighbourVariables,
} from './host.ts';
import { isAboutIdentity, readManagedIdentityReply } from './reply.ts';

interface Address {
  readonly url: URL;
  readonly secret: string;
}

/** The protocol of 2019, that of 2017, or both: old runtimes only speak the latter. */
export interface AppServiceSettings {
  readonly host: string;
  readonly assign: AssignCommands | undefined;
  readonly v2019?: Address;
  readonly v2017?: Address;
}

export const appService: Source<AppServiceSettings> = {
  name: 'app-service',
  title: 'App Service managed identity',
  family: 'managed-identity',
  variables: [
    'IDENTITY_ENDPOINT',
    'IDENTITY_HEADER',
    'MSI_ENDPOINT',
    'MSI_SECRET',
    'IDENTITY_SERVER_THUMBPRINT',
    'IMDS_ENDPOINT',
    ...neighbourVariables,
    ...appNameVariables,
  ],
  advice: 'enable a managed identity and restart',
  detect,
  acquire,
};

function detect(env: Environment): Detection<AppServiceSettings> {
  const host = appHostOf(env);
  const v2019 = pair(env, 'IDENTITY_ENDPOINT', 'IDENTITY_HEADER');
  const v2017 = pair(env, 'MSI_ENDPOINT', 'MSI_SECRET');
  if (v2019.complete && value(env, 'IDENTITY_SERVER_THUMBPRINT')) {
    // Its secret must not go to a server whose certificate nobody has compared with the thumbprint.
    return { verdict: 'absent', reason: 'IDENTITY_ENDPOINT and IDENTITY_HEADER are those of Service Fabric' };
  }
  // That of Azure Machine Learning is no way out for an old runtime: without `clientid` it gives a person's token.
  const machineLearning = isMachineLearning(env);
  if (v2019.complete)
    return found(env, host ?? 'App Service', v2019, v2017.complete && !machineLearning ? v2017 : undefined);
  if (machineLearning && (v2017.complete || (!v2019.endpoint && !v2019.secret))) {
    return { verdict: 'absent', reason: 'this is Azure Machine Learning' };
  }
  if (v2017.complete) return found(env, host ?? 'App Service', undefined, v2017);
  return halfSet(env, host, v2019, v2017) ?? withoutIdentity(env, host);
}

interface Pair {
  readonly names: readonly [string, string];
  readonly endpoint: string | undefined;
  readonly secret: string | undefined;
  readonly complete: boolean;
}

function pair(env: Environment, endpointName: string, secretName: string): Pair {
  const [endpoint, secret] = [value(env, endpointName), value(env, secretName)];
  return {
    names: [endpointName, secretName],
    endpoint,
    secret,
    complete: endpoint !== undefined && secret !== undefined,
  };
}

function found(
  env: Environment,
  host: string,
  current: Pair | undefined,
  legacy: Pair | undefined,
): Detection<AppServiceSettings> {
  const addresses = [current, legacy].map((each) => (each ? readPair(each) : undefined));
  for (const address of addresses) {
    if (address && 'problem' in address) return { verdict: 'partial', problem: address.problem, missing: [], host };
  }
  const [v2019, v2017] = addresses as (Address | undefined)[];
  const names = (current ?? legacy)?.names.join(' and ');
  const version = v2019 ? '2019-08-01' : '2017-09-01';
  const identityKeys: readonly IdentityKey[] = v2019 ? ['clientId', 'objectId', 'resourceId'] : ['clientId'];
  return {
    verdict: 'found',
    settings: { host, assign: assignCommandsOf(host, env), ...(v2019 && { v2019 }), ...(v2017 && { v2017 }) },
    reason: `${names} are set (protocol ${version})`,
    host,
    identityKeys,
  };
}

function readPair(given: Pair): Address | { readonly problem: Problem } {
  const endpoint = readEndpoint(given.names[0], given.endpoint ?? '');
  if ('problem' in endpoint) return endpoint;
  const secret = given.secret ?? '';
  const problem = problemWithSecret(given.names[1], secret);
  return problem ? { problem } : { url: endpoint.url, secret };
}

function halfSet(
  env: Environment,
  host: string | undefined,
  v2019: Pair,
  v2017: Pair,
): Detection<AppServiceSettings> | undefined {
  // Each of these halves is another host's: Azure Arc, Service Fabric or Container Instances, Cloud Shell.
  if (v2019.endpoint && value(env, 'IMDS_ENDPOINT')) return undefined;
  if ((v2019.endpoint ?? v2019.secret) && value(env, 'IDENTITY_SERVER_THUMBPRINT')) return undefined;
  const half = [v2019, v2017].find((each) => each.endpoint !== undefined || each.secret !== undefined);
  if (half === undefined || (half === v2017 && half.endpoint && host === undefined)) return undefined;
  const [present, missing] = half.endpoint ? half.names : ([half.names[1], half.names[0]] as const);
  return {
    verdict: 'partial',
    ...(host && { host }),
    missing: [missing],
    problem: {
      code: 'ERR_SOURCE_INCOMPLETE',
      message: `${present} is set but ${missing} is not${host ? `, on ${host}` : ''}.`,
      hint: host
        ? `${host} sets both when a managed identity is enabled: enable one, restart the app, and remove any app setting of that name.`
        : `Set ${missing} too, as the host does${present === 'IDENTITY_ENDPOINT' ? ' (on a server connected by Azure Arc: IMDS_ENDPOINT)' : ''}, or unset ${present}.`,
    },
  };
}

function withoutIdentity(env: Environment, host: string | undefined): Detection<AppServiceSettings> {
  if (host === undefined) return { verdict: 'absent', reason: 'neither IDENTITY_ENDPOINT nor MSI_ENDPOINT is set' };
  const missing = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'];
  return { verdict: 'partial', host, missing, problem: hostWithoutIdentity(host, env) };
}

async function acquire(settings: AppServiceSettings, request: TokenRequest, io: Io): Promise<AcquiredToken> {
  const { v2019, v2017 } = settings;
  if (v2019) {
    const call = callOf2019(v2019, request);
    const reply = await send(io, call, localServicePolicy, request.signal);
    // Linux Functions Consumption once only understood the older protocol (Azure/azure-sdk-for-python#14670).
    if (v2017 === undefined || !isUnsupportedVersion(reply)) return read(reply, call, settings, request, io);
  }
  const call = callOf2017(v2017 as Address, request);
  return read(await send(io, call, localServicePolicy, request.signal), call, settings, request, io);
}

/** 2019-08-01. Azure Automation also wants `Metadata: true`; elsewhere it is harmless. */
function callOf2019({ url, secret }: Address, { resource, identity }: TokenRequest): Call {
  const selector = selectorOf(identity, { clientId: 'client_id', objectId: 'principal_id', resourceId: 'mi_res_id' });
  const query = { 'api-version': '2019-08-01', resource, ...selector };
  return getCall(url, query, { metadata: 'true', 'x-identity-header': secret });
}

/** 2017-09-01. Only `clientid` selects: `client_id` is ignored and gives the system-assigned identity (Azure/azure-sdk-for-go#13912). */
function callOf2017({ url, secret }: Address, { resource, identity }: TokenRequest): Call {
  const query = { 'api-version': '2017-09-01', resource, ...selectorOf(identity, { clientId: 'clientid' }) };
  return getCall(url, query, { metadata: 'true', secret });
}

function isUnsupportedVersion(reply: HttpReply): boolean {
  return reply.status >= 400 && refusalCode(parseJson(reply.body)) === 'UnsupportedApiVersion';
}

function read(
  reply: HttpReply,
  call: Call,
  settings: AppServiceSettings,
  request: TokenRequest,
  io: Io,
): Promise<AcquiredToken> {
  const secrets = [settings.v2019?.secret, settings.v2017?.secret].filter((each) => each !== undefined);
  const explain = () => explainRefusal(reply, settings, request);
  return readManagedIdentityReply(reply, call, { source: 'app-service', secrets, now: io.now(), explain });
}

function explainRefusal(reply: HttpReply, { host, assign }: AppServiceSettings, { identity, resource }: TokenRequest) {
  const { status } = reply;
  if (status === 400 && isAboutIdentity(reply)) {
    const hint =
      identity.kind === 'system-assigned'
        ? `Enable the system-assigned identity of this ${host} app${assign ? ` (${assign.system})` : ''}, or name its user-assigned one (AZURE_CLIENT_ID or the option clientId).`
        : `Assign the user-assigned identity to this ${host} app${assign ? ` (${assign.user})` : ''}, or correct the ${identity.by} (from ${identity.from}).`;
    return { code: 'ERR_IDENTITY_NOT_FOUND', hint } as const;
  }
  if (status === 401 || status === 403) {
    return {
      hint: 'The secret was not accepted: the platform may have changed it since this process started. Restart the app.',
    };
  }
  // The same answer for a resource that there is not as for a failure of Entra.
  if (status === 500 && !clouds.some(({ vaultResource }) => vaultResource === resource)) {
    return {
      hint: 'A resource that the tenant does not know is answered like this: compare the scope with its documentation, letter by letter. If it is right, the service failed: restart the app if that goes on.',
    };
  }
  return undefined;
}
