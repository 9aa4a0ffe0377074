// An Azure Pipelines job whose service connection Entra trusts; the exchange goes through @azure/identity.
// https://learn.microsoft.com/azure/devops/pipelines/library/connect-to-azure#create-an-azure-resource-manager-service-connection-that-uses-workload-identity-federation
import { problemWithSecret, withQuery } from '../../http/call.ts';
import { readEndpoint } from '../../http/endpoint.ts';
import { value } from '../../selection/environment.ts';
import type { Detection, Environment, SelectOptions, Source } from '../../types.ts';
import { absent, incomplete, invalid } from '../detection.ts';
import { applicationOf, type IdVariables, offerOf } from './application.ts';
import { acquireWithOidcToken, type OidcRequest } from './client-assertion.ts';
import { tenancyVariables } from './tenancy.ts';

const connection = 'AZURESUBSCRIPTION_SERVICE_CONNECTION_ID';

/**
 * The AzureCLI and AzurePowerShell tasks set those of the subscription; elsewhere the usual names do.
 * https://learn.microsoft.com/azure/devops/pipelines/tasks/reference/azure-cli-v2
 */
const idVariables: IdVariables = {
  clientId: ['AZURESUBSCRIPTION_CLIENT_ID', 'AZURE_CLIENT_ID'],
  tenantId: ['AZURESUBSCRIPTION_TENANT_ID', 'AZURE_TENANT_ID'],
};

export const azurePipelines: Source = {
  name: 'azure-pipelines',
  title: 'Azure Pipelines (service connection)',
  family: 'application',
  variables: [
    'SYSTEM_OIDCREQUESTURI',
    'SYSTEM_ACCESSTOKEN',
    connection,
    ...idVariables.tenantId,
    ...idVariables.clientId,
    ...tenancyVariables,
  ],
  advice: { text: 'run the step in an AzureCLI@2 task, with SYSTEM_ACCESSTOKEN mapped' },
  announced,
};

function announced(env: Environment, options: SelectOptions): Detection {
  const uri = value(env, 'SYSTEM_OIDCREQUESTURI');
  if (uri === undefined) return absent('SYSTEM_OIDCREQUESTURI is not set');
  const serviceConnectionId = value(env, connection);
  // Every job sets the address, so it alone announces nothing.
  if (serviceConnectionId === undefined) {
    const remedy = 'run the step in an AzureCLI@2 task, which names its service connection';
    return absent(`${connection} is not set`, remedy);
  }
  const accessToken = value(env, 'SYSTEM_ACCESSTOKEN');
  // AzureCLI@2 and AzurePowerShell@5 set everything but this. They are signed in themselves, so the tool can be asked.
  if (accessToken === undefined) {
    const remedy = 'map it in the step (env: SYSTEM_ACCESSTOKEN: $(System.AccessToken))';
    return absent('SYSTEM_ACCESSTOKEN is not mapped in the step', remedy);
  }
  const { application, missing } = applicationOf(env, options, idVariables);
  if (application === undefined) {
    return incomplete({ present: connection, missing, host: 'Azure Pipelines', fix: [{ text: setIds }] });
  }
  const endpoint = readEndpoint('SYSTEM_OIDCREQUESTURI', uri);
  if ('problem' in endpoint) return invalid(endpoint.problem);
  const problem = problemWithSecret('SYSTEM_ACCESSTOKEN', accessToken);
  if (problem) return invalid(problem);
  const oidc = oidcRequest(endpoint.url, serviceConnectionId, accessToken);
  return offerOf(application, {
    reason: 'SYSTEM_OIDCREQUESTURI, SYSTEM_ACCESSTOKEN and the ids of the service connection are set',
    host: 'Azure Pipelines',
    endpoints: [endpoint.url],
    key: [endpoint.url, serviceConnectionId, accessToken],
    acquire: (request, flight) => acquireWithOidcToken(application, oidc, request, flight),
  });
}

const setIds =
  "Run the step in an AzureCLI@2 task, which sets the service connection's ids. Or set them; AZURE_TENANT_ID and AZURE_CLIENT_ID work too.";

/**
 * Asked here and not by `AzurePipelinesCredential`, which takes SYSTEM_OIDCREQUESTURI from the process's own environment
 * whatever it is given. Without the last header the service would answer with a redirect to its sign-in page.
 */
function oidcRequest(requestUrl: URL, serviceConnectionId: string, accessToken: string): OidcRequest {
  return {
    proof: "the service connection's OIDC token",
    call: {
      method: 'POST',
      url: withQuery(requestUrl, { 'api-version': '7.1', serviceConnectionId }),
      headers: {
        authorization: `Bearer ${accessToken}`,
        'content-type': 'application/json',
        'content-length': '0',
        'x-tfs-fedauthredirect': 'Suppress',
      },
    },
    service: {
      source: 'azure-pipelines',
      title: 'Azure Pipelines',
      field: 'oidcToken',
      secret: accessToken,
      variables: { url: 'SYSTEM_OIDCREQUESTURI', secret: 'SYSTEM_ACCESSTOKEN' },
      statusPage: 'https://status.dev.azure.com',
      fix: [
        {
          text: 'Check that the service connection uses workload identity federation and that the pipeline may use it.',
        },
      ],
    },
  };
}
