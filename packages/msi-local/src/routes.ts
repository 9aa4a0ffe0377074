import { appService, appServiceRefusals } from './endpoints/app-service.ts';
import * as control from './endpoints/control.ts';
import { entraRefusals } from './endpoints/entra/refusals.ts';
import * as entra from './endpoints/entra.ts';
import { keyVaultRefusals } from './endpoints/key-vault/refusals.ts';
import * as vault from './endpoints/key-vault.ts';
import type { Endpoint, Service, State } from './types.ts';

type Row = readonly [service: Service, method: string, path: string, endpoint: Endpoint];

/** Everything the stand-in answers. Letter case and slashes at the end do not matter, on Azure neither. */
const routes: readonly Row[] = [
  // app-service, app-service-2017
  ['managed-identity', 'GET', '/msi/token', appService],
  // service-principal
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

const refusals: Record<Service, { notFound(): Response; methodNotAllowed(): Response }> = {
  'managed-identity': appServiceRefusals,
  entra: entraRefusals,
  'key-vault': keyVaultRefusals,
  control: control.controlRefusals,
};

const compiled = routes.map(([service, method, path, endpoint]) => ({
  service,
  method,
  pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}/*$`, 'i'),
  endpoint,
}));

/** Finds the endpoint and lets it answer. */
export async function answer(service: Service, request: Request, state: State): Promise<Response> {
  const { pathname } = new URL(request.url);
  const there = compiled.filter((route) => route.service === service && route.pattern.test(pathname));
  const route = there.find(({ method }) => method === request.method);
  const response =
    (service === 'control' && !control.isOwnHost(request)) || there.length === 0
      ? refusals[service].notFound()
      : route
        ? await route.endpoint(request, state, decoded(route.pattern.exec(pathname)?.groups))
        : refusals[service].methodNotAllowed();
  if (service === 'key-vault') vault.keyVaultHeaders(request, response);
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
