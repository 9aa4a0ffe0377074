// Managed identity of Azure Machine Learning compute.
// https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication
import { credentialError } from '../../errors.ts';
import { readEndpoint } from '../../http/endpoint.ts';
import { localServicePolicy, send } from '../../http/send.ts';
import type { HttpReply, Io } from '../../io.ts';
import { isGuid, value } from '../../selection/environment.ts';
import type { AcquiredToken, Detection, Environment, Source, TokenRequest } from '../../types.ts';
import { getCall, problemWithSecret } from './call.ts';
import { isMachineLearning, neighbourVariables } from './host.ts';
import { isAboutIdentity, readManagedIdentityReply } from './reply.ts';

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
  variables: ['MSI_ENDPOINT', 'MSI_SECRET', ...neighbourVariables],
  advice: 'assign an identity to the compute',
  detect,
  acquire,
};

function detect(env: Environment): Detection<AzureMlSettings> {
  if (!isMachineLearning(env)) return { verdict: 'absent', reason: 'DEFAULT_IDENTITY_CLIENT_ID is not set' };
  const [text, secret] = [value(env, 'MSI_ENDPOINT'), value(env, 'MSI_SECRET')];
  if (text === undefined && secret === undefined) {
    const near = 'assign an identity to the compute, which then sets both';
    return { verdict: 'absent', reason: 'MSI_ENDPOINT and MSI_SECRET are not set', near };
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
  const problem = problemWithSecret('MSI_SECRET', secret);
  if (problem) return { verdict: 'partial', missing: [], problem };
  const id = value(env, 'DEFAULT_IDENTITY_CLIENT_ID');
  const defaultClientId = id !== undefined && isGuid(id) ? id : undefined;
  return {
    verdict: 'found',
    settings: { url: endpoint.url, secret, defaultClientId },
    reason: 'MSI_ENDPOINT and MSI_SECRET are set, on Azure Machine Learning',
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
  const { identity, resource, signal } = request;
  const clientid = identity.kind === 'user-assigned' ? identity.id : defaultClientId;
  if (!isGuid(clientid)) {
    // As above: anything else would succeed, with a person's token.
    const from = identity.kind === 'user-assigned' ? identity.from : 'DEFAULT_IDENTITY_CLIENT_ID';
    throw credentialError('ERR_IDENTITY_UNSUPPORTED', `The client id from ${from} is not a GUID.`, {
      source: 'azure-ml',
      hint: 'Name the identity by its client id: Azure Machine Learning would answer anything else with the token of a person.',
    });
  }
  const query = { 'api-version': '2017-09-01', resource, clientid };
  const call = getCall(url, query, { metadata: 'true', secret });
  const reply = await send(io, call, localServicePolicy, signal);
  return readManagedIdentityReply(reply, call, { source: 'azure-ml', secrets: [secret], now: io.now(), explain });
}

/**
 * Its refusals are plain text; their statuses are not documented (Azure/azure-sdk-for-net#46932). "InternalError" tells what
 * the service behind it answered (Azure/azure-sdk-for-net#49174).
 */
function explain(reply: HttpReply) {
  const { status, body } = reply;
  if (status === 401 || status === 403 || body.startsWith('Invalid secret token header')) {
    return { hint: 'The secret was not accepted: restart the compute or the job, so that it gets the current one.' };
  }
  return (status === 400 || status === 404) && (body.startsWith('InternalError') || isAboutIdentity(reply))
    ? ({
        code: 'ERR_IDENTITY_NOT_FOUND',
        hint: 'Assign the identity to the compute, or correct its client id.',
      } as const)
    : undefined;
}
