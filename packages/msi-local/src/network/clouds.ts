/** One of Azure's clouds, by the names that a Key Vault client meets. */
export interface Cloud {
  readonly vaultSuffix: string;
  /** The first one is named in the vault's challenge. */
  readonly loginHosts: readonly [string, ...string[]];
  /** The ends of the names of services that only this cloud knows; Storage has one name in all of them. */
  readonly services: readonly string[];
}

/** https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#dns-suffixes-for-object-identifiers */
export const clouds: readonly [Cloud, ...Cloud[]] = [
  {
    vaultSuffix: 'vault.azure.net',
    loginHosts: ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'],
    services: [
      'vault.azure.net',
      'management.azure.com',
      'core.windows.net',
      'graph.microsoft.com',
      'database.windows.net',
    ],
  },
  {
    vaultSuffix: 'vault.usgovcloudapi.net',
    loginHosts: ['login.microsoftonline.us', 'login.usgovcloudapi.net'],
    services: ['usgovcloudapi.net', 'microsoft.us', 'azure.us'],
  },
  {
    vaultSuffix: 'vault.azure.cn',
    loginHosts: ['login.chinacloudapi.cn', 'login.partner.microsoftonline.cn'],
    services: ['azure.cn', 'chinacloudapi.cn'],
  },
  {
    vaultSuffix: 'vault.microsoftazure.de',
    loginHosts: ['login.microsoftonline.de'],
    services: ['microsoftazure.de', 'cloudapi.de'],
  },
];

const managementHost = 'management.azure.com';

/** Every name for which the stand-in holds a certificate. */
export const certificateNames: readonly string[] = [
  ...clouds.flatMap((cloud) => [`*.${cloud.vaultSuffix}`, ...cloud.loginHosts]),
  managementHost,
];

/** The cloud whose vault has this host name. */
export function cloudOfVault(hostname: string): Cloud | undefined {
  return clouds.find((cloud) => hostname.toLowerCase().endsWith(`.${cloud.vaultSuffix}`));
}

/** Whether a resource belongs to another cloud than this sign-in address. Without one of Azure's names it is the public cloud's. */
export function isOfOtherCloud(resource: string, loginHost: string): boolean {
  const own = clouds.find((cloud) => cloud.loginHosts.includes(loginHost.toLowerCase())) ?? clouds[0];
  const host = URL.canParse(resource) ? new URL(resource).hostname : '';
  const knows = ({ services }: Cloud) => services.some((name) => host === name || host.endsWith(`.${name}`));
  return clouds.some((cloud) => cloud !== own && knows(cloud));
}

/** Which site answers under a public name; undefined for the rest of the internet. */
export function siteOfName(hostname: string): 'key-vault' | 'entra' | 'resource-manager' | undefined {
  const name = hostname.toLowerCase();
  if (cloudOfVault(name)) return 'key-vault';
  if (name === managementHost) return 'resource-manager';
  return clouds.some(({ loginHosts }) => loginHosts.includes(name)) ? 'entra' : undefined;
}

/** The ends of the names of services that take Entra's tokens; what only hands out files, such as a CDN, is not among them. */
const azure = [
  ...['azure.com', 'azure.net', 'windows.net', 'windowsazure.com', 'azurewebsites.net', 'azurecontainerapps.io'],
  ...['azurecr.io', 'azconfig.io', 'azure-api.net', 'azure-devices.net', 'azuredatabricks.net', 'azuresynapse.net'],
  ...['azure.us', 'usgovcloudapi.net', 'azure.cn', 'chinacloudapi.cn', 'microsoftazure.de', 'cloudapi.de'],
  ...['applicationinsights.io', 'loganalytics.io', 'visualstudio.com', 'microsoftonline.com', 'microsoftonline.us'],
  ...['graph.microsoft.com', 'graph.microsoft.us', 'office.com', 'office365.com', 'sharepoint.com', 'dynamics.com'],
  ...['powerbi.com', 'powerapps.com', 'fabric.microsoft.com'],
];

/** Whether a program could send one of our tokens there. */
export const isOfAzure = (hostname: string) => azure.some((suffix) => isWithin(hostname, suffix));

/** Whether a name leads to something that is played here, or to another service of Azure, or ends what such a name ends with. */
export const touchesAzure = (name: string) =>
  [...azure, ...certificateNames].some((one) => isWithin(one, name) || isWithin(name, one));

/** Whether a host is the named one or below it; `*.`, or a dot, before the name means the same. */
export function isWithin(hostname: string, name: string): boolean {
  const suffix = name.replace(/^\*?\.?/, '').toLowerCase();
  return suffix === '' || `.${hostname.toLowerCase()}`.endsWith(`.${suffix}`);
}
