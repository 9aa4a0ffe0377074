import type { World } from './state/identities.ts';
import type { Variables } from './types.ts';
import { serviceOfName } from './wire/clouds.ts';

/** What the variables of a host are made of. */
export interface Surroundings {
  /** Scheme, host and port of the managed identity endpoints. */
  readonly origin: string;
  /** The secret that this host gives to its programs. */
  readonly secret: string;
  readonly world: World;
  /** A PEM file with the service principal's certificate and key, when it signs in with one. */
  readonly certificatePath: string | undefined;
}

type Host = (surroundings: Surroundings) => Record<string, string>;

/** https://learn.microsoft.com/azure/app-service/reference-app-settings */
const website: Host = ({ world }) => ({
  WEBSITE_SITE_NAME: 'local',
  WEBSITE_HOSTNAME: 'local.azurewebsites.net',
  WEBSITE_INSTANCE_ID: '0000000000000000000000000000000000000000000000000000000000000001',
  WEBSITE_OWNER_NAME: `${world.subscriptionId}+local-WestEuropewebspace-Linux`,
  WEBSITE_RESOURCE_GROUP: 'local',
  WEBSITE_SKU: 'Basic',
  REGION_NAME: 'West Europe',
});

const msi: Host = ({ origin, secret }) => ({ MSI_ENDPOINT: `${origin}/msi/token`, MSI_SECRET: secret });

/** Every host by name, with the variables that it, and nothing else, sets. */
const hosts = {
  // Both pairs with the same values: https://learn.microsoft.com/azure/app-service/overview-managed-identity
  'app-service': (at) => ({
    ...website(at),
    ...msi(at),
    IDENTITY_ENDPOINT: `${at.origin}/msi/token`,
    IDENTITY_HEADER: at.secret,
  }),
  'app-service-2017': (at) => ({ ...website(at), ...msi(at) }),
  'service-principal': ({ world, secret, certificatePath }) => ({
    AZURE_TENANT_ID: world.tenantId,
    AZURE_CLIENT_ID: world.servicePrincipal.clientId,
    ...(certificatePath === undefined
      ? { AZURE_CLIENT_SECRET: secret }
      : { AZURE_CLIENT_CERTIFICATE_PATH: certificatePath }),
  }),
  laptop: () => ({}),
} satisfies Record<string, Host>;

/** The name of a host that the stand-in can play. */
export type HostKind = keyof typeof hosts;

/** All of them, in the order in which help and errors list them. */
export const hostKinds = Object.keys(hosts) as readonly HostKind[];

/** The variables that a host sets. */
export function hostVariables(host: HostKind, surroundings: Surroundings): Record<string, string> {
  return hosts[host](surroundings);
}

/** Variables by which some host of Azure's, or a signed-in shell, announces itself. */
const announcements = [
  /^(IDENTITY|MSI|IMDS)_/,
  /^DEFAULT_IDENTITY_CLIENT_ID$/,
  /^(WEBSITE|APPSETTING|FUNCTIONS|CONTAINER_APP|AZUREML|AZUREPS)_/,
  /^AZURE_(CLIENT|TENANT|FEDERATED|KUBERNETES|POD_IDENTITY|MANAGED_IDENTITY|FUNCTIONS)_/,
  /^AZURE_(AUTHORITY_HOST|USERNAME|PASSWORD|ADDITIONALLY_ALLOWED_TENANTS)$/,
  /^AZURESUBSCRIPTION_(CLIENT_ID|TENANT_ID|SERVICE_CONNECTION_ID)$/,
  /^ACTIONS_ID_TOKEN_REQUEST_(URL|TOKEN)$/,
  /^SYSTEM_(OIDCREQUESTURI|ACCESSTOKEN)$/,
  /^(ACC_CLOUD|REGION_NAME|FABRIC_\w+)$/i,
];

/** What leads a program's traffic to the stand-in. */
export interface Route {
  readonly proxyUrl: string;
  /** The private CA together with the caller's own extra certificates. */
  readonly extraCaPath: string;
  /** A complete set of roots together with the private CA. */
  readonly bundlePath: string;
}

const nearby = ['localhost', '127.0.0.1', '::1', '169.254.169.254'];

/** The variables that lead the vault's and Entra's names to the stand-in, whatever the host. */
export function routeVariables(route: Route, inherited: Variables): Record<string, string> {
  const others = noProxyOf(inherited).filter((entry) => !coversOurNames(entry));
  const noProxy = [...new Set([...nearby, ...others])].join(',');
  return {
    HTTPS_PROXY: route.proxyUrl,
    https_proxy: route.proxyUrl,
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    // Node's own fetch and https look at the proxy variables only when told to (Node 22.21, 24.5).
    NODE_USE_ENV_PROXY: '1',
    NODE_EXTRA_CA_CERTS: route.extraCaPath,
    SSL_CERT_FILE: route.bundlePath,
    REQUESTS_CA_BUNDLE: route.bundlePath,
    // curl asks this one before SSL_CERT_FILE.
    ...(inherited.CURL_CA_BUNDLE ? { CURL_CA_BUNDLE: route.bundlePath } : {}),
    KEY_VAULT_URL: 'https://local.vault.azure.net',
    KEY_VAULT_URI: 'https://local.vault.azure.net',
  };
}

/** The entries of the caller's NO_PROXY. */
export function noProxyOf(variables: Variables): string[] {
  return (variables.no_proxy || variables.NO_PROXY || '').split(/[\s,]+/).filter((entry) => entry !== '');
}

/** An entry such as `*` or `.azure.net` would lead the vault's name past the stand-in. */
function coversOurNames(entry: string): boolean {
  const suffix = entry.replace(/^\*?\.?/, '').toLowerCase();
  const ours = ['local.vault.azure.net', 'login.microsoftonline.com'];
  return (
    ours.some((name) => name === suffix || suffix === '' || name.endsWith(`.${suffix}`)) ||
    serviceOfName(suffix) !== undefined
  );
}

/** The caller's variables without those of any host, then the given ones. */
export function programVariables(inherited: Variables, own: Variables): Record<string, string> {
  const kept = Object.entries(inherited).filter(([name]) => !announcements.some((pattern) => pattern.test(name)));
  return Object.fromEntries(
    [...kept, ...Object.entries(own)].flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
