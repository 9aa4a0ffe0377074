// The person signed in to Azure Cloud Shell.
// https://learn.microsoft.com/azure/cloud-shell/msi-authorization
import type { RefusalRow } from '../../failures/refusal.ts';
import { readEndpoint } from '../../http/endpoint.ts';
import { type Call, localServicePolicy } from '../../http/send.ts';
import { value } from '../../selection/environment.ts';
import type { AcquiredToken, Detection, Environment, Flight, Source, TokenRequest } from '../../types.ts';
import { absent, found, invalid } from '../detection.ts';
import { appHostOf, isMachineLearning, neighbourVariables } from './host.ts';
import { requestToken } from './protocol.ts';

export const cloudShell: Source = {
  name: 'cloud-shell',
  title: 'Azure Cloud Shell',
  family: 'managed-identity',
  variables: ['MSI_ENDPOINT', 'MSI_SECRET', 'ACC_CLOUD', 'IDENTITY_ENDPOINT', 'IDENTITY_HEADER', ...neighbourVariables],
  advice: { text: 'run it in Azure Cloud Shell' },
  announced,
};

function announced(env: Environment): Detection {
  const text = value(env, 'MSI_ENDPOINT');
  if (text === undefined) {
    const isShell = value(env, 'ACC_CLOUD') !== undefined;
    return absent('MSI_ENDPOINT is not set', isShell ? 'pass on MSI_ENDPOINT, which every session sets' : undefined);
  }
  if (value(env, 'MSI_SECRET') !== undefined) return absent('MSI_SECRET is set; Cloud Shell never sets it');
  // Container Apps sets the same variable with its own pair, and refuses this protocol (microsoft/azure-container-apps#502).
  const current = value(env, 'IDENTITY_ENDPOINT') ?? value(env, 'IDENTITY_HEADER');
  if (current !== undefined || appHostOf(env) !== undefined || isMachineLearning(env)) {
    return absent('MSI_ENDPOINT belongs to another host');
  }
  const endpoint = readEndpoint('MSI_ENDPOINT', text);
  if ('problem' in endpoint) return invalid(endpoint.problem);
  return found({
    reason: 'MSI_ENDPOINT is set without MSI_SECRET; tokens are for the person who is signed in',
    host: 'Azure Cloud Shell',
    principal: 'person',
    endpoints: [endpoint.url],
    identityKeys: [],
    key: [endpoint.url],
    acquire: (request, flight) => acquire(endpoint.url, request, flight),
  });
}

function acquire(url: URL, request: TokenRequest, flight: Flight): Promise<AcquiredToken> {
  const call: Call = {
    method: 'POST',
    url,
    headers: { metadata: 'true', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ resource: request.resource }).toString(),
  };
  const protocol = { source: 'cloud-shell', policy: localServicePolicy, secrets: [], refusals, request } as const;
  return requestToken(call, protocol, flight);
}

const refusals: readonly RefusalRow[] = [
  {
    code: 'AudienceNotSupported',
    fix: [
      {
        text: 'Cloud Shell gives tokens for a fixed list of resources only. Sign in again inside it:',
        run: 'az login',
      },
      { text: 'Then set AZURE_TOKEN_CREDENTIALS=dev.' },
    ],
  },
];
