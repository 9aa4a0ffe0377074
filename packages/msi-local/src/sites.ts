import { azurePipelinesRefusals, azurePipelinesToken } from './endpoints/application/azure-pipelines.ts';
import { githubActionsRefusals, githubActionsToken } from './endpoints/application/github-actions.ts';
import * as control from './endpoints/control.ts';
import * as discovery from './endpoints/entra/discovery.ts';
import { entraRefusals } from './endpoints/entra/refusals.ts';
import * as entra from './endpoints/entra.ts';
import { keyVaultRefusals } from './endpoints/key-vault/refusals.ts';
import * as vault from './endpoints/key-vault.ts';
import {
  appService,
  appServiceRefusals,
  containerApps,
  containerAppsRefusals,
} from './endpoints/managed-identity/app-service.ts';
import { azureArc, azureArcRefusals } from './endpoints/managed-identity/azure-arc.ts';
import { azureMl, azureMlRefusals } from './endpoints/managed-identity/azure-ml.ts';
import { cloudShell, cloudShellRefusals } from './endpoints/managed-identity/cloud-shell.ts';
import { imds, imdsRefusals } from './endpoints/managed-identity/imds.ts';
import {
  containerInstances,
  serviceFabric,
  serviceFabricRefusals,
} from './endpoints/managed-identity/service-fabric.ts';
import * as resourceManager from './endpoints/resource-manager.ts';
import { metadataAddress } from './network/ways.ts';
import type { Endpoint, Service, State } from './types.ts';

/** An address with endpoints of its own. Nothing of one host answers at the address of another, on Azure neither. */
export interface Site {
  /** What it is called in the request log and in faults. */
  readonly service: Service;
  /**
   * On a port of its own: without TLS, with a certificate of the private authority, or with one that signs itself. The
   * sites with Azure's public names share a port, to which the proxy leads.
   */
  readonly address: 'http' | 'https' | 'https-self-signed' | 'public-names';
  /** By method and path. Letter case, doubled slashes and slashes at the end do not matter, on Azure neither. */
  readonly routes: Readonly<Record<string, Endpoint>>;
  /** The answers to paths and methods that it does not know. */
  readonly refusals: Readonly<Record<'notFound' | 'methodNotAllowed', Endpoint>>;
  /** The host under which programs ask for it, beside this machine's own. */
  readonly alias?: string;
  /** Its answer to a request that may not get any further. */
  readonly refuse?: (request: Request, state: State) => Response | undefined;
  /** Completes each of its answers. */
  readonly complete?: (request: Request, response: Response) => void;
}

const managedIdentity = { service: 'managed-identity', address: 'http' } as const;

/** Everything that is played here. */
const table = {
  // app-service, app-service-2017, functions
  'app-service': { ...managedIdentity, routes: { 'GET /msi/token': appService }, refusals: appServiceRefusals },
  'container-apps': {
    ...managedIdentity,
    routes: { 'GET /msi/token': containerApps },
    refusals: containerAppsRefusals,
  },
  // vm
  imds: {
    ...managedIdentity,
    alias: metadataAddress,
    routes: { 'GET /metadata/identity/oauth2/token': imds },
    refusals: imdsRefusals,
  },
  // arc
  'azure-arc': {
    ...managedIdentity,
    routes: { 'GET /metadata/identity/oauth2/token': azureArc },
    refusals: azureArcRefusals,
  },
  'service-fabric': {
    ...managedIdentity,
    address: 'https-self-signed',
    routes: { 'GET /metadata/identity/oauth2/token': serviceFabric },
    refusals: serviceFabricRefusals,
  },
  'container-instances': {
    ...managedIdentity,
    routes: { 'GET /metadata/identity/oauth2/token': containerInstances },
    refusals: serviceFabricRefusals,
  },
  'azure-ml': { ...managedIdentity, routes: { 'GET /msi/token': azureMl }, refusals: azureMlRefusals },
  'cloud-shell': {
    ...managedIdentity,
    routes: { 'POST /oauth2/token': cloudShell, 'GET /oauth2/token': cloudShell },
    refusals: cloudShellRefusals,
  },
  'github-actions': {
    service: 'oidc',
    address: 'https',
    routes: { 'GET /_apis/distributedtask/hubs/actions/plans/{plan}/jobs/{job}/idtoken': githubActionsToken },
    refusals: githubActionsRefusals,
  },
  'azure-pipelines': {
    service: 'oidc',
    address: 'https',
    routes: {
      'POST /local/_apis/distributedtask/hubs/build/plans/{plan}/jobs/{job}/oidctoken': azurePipelinesToken,
    },
    refusals: azurePipelinesRefusals,
  },
  // aks, service-principal, and the second step of the pipelines
  entra: {
    service: 'entra',
    address: 'public-names',
    routes: {
      'GET /{tenant}/discovery/instance': discovery.instanceDiscovery,
      'GET /{tenant}/v2.0/.well-known/openid-configuration': discovery.openidConfiguration,
      'GET /{tenant}/.well-known/openid-configuration': discovery.openidConfigurationOfVersion1,
      'GET /{tenant}/discovery/v2.0/keys': discovery.keys,
      'GET /{tenant}/discovery/keys': discovery.keys,
      'POST /{tenant}/oauth2/v2.0/token': entra.token,
      'POST /{tenant}/oauth2/token': entra.tokenOfVersion1,
    },
    refusals: entraRefusals,
  },
  // tools that sign in, such as the Azure CLI
  'resource-manager': {
    service: 'resource-manager',
    address: 'public-names',
    routes: {
      'GET /subscriptions': resourceManager.listSubscriptions,
      'GET /subscriptions/{id}': resourceManager.getSubscription,
      'GET /tenants': resourceManager.listTenants,
    },
    refusals: { notFound: resourceManager.forbidden, methodNotAllowed: resourceManager.forbidden },
  },
  // every host
  'key-vault': {
    service: 'key-vault',
    address: 'public-names',
    routes: {
      'GET /secrets': vault.listSecrets,
      'GET /secrets/{name}': vault.getSecret,
      'PUT /secrets/{name}': vault.setSecret,
      'PATCH /secrets/{name}': vault.updateSecret,
      'DELETE /secrets/{name}': vault.deleteSecret,
      'GET /secrets/{name}/versions': vault.listVersions,
      'GET /secrets/{name}/{version}': vault.getSecret,
      'PATCH /secrets/{name}/{version}': vault.updateSecret,
      'GET /deletedsecrets': vault.listDeletedSecrets,
      'GET /deletedsecrets/{name}': vault.getDeletedSecret,
      'DELETE /deletedsecrets/{name}': vault.purgeDeletedSecret,
      'POST /deletedsecrets/{name}/recover': vault.recoverDeletedSecret,
    },
    refusals: keyVaultRefusals,
    complete: vault.keyVaultHeaders,
  },
  // tests
  control: {
    service: 'control',
    address: 'http',
    routes: {
      'GET /_local/clock': control.readClock,
      'POST /_local/clock': control.moveClock,
      'POST /_local/faults': control.addFault,
      'DELETE /_local/faults': control.clearFaults,
      'GET /_local/requests': control.listRequests,
      'DELETE /_local/requests': control.clearRequests,
    },
    refusals: control.controlRefusals,
    refuse: control.refusalOf,
  },
} satisfies Record<string, Site>;

/** The name of a site. */
export type SiteName = keyof typeof table;

/** All sites by name. */
export const sites: Readonly<Record<SiteName, Site>> = table;

/** Their names. */
export const siteNames = Object.keys(table) as readonly SiteName[];
