/** One of Azure's clouds, by the names that a Key Vault client meets. */
export interface Cloud {
  readonly vaultSuffix: string;
  /** The first one is named in the vault's challenge. */
  readonly loginHosts: readonly [string, ...string[]];
}

/** https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#dns-suffixes-for-object-identifiers */
export const clouds: readonly Cloud[] = [
  {
    vaultSuffix: 'vault.azure.net',
    loginHosts: ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'],
  },
  { vaultSuffix: 'vault.usgovcloudapi.net', loginHosts: ['login.microsoftonline.us', 'login.usgovcloudapi.net'] },
  { vaultSuffix: 'vault.azure.cn', loginHosts: ['login.chinacloudapi.cn', 'login.partner.microsoftonline.cn'] },
  { vaultSuffix: 'vault.microsoftazure.de', loginHosts: ['login.microsoftonline.de'] },
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

/** Which site answers under a public name; undefined for the rest of the internet. */
export function siteOfName(hostname: string): 'key-vault' | 'entra' | undefined {
  if (cloudOfVault(hostname)) return 'key-vault';
  const login = clouds.some((cloud) => cloud.loginHosts.includes(hostname.toLowerCase()));
  return login ? 'entra' : undefined;
}
