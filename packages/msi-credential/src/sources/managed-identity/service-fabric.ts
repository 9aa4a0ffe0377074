// Managed identity of Service Fabric applications and, on plain http, of Container Instances on Windows.
// https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code

import type { Refusal } from '../../failures/refusal.ts';
import { readEndpoint } from '../../http/endpoint.ts';
import { localServicePolicy, type SendPolicy, send } from '../../http/send.ts';
import type { HttpReply, Io } from '../../io.ts';
import { value } from '../../selection/environment.ts';
import type { AcquiredToken, Detection, Environment, Source, TokenRequest } from '../../types.ts';
import { getCall, problemWithSecret, selectorOf } from './call.ts';
import { readManagedIdentityReply } from './reply.ts';

export interface ServiceFabricSettings {
  readonly host: string;
  readonly url: URL;
  readonly secret: string;
  /** SHA-1 of the server's certificate, 40 hexadecimal digits in lower case; not for Container Instances. */
  readonly thumbprint?: string;
  readonly apiVersion: string;
}

const names = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER', 'IDENTITY_SERVER_THUMBPRINT'] as const;

export const serviceFabric: Source<ServiceFabricSettings> = {
  name: 'service-fabric',
  title: 'Service Fabric managed identity',
  family: 'managed-identity',
  variables: [...names, 'IDENTITY_API_VERSION'],
  advice: 'bind a managed identity in the application manifest and deploy it',
  detect,
  acquire,
};

/** Documented: only 429 is worth another try, after 1, 2, 4, 8 and 16 s; 404 never is. */
const policy: SendPolicy = {
  ...localServicePolicy,
  retries: [{ statuses: (status) => status === 429, pausesMs: [1000, 2000, 4000, 8000, 16_000] }],
};

function detect(env: Environment): Detection<ServiceFabricSettings> {
  const [endpoint, secret, thumbprint] = names.map((name) => value(env, name));
  if (thumbprint === undefined) return { verdict: 'absent', reason: 'IDENTITY_SERVER_THUMBPRINT is not set' };
  if (endpoint === undefined && secret !== undefined) {
    // Container Instances on Linux sets these two; its identity comes from the metadata service (MicrosoftDocs/azure-docs#122273).
    const near = 'assign an identity to the container group (az container create --assign-identity)';
    return { verdict: 'absent', reason: 'IDENTITY_ENDPOINT is not set, as on Container Instances (Linux)', near };
  }
  if (endpoint === undefined || secret === undefined) {
    const missing = names.filter((name) => value(env, name) === undefined);
    return partial(
      missing,
      `IDENTITY_SERVER_THUMBPRINT is set but ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not.`,
    );
  }
  return complete(env, endpoint, secret, thumbprint);
}

function complete(env: Environment, text: string, secret: string, pin: string): Detection<ServiceFabricSettings> {
  const endpoint = readEndpoint('IDENTITY_ENDPOINT', text);
  if ('problem' in endpoint) return { verdict: 'partial', missing: [], problem: endpoint.problem };
  const problem = problemWithSecret('IDENTITY_HEADER', secret);
  if (problem) return { verdict: 'partial', missing: [], problem };
  const { url } = endpoint;
  const apiVersion = value(env, 'IDENTITY_API_VERSION') ?? url.searchParams.get('api-version') ?? '2019-07-01-preview';
  const reason = `${names.join(', ')} are set`;
  if (url.protocol === 'http:') {
    // No peer tells the two apart, and all fail here (Azure/azure-sdk-for-net#45547).
    const settings = {
      host: 'Container Instances',
      url,
      secret,
      apiVersion: url.searchParams.get('api-version') ?? apiVersion,
    };
    return { verdict: 'found', settings, reason, host: settings.host, identityKeys: ['objectId'] };
  }
  const thumbprint = pin.replace(/[:\s]/g, '').toLowerCase();
  if (!/^[0-9a-f]{40}$/.test(thumbprint)) {
    return partial(
      [],
      'IDENTITY_SERVER_THUMBPRINT is not a SHA-1 thumbprint of 40 hexadecimal digits.',
      'ERR_SETTING_INVALID',
    );
  }
  const settings = { host: 'Service Fabric', url, secret, thumbprint, apiVersion };
  return { verdict: 'found', settings, reason, host: settings.host, identityKeys: [] };
}

function partial(
  missing: readonly string[],
  message: string,
  code: 'ERR_SOURCE_INCOMPLETE' | 'ERR_SETTING_INVALID' = 'ERR_SOURCE_INCOMPLETE',
): Detection<ServiceFabricSettings> {
  const hint =
    'Service Fabric sets all three when the application has a managed identity: remove what overrides them, and redeploy.';
  return { verdict: 'partial', missing, problem: { code, message, hint } };
}

async function acquire(settings: ServiceFabricSettings, request: TokenRequest, io: Io): Promise<AcquiredToken> {
  const { url, secret, thumbprint, apiVersion, host } = settings;
  const query = {
    'api-version': apiVersion,
    resource: request.resource,
    ...selectorOf(request.identity, { objectId: 'principalId' }),
  };
  const call = { ...getCall(url, query, { secret }), ...(thumbprint && { thumbprint }) };
  const reply = await send(io, call, policy, request.signal);
  const explain = ({ status }: HttpReply, { code }: Refusal) => explainCode(status, code, host);
  return readManagedIdentityReply(reply, call, { source: 'service-fabric', secrets: [secret], now: io.now(), explain });
}

function explainCode(status: number, code: string | undefined, host: string) {
  if (code === 'ManagedIdentityNotFound' || code === 'DefaultIdentityNotDefined') {
    const hint =
      host === 'Container Instances'
        ? 'Give the container group a system-assigned identity, or name its user-assigned one by its object id (objectId).'
        : 'Assign an identity to the application in its manifest, and deploy it again; if it has one, restart the service: an outdated secret is answered in the same way.';
    return { code: 'ERR_IDENTITY_NOT_FOUND', hint } as const;
  }
  if (code === 'SecretHeaderNotFound' || status === 401 || status === 403) {
    return { hint: 'The secret was not accepted: restart the service, so that it gets the current one.' };
  }
  return undefined;
}
