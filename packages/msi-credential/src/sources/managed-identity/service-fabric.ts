// Managed identity of Service Fabric applications and, on plain http, of Container Instances on Windows.
// https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code
import { explain } from '../../codes.ts';
import type { RefusalRow } from '../../failures/refusal.ts';
import { getCall, problemWithSecret } from '../../http/call.ts';
import { readEndpoint } from '../../http/endpoint.ts';
import { type Call, localServicePolicy, type SendPolicy } from '../../http/send.ts';
import { value } from '../../selection/environment.ts';
import type { AcquiredToken, Detection, Environment, Flight, IdentityKey, Source, TokenRequest } from '../../types.ts';
import { absent, found, incomplete, invalid } from '../detection.ts';
import { ask, identityNotFound, isUnsupportedVersion, readReply, requestToken, selectorOf } from './protocol.ts';

const names = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER', 'IDENTITY_SERVER_THUMBPRINT'] as const;

export const serviceFabric: Source = {
  name: 'service-fabric',
  title: 'Service Fabric managed identity',
  family: 'managed-identity',
  variables: [...names, 'IDENTITY_API_VERSION'],
  advice: { text: 'bind a managed identity in the application manifest and deploy it' },
  announced,
};

const fix = [
  {
    text: 'Service Fabric sets all three when the application has a managed identity. Remove what overrides them, and redeploy.',
  },
];

function announced(env: Environment): Detection {
  const [endpoint, secret, thumbprint] = names.map((name) => value(env, name));
  if (thumbprint === undefined) return absent('IDENTITY_SERVER_THUMBPRINT is not set');
  if (endpoint === undefined && secret !== undefined) {
    // Container Instances on Linux sets these two; its identity comes from the metadata service (MicrosoftDocs/azure-docs#122273).
    return absent(
      'IDENTITY_ENDPOINT is not set, as on Container Instances (Linux)',
      'create the container group with an identity (--assign-identity)',
    );
  }
  if (endpoint === undefined || secret === undefined) {
    const missing = names.filter((name) => value(env, name) === undefined);
    return incomplete({ present: 'IDENTITY_SERVER_THUMBPRINT', missing, fix });
  }
  return complete(env, endpoint, secret, thumbprint);
}

/** The version that all other clients send. */
const preview = '2019-07-01-preview';

interface Settings {
  readonly url: URL;
  readonly secret: string;
  readonly apiVersion: string;
  readonly refusals: readonly RefusalRow[];
  /** SHA-1 of the server's certificate, 40 hexadecimal digits in lower case; not for Container Instances. */
  readonly thumbprint?: string;
}

function complete(env: Environment, text: string, secret: string, pin: string): Detection {
  const endpoint = readEndpoint('IDENTITY_ENDPOINT', text);
  if ('problem' in endpoint) return invalid(endpoint.problem);
  const problem = problemWithSecret('IDENTITY_HEADER', secret);
  if (problem) return invalid(problem);
  const { url } = endpoint;
  const inQuery = url.searchParams.get('api-version');
  const apiVersion = value(env, 'IDENTITY_API_VERSION') ?? inQuery ?? preview;
  if (url.protocol === 'http:') {
    // No other client tells the two apart, and all fail here (Azure/azure-sdk-for-net#45547).
    const settings = { url, secret, apiVersion: inQuery ?? apiVersion, refusals: refusals(containerGroup) };
    return offerOf('Container Instances', ['objectId'], settings);
  }
  const thumbprint = pin.replace(/[:\s]/g, '').toLowerCase();
  if (!/^[0-9a-f]{40}$/.test(thumbprint)) {
    const cause = 'IDENTITY_SERVER_THUMBPRINT is not a SHA-1 thumbprint of 40 hexadecimal digits.';
    return invalid(explain('ERR_SETTING_INVALID', cause, { fix }));
  }
  return offerOf('Service Fabric', ['objectId'], {
    url,
    secret,
    apiVersion,
    thumbprint,
    refusals: refusals(application),
  });
}

function offerOf(host: string, identityKeys: readonly IdentityKey[], settings: Settings): Detection {
  const { url, secret, thumbprint, apiVersion } = settings;
  return found({
    reason: `${names.join(', ')} are set`,
    host,
    principal: 'managed-identity',
    endpoints: [url],
    identityKeys,
    key: [url, secret, thumbprint, apiVersion],
    acquire: (request, flight) => acquire(settings, request, flight),
  });
}

/** Documented: only 429 is worth another try, after 1, 2, 4, 8 and 16 s; 404 never is. */
const policy: SendPolicy = {
  ...localServicePolicy,
  retries: [{ statuses: (status) => status === 429, pausesMs: [1000, 2000, 4000, 8000, 16_000] }],
};

async function acquire(settings: Settings, request: TokenRequest, flight: Flight): Promise<AcquiredToken> {
  const { secret, apiVersion, refusals } = settings;
  const protocol = { source: 'service-fabric', policy, secrets: [secret], refusals, request } as const;
  const call = callOf(settings, apiVersion, request);
  const reply = await ask(call, policy, flight);
  return apiVersion !== preview && isUnsupportedVersion(reply)
    ? requestToken(callOf(settings, preview, request), protocol, flight)
    : readReply(reply, call, protocol, flight.io.now());
}

/** Only an object id selects (AzureAD/microsoft-authentication-library-for-dotnet#6065). */
function callOf({ url, secret, thumbprint }: Settings, apiVersion: string, request: TokenRequest): Call {
  const selector = selectorOf(request.identity, { objectId: 'principalId' });
  const query = { 'api-version': apiVersion, resource: request.resource, ...selector };
  return { ...getCall(url, query, { secret }), ...(thumbprint !== undefined && { thumbprint }) };
}

const application =
  'Assign an identity to the application in its manifest, and deploy it again. If it has one, restart the service: an outdated secret gets the same answer.';
const containerGroup =
  'Give the container group a system-assigned identity, or name its user-assigned one by its object id (objectId).';

function refusals(assign: string): readonly RefusalRow[] {
  const renewed = [{ text: 'The secret was not accepted. Restart the service, so that it gets the current one.' }];
  return [
    identityNotFound({ code: /^(ManagedIdentityNotFound|DefaultIdentityNotDefined)$/ }, [{ text: assign }]),
    { code: 'SecretHeaderNotFound', fix: renewed },
    { status: [401, 403], fix: renewed },
  ];
}
