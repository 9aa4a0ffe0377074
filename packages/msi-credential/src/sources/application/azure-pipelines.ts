// An Azure Pipelines job whose service connection Entra trusts; the exchange goes through @azure/identity.
// https://learn.microsoft.com/azure/devops/pipelines/library/connect-to-azure#create-an-azure-resource-manager-service-connection-that-uses-workload-identity-federation

import { readEndpoint } from '../../http/endpoint.ts';
import type { Call } from '../../http/send.ts';
import type { Io } from '../../io.ts';
import { value } from '../../selection/environment.ts';
import type { AcquiredToken, Detection, Environment, SelectOptions, Source, TokenRequest } from '../../types.ts';
import { problemWithSecret, withQuery } from '../managed-identity/call.ts';
import { acquireWithAssertion, requestOidcToken } from './client-assertion.ts';
import { type Tenancy, tenancyOf, tenancyVariables } from './tenancy.ts';

export interface AzurePipelinesSettings extends Tenancy {
  readonly clientId: string;
  readonly requestUrl: URL;
  readonly serviceConnectionId: string;
  readonly accessToken: string;
}

export const azurePipelines: Source<AzurePipelinesSettings> = {
  name: 'azure-pipelines',
  title: 'Azure Pipelines (service connection)',
  family: 'application',
  variables: [
    'SYSTEM_OIDCREQUESTURI',
    'SYSTEM_ACCESSTOKEN',
    'AZURESUBSCRIPTION_SERVICE_CONNECTION_ID',
    'AZURESUBSCRIPTION_TENANT_ID',
    'AZURESUBSCRIPTION_CLIENT_ID',
    'AZURE_TENANT_ID',
    'AZURE_CLIENT_ID',
    ...tenancyVariables,
  ],
  advice: 'run the step in an AzureCLI@2 task, with SYSTEM_ACCESSTOKEN mapped',
  detect,
  acquire,
};

/** The AzureCLI and AzurePowerShell tasks set the three of the subscription; elsewhere the usual names do. */
function detect(env: Environment, options: SelectOptions): Detection<AzurePipelinesSettings> {
  const uri = value(env, 'SYSTEM_OIDCREQUESTURI');
  if (uri === undefined) return { verdict: 'absent', reason: 'SYSTEM_OIDCREQUESTURI is not set' };
  const serviceConnectionId = value(env, 'AZURESUBSCRIPTION_SERVICE_CONNECTION_ID');
  if (serviceConnectionId === undefined) {
    // Set in every job, so alone it announces nothing.
    const near = 'run the step in an AzureCLI@2 task, which names its service connection';
    return { verdict: 'absent', reason: 'AZURESUBSCRIPTION_SERVICE_CONNECTION_ID is not set', near };
  }
  const clientId = options.clientId ?? value(env, 'AZURESUBSCRIPTION_CLIENT_ID') ?? value(env, 'AZURE_CLIENT_ID');
  const tenantId = options.tenantId ?? value(env, 'AZURESUBSCRIPTION_TENANT_ID') ?? value(env, 'AZURE_TENANT_ID');
  const accessToken = value(env, 'SYSTEM_ACCESSTOKEN');
  if (accessToken === undefined) {
    // The tasks AzureCLI@2 and AzurePowerShell@5 set everything but this, and are signed in themselves: the tool is asked then.
    const near = 'map it in the step (env: SYSTEM_ACCESSTOKEN: $(System.AccessToken))';
    return { verdict: 'absent', reason: 'SYSTEM_ACCESSTOKEN is not mapped in the step', near };
  }
  if (clientId === undefined || tenantId === undefined) {
    const given = {
      AZURESUBSCRIPTION_TENANT_ID: tenantId,
      AZURESUBSCRIPTION_CLIENT_ID: clientId,
    };
    const missing = Object.entries(given).flatMap(([name, text]) => (text === undefined ? [name] : []));
    const message = `This Azure Pipelines job has a service connection, but ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set.`;
    const hint =
      "Run the step in an AzureCLI@2 task, which sets the service connection's ids, or set them (AZURE_TENANT_ID, AZURE_CLIENT_ID do as well).";
    return { verdict: 'partial', missing, problem: { code: 'ERR_SOURCE_INCOMPLETE', message, hint } };
  }
  const { problem, ...tenancy } = tenancyOf(env, { ...options, tenantId });
  const endpoint = readEndpoint('SYSTEM_OIDCREQUESTURI', uri);
  if ('problem' in endpoint) return { verdict: 'partial', missing: [], problem: endpoint.problem };
  const wrong = problem ?? problemWithSecret('SYSTEM_ACCESSTOKEN', accessToken);
  if (wrong) return { verdict: 'partial', missing: [], problem: wrong };
  const reason = 'SYSTEM_OIDCREQUESTURI, SYSTEM_ACCESSTOKEN and the ids of the service connection are set';
  return {
    verdict: 'found',
    settings: { ...tenancy, clientId, requestUrl: endpoint.url, serviceConnectionId, accessToken },
    reason,
    host: 'Azure Pipelines',
  };
}

/**
 * Asked here and not by `AzurePipelinesCredential`, which takes SYSTEM_OIDCREQUESTURI from the process's own environment
 * whatever it is given. Without the last header the service would answer with a redirect to its sign-in page.
 */
async function acquire(settings: AzurePipelinesSettings, request: TokenRequest, io: Io): Promise<AcquiredToken> {
  const { requestUrl, serviceConnectionId, accessToken } = settings;
  const names = { source: 'azure-pipelines', proof: "the service connection's OIDC token" } as const;
  const call: Call = {
    method: 'POST',
    url: withQuery(requestUrl, { 'api-version': '7.1', serviceConnectionId }),
    headers: {
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/json',
      'content-length': '0',
      'x-tfs-fedauthredirect': 'Suppress',
    },
  };
  const service = {
    source: 'azure-pipelines',
    title: 'Azure Pipelines',
    field: 'oidcToken',
    secret: accessToken,
    variables: { url: 'SYSTEM_OIDCREQUESTURI', secret: 'SYSTEM_ACCESSTOKEN' },
    statusPage: 'https://status.dev.azure.com',
    fix: [
      { text: 'Check that the service connection uses workload identity federation and that the pipeline may use it.' },
    ],
  } as const;
  const getAssertion = () => requestOidcToken(call, service, request.signal, io);
  return acquireWithAssertion(settings, names, getAssertion, request, io);
}
