/** One of Azure's clouds, by the names that a Key Vault client meets. */
export interface Cloud {
  readonly vaultSuffix: string;
  /** The first one is named in the vault's challenge. */
  readonly loginHosts: readonly [string, ...string[]];
  /** The ends of the names of services that only this cloud knows; Storage has one name in all of them. */
  readonly services: readonly string[];
}

/** https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#dns-suffixes-for-object-identifiers */
export const clouds: readonly Cloud[] = [
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

/** Every name for which the stand-in holds a certificate. */
export const certificateNames: readonly string[] = clouds.flatMap((cloud) => [
  `*.${cloud.vaultSuffix}`,
  ...cloud.loginHosts,
]);

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
export function siteOfName(hostname: string): 'key-vault' | 'entra' | undefined {
  if (cloudOfVault(hostname)) return 'key-vault';
  const login = clouds.some((cloud) => cloud.loginHosts.includes(hostname.toLowerCase()));
  return login ? 'entra' : undefined;
}
