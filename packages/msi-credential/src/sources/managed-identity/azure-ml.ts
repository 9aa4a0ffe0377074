// Managed identity of Azure Machine Learning compute.
// https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication
import { credentialError } from '../../errors.ts';
import type { RefusalRow } from '../../failures/refusal.ts';
import { getCall, problemWithSecret } from '../../http/call.ts';
import { readEndpoint } from '../../http/endpoint.ts';
import { localServicePolicy } from '../../http/send.ts';
import { isGuid, value } from '../../selection/environment.ts';
import type {
  AcquiredToken,
  Detection,
  Environment,
  Flight,
  ManagedIdentity,
  Source,
  TokenRequest,
} from '../../types.ts';
import { absent, found, incomplete, invalid } from '../detection.ts';
import { isMachineLearning, neighbourVariables } from './host.ts';
import { aboutIdentity, identityNotFound, requestToken } from './protocol.ts';

export const azureMl: Source = {
  name: 'azure-ml',
  title: 'Azure Machine Learning managed identity',
  family: 'managed-identity',
  variables: ['MSI_ENDPOINT', 'MSI_SECRET', ...neighbourVariables],
  advice: { text: 'assign an identity to the compute' },
  announced,
};

const host = 'Azure Machine Learning';

function announced(env: Environment): Detection {
  if (!isMachineLearning(env)) return absent('DEFAULT_IDENTITY_CLIENT_ID is not set');
  const [text, secret] = [value(env, 'MSI_ENDPOINT'), value(env, 'MSI_SECRET')];
  if (text === undefined && secret === undefined) {
    return absent('MSI_ENDPOINT and MSI_SECRET are not set', 'assign an identity to the compute, which then sets both');
  }
  if (text === undefined || secret === undefined) {
    const [present, missing] = text === undefined ? ['MSI_SECRET', 'MSI_ENDPOINT'] : ['MSI_ENDPOINT', 'MSI_SECRET'];
    const fix = [{ text: `The compute sets both. Remove what overrides ${missing}.` }];
    return incomplete({ present, missing: [missing], host, fix });
  }
  const endpoint = readEndpoint('MSI_ENDPOINT', text);
  if ('problem' in endpoint) return invalid(endpoint.problem);
  const problem = problemWithSecret('MSI_SECRET', secret);
  if (problem) return invalid(problem);
  const defaultId = value(env, 'DEFAULT_IDENTITY_CLIENT_ID');
  return found({
    reason: `MSI_ENDPOINT and MSI_SECRET are set, on ${host}`,
    host,
    principal: 'managed-identity',
    endpoints: [endpoint.url],
    identityKeys: ['clientId'],
    identityRequired: isOnlineEndpoint(env) ? undefined : problemWithDefault(defaultId),
    key: [endpoint.url, secret, defaultId],
    acquire: (request, flight) => acquire({ url: endpoint.url, secret, defaultId }, request, flight),
  });
}

/**
 * A managed online endpoint has an identity always, and its token service wants no `clientid` for the system-assigned one
 * (Azure/azureml-examples, cli/endpoints/online/model-1/onlinescoring/score_managedidentity.py). A batch endpoint sets the
 * model's folder as well, but is a job on a compute.
 */
function isOnlineEndpoint(env: Environment): boolean {
  const isScoring = value(env, 'AZUREML_MODEL_DIR') ?? value(env, 'AZUREML_ENTRY_SCRIPT');
  const isCompute = value(env, 'DEFAULT_IDENTITY_CLIENT_ID') ?? value(env, 'AZUREML_RUN_ID');
  return isScoring !== undefined && isCompute === undefined;
}

/**
 * The literal text "clientid" stands there when the compute has no identity. A request would then succeed, with the token of
 * the user who is signed in (Azure/azure-sdk-for-python#36047).
 */
function problemWithDefault(id: string | undefined): string | undefined {
  if (id === undefined) return 'DEFAULT_IDENTITY_CLIENT_ID is not set, so the compute may have no identity of its own';
  if (isGuid(id)) return undefined;
  return 'DEFAULT_IDENTITY_CLIENT_ID is not a client id, so the compute has no identity of its own';
}

interface Settings {
  readonly url: URL;
  readonly secret: string;
  /** The client id of the compute's own identity; undefined on an online endpoint. */
  readonly defaultId: string | undefined;
}

/** Sends `clientid` for the compute's own identity, too (Azure/azure-sdk-for-java#37849). */
function acquire({ url, secret, defaultId }: Settings, request: TokenRequest, flight: Flight): Promise<AcquiredToken> {
  const { identity, resource } = request;
  const clientId = clientIdOf(identity, defaultId);
  const query = { 'api-version': '2017-09-01', resource, ...(clientId !== undefined && { clientid: clientId }) };
  const call = getCall(url, query, { metadata: 'true', secret });
  const protocol = { source: 'azure-ml', policy: localServicePolicy, secrets: [secret], refusals, request } as const;
  return requestToken(call, protocol, flight);
}

/** Anything but a client id would succeed, with a person's token. */
function clientIdOf(identity: ManagedIdentity, defaultId: string | undefined): string | undefined {
  const id = identity.kind === 'user-assigned' ? identity.id : defaultId;
  if (id === undefined || isGuid(id)) return id;
  const from = identity.kind === 'user-assigned' ? identity.from : 'DEFAULT_IDENTITY_CLIENT_ID';
  throw credentialError('ERR_IDENTITY_UNSUPPORTED', `The client id from ${from} is not a GUID.`, {
    source: 'azure-ml',
    fix: [{ text: `Name the identity by its client id. ${host} answers anything else with the token of a person.` }],
  });
}

const assign = [{ text: 'Assign the identity to the compute, or correct its client id.' }];

/**
 * Its refusals are plain text, and their statuses are not documented (Azure/azure-sdk-for-net#46932). "InternalError" tells
 * what the service behind it answered (Azure/azure-sdk-for-net#49174).
 */
const refusals: readonly RefusalRow[] = [
  ...[{ status: [401, 403] }, { body: /^Invalid secret token header/ }].map((row) => ({
    ...row,
    fix: [{ text: 'The secret was not accepted. Restart the compute or the job, so that it gets the current one.' }],
  })),
  identityNotFound({ status: [400, 404], body: /^InternalError/ }, assign),
  identityNotFound({ status: [400, 404], body: aboutIdentity }, assign),
];
