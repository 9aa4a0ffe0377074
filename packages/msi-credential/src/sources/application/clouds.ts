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
  /** How the names end that the cloud gives to apps. */
  readonly apps: RegExp;
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
    apps: /\.(azurewebsites\.net|azurecontainerapps\.io|appserviceenvironment\.net)$/i,
  },
  {
    authorityHost: 'https://login.microsoftonline.us',
    aliases: ['https://login.usgovcloudapi.net'],
    vaultResource: 'https://vault.usgovcloudapi.net',
    exchangeAudience: 'api://AzureADTokenExchangeUSGov',
    apps: /\.(azurewebsites|azurecontainerapps|appserviceenvironment)\.us$/i,
  },
  {
    authorityHost: 'https://login.chinacloudapi.cn',
    aliases: ['https://login.partner.microsoftonline.cn'],
    vaultResource: 'https://vault.azure.cn',
    exchangeAudience: 'api://AzureADTokenExchangeChina',
    apps: /\.(chinacloudsites|azurewebsites|azurecontainerapps|appserviceenvironment)\.cn$/i,
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

/** Where hosts say by which name an app is reached. */
const appNames = ['WEBSITE_HOSTNAME', 'CONTAINER_APP_HOSTNAME', 'CONTAINER_APP_ENV_DNS_SUFFIX'];

/**
 * The cloud that the option names, else `AZURE_AUTHORITY_HOST`. Apps have no such variable unless somebody sets it: for them
 * the name of the app tells, and else the vault that the settings name.
 */
export function cloudFor(env: Environment, authorityHost: string | undefined): Cloud {
  const named = knownCloud(authorityHost ?? value(env, 'AZURE_AUTHORITY_HOST'));
  const apps = appNames.map((name) => value(env, name) ?? '');
  const ofApp = clouds.find((cloud) => apps.some((app) => cloud.apps.test(app)));
  const vaults = ['KEY_VAULT_URL', 'KEY_VAULT_URI'].map((name) => value(env, name) ?? '');
  const ofVault = vaults.map((url) => cloudOfVault(URL.canParse(url) ? new URL(url).hostname : undefined));
  return named ?? ofApp ?? ofVault.find((cloud) => cloud !== undefined) ?? cloudOf(undefined);
}

/** What follows a vault's name in its address: `vault.azure.net`. */
export function vaultSuffixOf({ vaultResource }: Cloud): string {
  return new URL(vaultResource).hostname;
}

/** The cloud that a vault's host belongs to; undefined for any other host, such as a stand-in's. */
export function cloudOfVault(hostname: string | undefined): Cloud | undefined {
  return clouds.find((cloud) => hostname?.toLowerCase().endsWith(`.${vaultSuffixOf(cloud)}`));
}
