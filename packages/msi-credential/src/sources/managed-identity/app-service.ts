// Managed identity of App Service, Functions, Container Apps and Automation.
// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
import type { Fix } from '../../codes.ts';
import type { RefusalRow } from '../../failures/refusal.ts';
import { getCall, problemWithSecret } from '../../http/call.ts';
import { readEndpoint } from '../../http/endpoint.ts';
import { type Call, localServicePolicy } from '../../http/send.ts';
import { value } from '../../selection/environment.ts';
import type { AcquiredToken, Detection, Environment, Flight, Problem, Source, TokenRequest } from '../../types.ts';
import { clouds } from '../application/clouds.ts';
import { absent, found, incomplete, invalid } from '../detection.ts';
import {
  type AssignCommands,
  appNameVariables,
  assignCommandsOf,
  hostWithoutIdentity,
  onUnreachable,
} from './assign.ts';
import { appHostOf, isMachineLearning, kuduVariables, neighbourVariables, shownValue, spoken } from './host.ts';
import {
  aboutIdentity,
  ask,
  identityNotFound,
  isUnsupportedVersion,
  type Protocol,
  readReply,
  requestToken,
  selectorOf,
} from './protocol.ts';

export const appService: Source = {
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
    ...kuduVariables,
  ],
  advice: { text: 'enable a managed identity for the app and restart it' },
  announced,
};

/** An endpoint and its secret, as the variables of a protocol have them. */
interface Pair {
  readonly names: readonly [endpoint: string, secret: string];
  readonly endpoint: string | undefined;
  readonly secret: string | undefined;
}

const readPair = (env: Environment, ...names: Pair['names']): Pair => ({
  names,
  endpoint: shownValue(env, names[0]),
  secret: shownValue(env, names[1]),
});

const isComplete = ({ endpoint, secret }: Pair) => endpoint !== undefined && secret !== undefined;
const isEmpty = ({ endpoint, secret }: Pair) => endpoint === undefined && secret === undefined;

function announced(env: Environment): Detection {
  const host = appHostOf(env);
  const current = readPair(env, 'IDENTITY_ENDPOINT', 'IDENTITY_HEADER');
  const legacy = readPair(env, 'MSI_ENDPOINT', 'MSI_SECRET');
  if (isComplete(current) && value(env, 'IDENTITY_SERVER_THUMBPRINT')) {
    // The secret must not go to a server whose certificate was not compared with the thumbprint.
    return absent('IDENTITY_ENDPOINT and IDENTITY_HEADER belong to Service Fabric');
  }
  // Azure ML's older pair is no way out for an old runtime: without `clientid` it gives a person's token.
  const isMl = isMachineLearning(env);
  if (isComplete(current)) {
    return offerOf(env, host ?? 'App Service', { current, legacy: isComplete(legacy) && !isMl ? legacy : undefined });
  }
  if (isMl && (isComplete(legacy) || isEmpty(current))) return absent('this is Azure Machine Learning');
  if (isComplete(legacy)) return offerOf(env, host ?? 'App Service', { legacy });
  return halfSet(env, host, [current, legacy]) ?? withoutIdentity(env, host);
}

interface Address {
  readonly url: URL;
  readonly secret: string;
}

/** The protocol of 2019, that of 2017, or both: old runtimes only speak the latter. */
interface Settings {
  readonly host: string;
  readonly assign: AssignCommands | undefined;
  readonly v2019: Address | undefined;
  readonly v2017: Address | undefined;
}

function offerOf(
  env: Environment,
  host: string,
  { current, legacy }: { readonly current?: Pair; readonly legacy?: Pair | undefined },
): Detection {
  const [v2019, v2017] = [addressOf(current), addressOf(legacy)];
  const problem = [v2019, v2017].find((each) => each && 'code' in each);
  if (problem) return invalid(problem as Problem, host);
  const settings = { host, assign: assignCommandsOf(host, env), v2019, v2017 } as Settings;
  const addresses = [settings.v2019, settings.v2017].filter((each) => each !== undefined);
  return found({
    reason: `${(current ?? legacy)?.names.join(' and ')} are set (protocol ${v2019 ? '2019-08-01' : '2017-09-01'})`,
    host,
    principal: 'managed-identity',
    endpoints: addresses.map(({ url }) => url),
    identityKeys: v2019 ? ['clientId', 'objectId', 'resourceId'] : ['clientId'],
    key: [v2019, v2017],
    acquire: (request, flight) => acquire(settings, request, flight),
  });
}

function addressOf(pair: Pair | undefined): Address | Problem | undefined {
  if (pair?.endpoint === undefined || pair.secret === undefined) return undefined;
  const endpoint = readEndpoint(pair.names[0], pair.endpoint);
  if ('problem' in endpoint) return endpoint.problem;
  return problemWithSecret(pair.names[1], pair.secret) ?? { url: endpoint.url, secret: pair.secret };
}

function halfSet(env: Environment, host: string | undefined, pairs: readonly [Pair, Pair]): Detection | undefined {
  const [current, legacy] = pairs;
  // Each of these halves belongs to another host: Azure Arc, Service Fabric or Container Instances, Cloud Shell.
  if (current.endpoint && value(env, 'IMDS_ENDPOINT')) return undefined;
  if (!isEmpty(current) && value(env, 'IDENTITY_SERVER_THUMBPRINT')) return undefined;
  const half = pairs.find((pair) => !isEmpty(pair));
  if (half === undefined || (half === legacy && half.endpoint && host === undefined)) return undefined;
  const [present, missing] = half.endpoint ? half.names : ([half.names[1], half.names[0]] as const);
  const byHand =
    present === 'IDENTITY_ENDPOINT'
      ? `Set ${missing} too, as the host does. On a server connected by Azure Arc, set IMDS_ENDPOINT instead. Or unset ${present}.`
      : `Set ${missing} too, as the host does, or unset ${present}.`;
  const text = host
    ? `${host} sets both when a managed identity is enabled. Enable one, restart the app, and remove any app setting of that name.`
    : byHand;
  return incomplete({ present, missing: [missing], host, fix: [{ text }] });
}

function withoutIdentity(env: Environment, host: string | undefined): Detection {
  if (host === undefined) return absent('neither IDENTITY_ENDPOINT nor MSI_ENDPOINT is set');
  const missing = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'];
  return { verdict: 'partial', host, missing, problem: hostWithoutIdentity(host, env) };
}

async function acquire(settings: Settings, request: TokenRequest, flight: Flight): Promise<AcquiredToken> {
  const { v2019, v2017 } = settings;
  const protocol: Protocol = {
    source: 'app-service',
    policy: { ...localServicePolicy, onUnreachable: onUnreachable(settings.host, localServicePolicy.onUnreachable) },
    secrets: [v2019, v2017].flatMap((each) => each?.secret ?? []),
    refusals: refusals(settings, request),
    request,
  };
  if (v2019) {
    const call = callOf2019(v2019, request);
    const reply = await ask(call, protocol.policy, flight);
    // Linux Functions Consumption once only understood the older protocol (Azure/azure-sdk-for-python#14670).
    if (v2017 === undefined || !isUnsupportedVersion(reply)) return readReply(reply, call, protocol, flight.io.now());
  }
  return requestToken(callOf2017(v2017 as Address, request), protocol, flight);
}

/**
 * 2019-08-01. All SDKs name an object id by `object_id`, and a stand-in that knows no other name exists; the documentation
 * takes `principal_id` as well. Azure Automation also wants `Metadata: true`; elsewhere it is harmless.
 */
function callOf2019({ url, secret }: Address, { resource, identity }: TokenRequest): Call {
  const selector = selectorOf(identity, { clientId: 'client_id', objectId: 'object_id', resourceId: 'mi_res_id' });
  const query = { 'api-version': '2019-08-01', resource, ...selector };
  return getCall(url, query, { metadata: 'true', 'x-identity-header': secret });
}

/** 2017-09-01. Only `clientid` selects: `client_id` is ignored and gives the system-assigned identity (Azure/azure-sdk-for-go#13912). */
function callOf2017({ url, secret }: Address, { resource, identity }: TokenRequest): Call {
  const query = { 'api-version': '2017-09-01', resource, ...selectorOf(identity, { clientId: 'clientid' }) };
  return getCall(url, query, { metadata: 'true', secret });
}

function refusals({ host, assign }: Settings, { identity, resource }: TokenRequest): readonly RefusalRow[] {
  const isSystem = identity.kind === 'system-assigned';
  const what = isSystem ? 'enable the system-assigned identity' : 'assign the user-assigned identity';
  const run = isSystem ? assign?.system : assign?.user;
  const missingIdentity: readonly Fix[] = [
    run === undefined ? { text: `On ${spoken(host)}, ${what}.` } : { text: `On ${spoken(host)}, ${what}:`, run },
    {
      text: isSystem
        ? 'Or name a user-assigned identity with AZURE_CLIENT_ID or the option clientId.'
        : `Or correct ${identity.from}.`,
    },
  ];
  return [
    identityNotFound({ status: 400, body: aboutIdentity }, missingIdentity),
    {
      status: [401, 403],
      fix: [
        {
          text: 'The secret was not accepted. The platform may have changed it since this process started: restart the app.',
        },
      ],
    },
    // The service answers 500 for a resource that does not exist, as it does when Entra fails.
    ...(clouds.some(({ vaultResource }) => vaultResource === resource) ? [] : [unknownResource]),
  ];
}

const unknownResource: RefusalRow = {
  status: 500,
  fix: [
    {
      text: 'This is the answer for a resource that the tenant does not know. Compare the scope with its documentation, letter by letter.',
    },
    { text: 'If the scope is right, the service failed. Restart the app if that goes on.' },
  ],
};
