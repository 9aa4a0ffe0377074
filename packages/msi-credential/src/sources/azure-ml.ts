// Managed identity of Azure Machine Learning compute.
// https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication
import type { HttpReply, Io } from '../io.ts';
import type { AcquiredToken, Detection, Environment, Source, TokenRequest } from '../types.ts';
import { readEndpoint } from '../wire/endpoint.ts';
import { isGuid, value } from '../wire/environment.ts';
import { isMachineLearning } from '../wire/host.ts';
import { getCall } from '../wire/managed-identity-call.ts';
import { readManagedIdentityReply } from '../wire/managed-identity-response.ts';
import { localServicePolicy, send } from '../wire/send.ts';

export interface AzureMlSettings {
  readonly url: URL;
  readonly secret: string;
  /** The compute's own identity, if it has one. */
  readonly defaultClientId: string | undefined;
}

export const azureMl: Source<AzureMlSettings> = {
  name: 'azure-ml',
  title: 'Azure Machine Learning managed identity',
  family: 'managed-identity',
  variables: ['MSI_ENDPOINT', 'MSI_SECRET', 'DEFAULT_IDENTITY_CLIENT_ID'],
  detect,
  acquire,
};

function detect(env: Environment): Detection<AzureMlSettings> {
  if (!isMachineLearning(env)) return { verdict: 'absent', reason: 'DEFAULT_IDENTITY_CLIENT_ID is not set' };
  const [text, secret] = [value(env, 'MSI_ENDPOINT'), value(env, 'MSI_SECRET')];
  if (text === undefined && secret === undefined) {
    return { verdict: 'absent', reason: 'MSI_ENDPOINT and MSI_SECRET are not set', near: true };
  }
  if (text === undefined || secret === undefined) {
    const [present, missing] = text === undefined ? ['MSI_SECRET', 'MSI_ENDPOINT'] : ['MSI_ENDPOINT', 'MSI_SECRET'];
    const message = `${present} is set but ${missing} is not, on Azure Machine Learning.`;
    const hint = `The compute sets both: remove what overrides ${missing}.`;
    return {
      verdict: 'partial',
      missing: [missing as string],
      problem: { code: 'ERR_SOURCE_INCOMPLETE', message, hint },
    };
  }
  const endpoint = readEndpoint('MSI_ENDPOINT', text);
  if ('problem' in endpoint) return { verdict: 'partial', missing: [], problem: endpoint.problem };
  const id = value(env, 'DEFAULT_IDENTITY_CLIENT_ID');
  const defaultClientId = id !== undefined && isGuid(id) ? id : undefined;
  return {
    verdict: 'found',
    settings: { url: endpoint.url, secret, defaultClientId },
    reason: 'MSI_ENDPOINT, MSI_SECRET and DEFAULT_IDENTITY_CLIENT_ID are set',
    host: 'Azure Machine Learning',
    identityKeys: ['clientId'],
    // The literal text "clientid" stands there when the compute has no identity; a request would then succeed, with the
    // token of the user who is signed in (Azure/azure-sdk-for-python#36047).
    ...(defaultClientId === undefined && {
      identityRequired: 'DEFAULT_IDENTITY_CLIENT_ID is not a client id: the compute has no identity of its own',
    }),
  };
}

/** `clientid` is sent always, the compute's own identity included (Azure/azure-sdk-for-java#37849). */
async function acquire(settings: AzureMlSettings, request: TokenRequest, io: Io): Promise<AcquiredToken> {
  const { url, secret, defaultClientId = '' } = settings;
  const clientid = request.identity.kind === 'user-assigned' ? request.identity.id : defaultClientId;
  const query = { 'api-version': '2017-09-01', resource: request.resource, clientid };
  const call = getCall(url, query, { metadata: 'true', secret });
  const reply = await send(io, call, localServicePolicy, request.signal);
  const explain = ({ status }: HttpReply) =>
    status === 400 || status === 404
      ? ({
          code: 'ERR_IDENTITY_NOT_FOUND',
          hint: 'Assign the identity to the compute, or correct its client id.',
        } as const)
      : undefined;
  return readManagedIdentityReply(reply, call, { source: 'azure-ml', secrets: [secret], now: io.now(), explain });
}
