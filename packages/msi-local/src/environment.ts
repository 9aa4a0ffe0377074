import type { SiteName } from './sites.ts';
import { azurePipelines } from './state/federations.ts';
import type { World } from './state/identities.ts';
import type { Variables } from './types.ts';

/** The name of a host that the stand-in can play. */
export type HostKind =
  | 'app-service'
  | 'app-service-2017'
  | 'functions'
  | 'container-apps'
  | 'vm'
  | 'aks'
  | 'arc'
  | 'service-fabric'
  | 'container-instances'
  | 'azure-ml'
  | 'cloud-shell'
  | 'service-principal'
  | 'github-actions'
  | 'azure-pipelines'
  | 'laptop';

/** What the variables of a host are made of. */
export interface Surroundings {
  /** Scheme, host and port of this host's endpoint. */
  readonly origin: string;
  /** The secret that this host gives to its programs. */
  readonly secret: string;
  readonly world: World;
  /** A PEM file with the service principal's certificate and key, when it signs in with one. */
  readonly certificatePath: string | undefined;
  /** SHA-1 of the certificate at Service Fabric's endpoint, 40 lower-case hexadecimal digits. */
  readonly thumbprint: string;
  /** The file with the token of the cluster's service account. */
  readonly serviceAccountPath: string;
  /** The host has no identity of its own, and the program must name the user-assigned one where the host wants that. */
  readonly userAssignedOnly: boolean;
}

type Setter = (surroundings: Surroundings) => Record<string, string>;

/** What a host sets, and the address of the endpoint that it then leads to. */
interface Host {
  readonly site?: SiteName;
  readonly set: Setter;
}

/**
 * App Service writes each app setting twice, the second time after `APPSETTING_`. Its own settings too, by which the samples
 * for ms-rest-azure, and Python's msrestazure, know App Service.
 * https://learn.microsoft.com/azure/app-service/configure-common#configure-app-settings
 */
const settings = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => [
      [name, value],
      [`APPSETTING_${name}`, value],
    ]),
  );

/** https://learn.microsoft.com/azure/app-service/reference-app-settings and environments that people have shown */
const website: Setter = ({ world }) => ({
  ...settings({
    WEBSITE_SITE_NAME: 'local',
    WEBSITE_DEFAULT_HOSTNAME: 'local.azurewebsites.net',
    WEBSITE_AUTH_ENABLED: 'False',
    ScmType: 'None',
  }),
  WEBSITE_HOSTNAME: 'local.azurewebsites.net',
  WEBSITE_INSTANCE_ID: '0000000000000000000000000000000000000000000000000000000000000001',
  WEBSITE_OWNER_NAME: `${world.subscriptionId}+local-WestEuropewebspace-Linux`,
  WEBSITE_RESOURCE_GROUP: 'local',
  WEBSITE_SKU: 'Basic',
  WEBSITE_COMPUTE_MODE: 'Dedicated',
  REGION_NAME: 'West Europe',
});

const msi: Setter = ({ origin, secret }) => ({ MSI_ENDPOINT: `${origin}/msi/token`, MSI_SECRET: secret });

/** Both pairs with the same values: https://learn.microsoft.com/azure/app-service/overview-managed-identity */
const appService: Setter = (at) => ({
  ...website(at),
  ...msi(at),
  ...identity(`${at.origin}/msi/token`, at),
  ...named(at),
});

const identity = (endpoint: string, { secret }: Surroundings) => ({
  IDENTITY_ENDPOINT: endpoint,
  IDENTITY_HEADER: secret,
});

/** What a program reads to learn which user-assigned identity it should name; the host itself does not set it. */
const named: Setter = ({ world, userAssignedOnly }) => ({
  ...(userAssignedOnly ? { AZURE_CLIENT_ID: world.userAssigned.clientId } : {}),
});

const metadata = '/metadata/identity/oauth2/token';
const job = (hub: string) =>
  `/_apis/distributedtask/hubs/${hub}/plans/a0000000-0000-4000-8000-0000000000b1/jobs/a0000000-0000-4000-8000-0000000000b2`;

/** Every host by name, with the variables that it, and nothing else, sets. */
const hosts: Readonly<Record<HostKind, Host>> = {
  'app-service': { site: 'app-service', set: appService },
  'app-service-2017': { site: 'app-service', set: (at) => ({ ...website(at), ...msi(at), ...named(at) }) },
  // https://learn.microsoft.com/azure/azure-functions/functions-app-settings
  functions: {
    site: 'app-service',
    set: (at) => ({
      ...appService(at),
      ...settings({
        FUNCTIONS_EXTENSION_VERSION: '~4',
        FUNCTIONS_WORKER_RUNTIME: 'node',
        WEBSITE_SLOT_NAME: 'Production',
      }),
    }),
  },
  // https://learn.microsoft.com/azure/container-apps/environment-variables
  'container-apps': {
    site: 'container-apps',
    set: (at) => ({
      ...identity(`${at.origin}/msi/token`, at),
      MSI_ENDPOINT: `${at.origin}/msi/token`,
      CONTAINER_APP_NAME: 'local',
      CONTAINER_APP_REVISION: 'local--0000001',
      CONTAINER_APP_HOSTNAME: 'local--0000001.local.westeurope.azurecontainerapps.io',
      CONTAINER_APP_ENV_DNS_SUFFIX: 'local.westeurope.azurecontainerapps.io',
      CONTAINER_APP_REPLICA_NAME: 'local--0000001-0000000001-00001',
      CONTAINER_APP_PORT: '80',
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
      ...named(at),
    }),
  },
  // A machine sets nothing: this is what takes the SDKs to another address than the one that nobody can bind.
  vm: { site: 'imds', set: (at) => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: at.origin, ...named(at) }) },
  // https://azure.github.io/azure-workload-identity/docs/installation/mutating-admission-webhook.html
  aks: {
    set: ({ world, serviceAccountPath }) => ({
      AZURE_CLIENT_ID: world.userAssigned.clientId,
      AZURE_TENANT_ID: world.tenantId,
      AZURE_FEDERATED_TOKEN_FILE: serviceAccountPath,
      AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.com/',
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
    }),
  },
  arc: {
    site: 'azure-arc',
    set: (at) => ({ IDENTITY_ENDPOINT: `${at.origin}${metadata}`, IMDS_ENDPOINT: at.origin, ...named(at) }),
  },
  'service-fabric': {
    site: 'service-fabric',
    set: (at) => ({
      ...identity(`${at.origin}${metadata}`, at),
      IDENTITY_SERVER_THUMBPRINT: at.thumbprint,
      IDENTITY_API_VERSION: '2020-05-01',
    }),
  },
  // Windows containers; the thumbprint is there although the endpoint has no TLS. A client id names nobody here.
  'container-instances': {
    site: 'container-instances',
    set: (at) => ({
      ...identity(`${at.origin}${metadata}?api-version=1.0`, at),
      IDENTITY_SERVER_THUMBPRINT: at.thumbprint,
    }),
  },
  'azure-ml': {
    site: 'azure-ml',
    set: (at) => ({ ...msi(at), DEFAULT_IDENTITY_CLIENT_ID: at.world.userAssigned.clientId, ...named(at) }),
  },
  'cloud-shell': {
    site: 'cloud-shell',
    set: ({ origin }) => ({ MSI_ENDPOINT: `${origin}/oauth2/token`, ACC_CLOUD: 'PROD' }),
  },
  'service-principal': {
    set: ({ world, secret, certificatePath }) => ({
      AZURE_TENANT_ID: world.tenantId,
      AZURE_CLIENT_ID: world.servicePrincipal.clientId,
      ...(certificatePath === undefined
        ? { AZURE_CLIENT_SECRET: secret }
        : { AZURE_CLIENT_CERTIFICATE_PATH: certificatePath }),
    }),
  },
  // https://docs.github.com/actions/reference/security/oidc; the ids are what a workflow passes on from its variables.
  'github-actions': {
    site: 'github-actions',
    set: ({ origin, secret, world }) => ({
      ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}${job('actions')}/idtoken?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret,
      GITHUB_ACTIONS: 'true',
      CI: 'true',
      AZURE_TENANT_ID: world.tenantId,
      AZURE_CLIENT_ID: world.servicePrincipal.clientId,
    }),
  },
  // https://learn.microsoft.com/azure/devops/pipelines/build/variables, with the access token mapped as a step must.
  'azure-pipelines': {
    site: 'azure-pipelines',
    set: ({ origin, secret, world }) => ({
      SYSTEM_OIDCREQUESTURI: `${origin}/local${job('build')}/oidctoken`,
      SYSTEM_ACCESSTOKEN: secret,
      TF_BUILD: 'True',
      AZURESUBSCRIPTION_CLIENT_ID: world.servicePrincipal.clientId,
      AZURESUBSCRIPTION_TENANT_ID: world.tenantId,
      AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: azurePipelines.serviceConnectionId,
    }),
  },
  laptop: { set: () => ({}) },
};

/** All of them, in the order in which help and errors list them. */
export const hostKinds = Object.keys(hosts) as readonly HostKind[];

/** The variables that a host sets. */
export function hostVariables(host: HostKind, surroundings: Surroundings): Record<string, string> {
  return hosts[host].set(surroundings);
}

/** The address that a host's variables lead to; undefined for a host without an endpoint of its own. */
export function siteOf(host: HostKind): SiteName | undefined {
  const row = hosts[host];
  return row.site;
}

/** Variables by which some host of Azure's, or a signed-in shell, announces itself. */
const announcements = [
  /^(IDENTITY|MSI|IMDS)_/,
  /^DEFAULT_IDENTITY_CLIENT_ID$/,
  /^(WEBSITE|APPSETTING|FUNCTIONS|CONTAINER_APP|AZUREML|AZUREPS)_/,
  /^AZURE_(CLIENT|TENANT|FEDERATED|KUBERNETES|POD_IDENTITY|MANAGED_IDENTITY|FUNCTIONS)_/,
  /^AZURE_(AUTHORITY_HOST|USERNAME|PASSWORD|ADDITIONALLY_ALLOWED_TENANTS)$/,
  /^(AZURESUBSCRIPTION|SYSTEM|ACTIONS_ID_TOKEN_REQUEST)_/,
  /^(KUDU|AZ_BATCH|AUTOMATION_ASSET)_/,
  /^(GITHUB_ACTIONS|TF_BUILD|ACC_CLOUD|REGION_NAME|SCMTYPE|KUBERNETES_SERVICE_(HOST|PORT)|FABRIC_\w+)$/i,
];

/** The caller's variables without those of any host, then the given ones. */
export function programVariables(inherited: Variables, own: Variables): Record<string, string> {
  const kept = Object.entries(inherited).filter(([name]) => !announcements.some((pattern) => pattern.test(name)));
  return Object.fromEntries(
    [...kept, ...Object.entries(own)].flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
