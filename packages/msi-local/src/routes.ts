import { appService, appServiceRefusals, containerApps, containerAppsRefusals } from './endpoints/app-service.ts';
import { azureArc, azureArcRefusals } from './endpoints/azure-arc.ts';
import { azureMl, azureMlRefusals } from './endpoints/azure-ml.ts';
import { azurePipelinesRefusals, azurePipelinesToken } from './endpoints/azure-pipelines.ts';
import { cloudShell, cloudShellRefusals } from './endpoints/cloud-shell.ts';
import * as control from './endpoints/control.ts';
import { entraRefusals } from './endpoints/entra/refusals.ts';
import * as entra from './endpoints/entra.ts';
import { githubActionsRefusals, githubActionsToken } from './endpoints/github-actions.ts';
import { imds, imdsRefusals } from './endpoints/imds.ts';
import { keyVaultRefusals } from './endpoints/key-vault/refusals.ts';
import * as vault from './endpoints/key-vault.ts';
import { containerInstances, serviceFabric, serviceFabricRefusals } from './endpoints/service-fabric.ts';
import type { Endpoint, Site, State } from './types.ts';

type Row = readonly [site: Site, method: string, path: string, endpoint: Endpoint];

/** Everything the stand-in answers. Letter case and slashes at the end do not matter, on Azure neither. */
const routes: readonly Row[] = [
  // app-service, app-service-2017, functions
  ['app-service', 'GET', '/msi/token', appService],
  ['container-apps', 'GET', '/msi/token', containerApps],
  // vm
  ['imds', 'GET', '/metadata/identity/oauth2/token', imds],
  // The JavaScript SDK writes this where AZURE_POD_IDENTITY_AUTHORITY_HOST ends with a slash.
  ['imds', 'GET', '//metadata/identity/oauth2/token', imds],
  // arc
  ['azure-arc', 'GET', '/metadata/identity/oauth2/token', azureArc],
  ['service-fabric', 'GET', '/metadata/identity/oauth2/token', serviceFabric],
  ['container-instances', 'GET', '/metadata/identity/oauth2/token', containerInstances],
  ['azure-ml', 'GET', '/msi/token', azureMl],
  ['cloud-shell', 'POST', '/oauth2/token', cloudShell],
  ['github-actions', 'GET', '/_apis/distributedtask/hubs/actions/plans/{plan}/jobs/{job}/idtoken', githubActionsToken],
  [
    'azure-pipelines',
    'POST',
    '/local/_apis/distributedtask/hubs/build/plans/{plan}/jobs/{job}/oidctoken',
    azurePipelinesToken,
  ],
  // aks, service-principal, and the second step of the pipelines
  ['entra', 'GET', '/common/discovery/instance', entra.instanceDiscovery],
  ['entra', 'GET', '/{tenant}/v2.0/.well-known/openid-configuration', entra.openidConfiguration],
  ['entra', 'GET', '/{tenant}/discovery/v2.0/keys', entra.keys],
  ['entra', 'POST', '/{tenant}/oauth2/v2.0/token', entra.token],
  // every host
  ['key-vault', 'GET', '/secrets', vault.listSecrets],
  ['key-vault', 'GET', '/secrets/{name}', vault.getSecret],
  ['key-vault', 'PUT', '/secrets/{name}', vault.setSecret],
  ['key-vault', 'PATCH', '/secrets/{name}', vault.updateSecret],
  ['key-vault', 'DELETE', '/secrets/{name}', vault.deleteSecret],
  ['key-vault', 'GET', '/secrets/{name}/versions', vault.listVersions],
  ['key-vault', 'GET', '/secrets/{name}/{version}', vault.getSecret],
  ['key-vault', 'PATCH', '/secrets/{name}/{version}', vault.updateSecret],
  ['key-vault', 'GET', '/deletedsecrets', vault.listDeletedSecrets],
  ['key-vault', 'GET', '/deletedsecrets/{name}', vault.getDeletedSecret],
  ['key-vault', 'DELETE', '/deletedsecrets/{name}', vault.purgeDeletedSecret],
  ['key-vault', 'POST', '/deletedsecrets/{name}/recover', vault.recoverDeletedSecret],
  // tests
  ['control', 'GET', '/_local/clock', control.readClock],
  ['control', 'POST', '/_local/clock', control.moveClock],
  ['control', 'POST', '/_local/faults', control.addFault],
  ['control', 'DELETE', '/_local/faults', control.clearFaults],
  ['control', 'GET', '/_local/requests', control.listRequests],
  ['control', 'DELETE', '/_local/requests', control.clearRequests],
];

const refusals: Record<Site, { notFound(): Response; methodNotAllowed(): Response }> = {
  'app-service': appServiceRefusals,
  'container-apps': containerAppsRefusals,
  imds: imdsRefusals,
  'azure-arc': azureArcRefusals,
  'service-fabric': serviceFabricRefusals,
  'container-instances': serviceFabricRefusals,
  'azure-ml': azureMlRefusals,
  'cloud-shell': cloudShellRefusals,
  'github-actions': githubActionsRefusals,
  'azure-pipelines': azurePipelinesRefusals,
  entra: entraRefusals,
  'key-vault': keyVaultRefusals,
  control: control.controlRefusals,
};

const compiled = routes.map(([site, method, path, endpoint]) => ({
  site,
  method,
  pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}/*$`, 'i'),
  endpoint,
}));

/** Finds the endpoint and lets it answer. */
export async function answer(site: Site, request: Request, state: State): Promise<Response> {
  const { pathname } = new URL(request.url);
  const there = compiled.filter((route) => route.site === site && route.pattern.test(pathname));
  const route = there.find(({ method }) => method === request.method);
  const response =
    (site === 'control' && !control.isOwnHost(request)) || there.length === 0
      ? refusals[site].notFound()
      : route
        ? await route.endpoint(request, state, decoded(route.pattern.exec(pathname)?.groups))
        : refusals[site].methodNotAllowed();
  if (site === 'key-vault') vault.keyVaultHeaders(request, response);
  return response;
}

function decoded(groups: Record<string, string> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(groups ?? {}).map(([name, value]) => [name, decode(value)]));
}

/** A broken percent sign is the caller's mistake, not ours: it stays as it is and is refused as a name. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
