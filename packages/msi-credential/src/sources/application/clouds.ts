import { value } from '../../selection/environment.ts';
import type { Environment } from '../../types.ts';

/** What differs from one cloud of Azure to the next, by the authority that its credentials name. */
export interface Cloud {
  readonly authorityHost: string;
  /** Further names of the same authority. */
  readonly aliases: readonly string[];
  /** The audience of Key Vault tokens; a vault's address ends with its host. */
  readonly vaultResource: string;
  /** The audience of assertions that are exchanged for tokens. */
  readonly exchangeAudience: string;
}

/**
 * https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud,
 * https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
export const clouds: readonly Cloud[] = [
  {
    authorityHost: 'https://login.microsoftonline.com',
    aliases: ['https://login.windows.net', 'https://login.microsoft.com', 'https://sts.windows.net'],
    vaultResource: 'https://vault.azure.net',
    exchangeAudience: 'api://AzureADTokenExchange',
  },
  {
    authorityHost: 'https://login.microsoftonline.us',
    aliases: ['https://login.usgovcloudapi.net'],
    vaultResource: 'https://vault.usgovcloudapi.net',
    exchangeAudience: 'api://AzureADTokenExchangeUSGov',
  },
  {
    authorityHost: 'https://login.chinacloudapi.cn',
    aliases: ['https://login.partner.microsoftonline.cn'],
    vaultResource: 'https://vault.azure.cn',
    exchangeAudience: 'api://AzureADTokenExchangeChina',
  },
];

/** The cloud of an authority; an unknown one (Azure Stack Hub, a test) counts as the public cloud. */
export function cloudOf(authorityHost: string | undefined): Cloud {
  return knownCloud(authorityHost) ?? (clouds[0] as Cloud);
}

/** The cloud of an authority, if it is one of Microsoft's. */
export function knownCloud(authorityHost: string | undefined): Cloud | undefined {
  const host = authorityHost === undefined ? undefined : authorityOf(authorityHost);
  return clouds.find((cloud) => cloud.authorityHost === host || (host && cloud.aliases.includes(host)));
}

/**
 * An authority as it is asked. Capitals count for nothing. Microsoft's own have no path: `/common` or a tenant behind them
 * is what other libraries want, and the tenant is a setting of its own here.
 */
export function authorityOf(text: string): string {
  const written = text.replace(/\/+$/, '');
  const complete = /^[a-z]+:\/\//i.test(written) ? written : `https://${written}`;
  const url = URL.canParse(complete) ? new URL(complete) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '') return written;
  const isOwn = clouds.some((cloud) => cloud.authorityHost === url.origin || cloud.aliases.includes(url.origin));
  if (isOwn) return url.origin;
  return complete === written && url.search === '' && url.hash === ''
    ? `${url.origin}${url.pathname.replace(/\/+$/, '')}`
    : written;
}

/** The cloud that the option names, else `AZURE_AUTHORITY_HOST`. */
export function cloudFor(env: Environment, authorityHost: string | undefined): Cloud {
  return cloudOf(authorityHost ?? value(env, 'AZURE_AUTHORITY_HOST'));
}

/** What follows a vault's name in its address: `vault.azure.net`. */
export function vaultSuffixOf({ vaultResource }: Cloud): string {
  return new URL(vaultResource).hostname;
}

/** The cloud that a vault's host belongs to; undefined for any other host, such as a stand-in's. */
export function cloudOfVault(hostname: string | undefined): Cloud | undefined {
  return clouds.find((cloud) => hostname?.toLowerCase().endsWith(`.${vaultSuffixOf(cloud)}`));
}
