// The person signed in to Azure Cloud Shell.
// https://learn.microsoft.com/azure/cloud-shell/msi-authorization

import type { Refusal } from '../../failures/refusal.ts';
import { readEndpoint } from '../../http/endpoint.ts';
import { type Call, localServicePolicy, send } from '../../http/send.ts';
import type { Io } from '../../io.ts';
import { value } from '../../selection/environment.ts';
import type { AcquiredToken, Detection, Environment, Source, TokenRequest } from '../../types.ts';
import { appHostOf, isMachineLearning, neighbourVariables } from './host.ts';
import { readManagedIdentityReply } from './reply.ts';

export interface CloudShellSettings {
  readonly url: URL;
}

export const cloudShell: Source<CloudShellSettings> = {
  name: 'cloud-shell',
  title: 'Azure Cloud Shell',
  family: 'managed-identity',
  variables: ['MSI_ENDPOINT', 'MSI_SECRET', 'ACC_CLOUD', 'IDENTITY_ENDPOINT', 'IDENTITY_HEADER', ...neighbourVariables],
  advice: 'run it in Azure Cloud Shell',
  detect,
  acquire,
};

function detect(env: Environment): Detection<CloudShellSettings> {
  const text = value(env, 'MSI_ENDPOINT');
  if (text === undefined) {
    const near = value(env, 'ACC_CLOUD') && 'keep MSI_ENDPOINT, which every session sets, for this program';
    return { verdict: 'absent', reason: 'MSI_ENDPOINT is not set', near };
  }
  if (value(env, 'MSI_SECRET') !== undefined)
    return { verdict: 'absent', reason: 'MSI_SECRET is set, which Cloud Shell does not' };
  // Container Apps sets the same variable beside its own pair, and refuses this protocol (microsoft/azure-container-apps#502).
  const ofAnother = value(env, 'IDENTITY_ENDPOINT') ?? value(env, 'IDENTITY_HEADER');
  if (ofAnother !== undefined || appHostOf(env) !== undefined || isMachineLearning(env)) {
    return { verdict: 'absent', reason: 'MSI_ENDPOINT is that of another host' };
  }
  const endpoint = readEndpoint('MSI_ENDPOINT', text);
  if ('problem' in endpoint) return { verdict: 'partial', missing: [], problem: endpoint.problem };
  return {
    verdict: 'found',
    settings: { url: endpoint.url },
    reason: 'MSI_ENDPOINT is set without MSI_SECRET; its tokens are those of the person signed in',
    host: 'Azure Cloud Shell',
    identityKeys: [],
  };
}

async function acquire(settings: CloudShellSettings, request: TokenRequest, io: Io): Promise<AcquiredToken> {
  const call: Call = {
    method: 'POST',
    url: settings.url,
    headers: { metadata: 'true', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ resource: request.resource }).toString(),
  };
  const reply = await send(io, call, localServicePolicy, request.signal);
  const explain = (_: unknown, { code }: Refusal) =>
    code === 'AudienceNotSupported'
      ? {
          hint: 'Cloud Shell gives tokens for a fixed list of resources only: sign in with `az login` in it and set AZURE_TOKEN_CREDENTIALS=dev.',
        }
      : undefined;
  return readManagedIdentityReply(reply, call, { source: 'cloud-shell', secrets: [], now: io.now(), explain });
}
