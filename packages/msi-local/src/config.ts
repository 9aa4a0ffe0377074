import { type HostKind, hostKinds } from './environment.ts';
import type { ArcOptions } from './state/arc-keys.ts';
import type { AssignedIdentities } from './state/identities.ts';
import type { Variables } from './types.ts';

/** What {@link startLocal} can be told; everything has a default. */
export interface LocalOptions {
  /** Secrets that are in the vault from the start, by name. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** The names of the vaults that there are; the first is in `KEY_VAULT_URL`. Default: every name, and `local` there. */
  readonly vaults?: readonly string[];
  /** The known principals get no permission on the vault. Default: they may get, list and set. */
  readonly deny?: boolean;
  /** In which wording the vault refuses a principal without permission. Default: `'rbac'`. */
  readonly permissionModel?: 'rbac' | 'access-policies';
  /** Whose date format App Service's 2017 protocol uses. Default: `'linux'`. */
  readonly worker?: 'linux' | 'windows';
  /** Which managed identities the host has. Default: `'both'`, its own and a user-assigned one. */
  readonly identities?: AssignedIdentities;
  /** How Azure Arc's agent behaves. */
  readonly arc?: ArcOptions;
  /** Whose token Azure Pipelines hands out: Entra's, the default since November 2025, or the older one of Azure DevOps. */
  readonly pipelinesIssuer?: 'entra' | 'azure-devops';
  /** How GitHub writes the subject: by names, the default, or with ids as for repositories made after July 2026. */
  readonly githubSubject?: 'classic' | 'immutable';
  /** The service principal signs in with a certificate instead of a secret. Default: `false`. */
  readonly certificate?: boolean;
  /** The caller's own environment: its proxy and its certificates stay in use. Default: none. */
  readonly inherited?: Variables;
}

/** The options with every default filled in, checked. */
export interface Config extends Required<Omit<LocalOptions, 'certificate'>> {
  /** The service principal's registered certificate; with it, that host gets a certificate and no secret. */
  readonly clientCertificate: { readonly certPem: string; readonly keyPem: string } | undefined;
}

/** A mistake in flags or options. The message says what is wrong and what is right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#object-identifiers */
const secretName = /^[0-9a-zA-Z-]{1,127}$/;

/** Checks the options and fills in the defaults. */
export function readConfig(options: LocalOptions, clientCertificate?: Config['clientCertificate']): Config {
  for (const name of Object.keys(options.secrets ?? {})) checkSecretName(name);
  for (const name of options.vaults ?? []) checkVaultName(name);
  return {
    secrets: options.secrets ?? {},
    vaults: options.vaults ?? [],
    deny: options.deny ?? false,
    permissionModel: options.permissionModel ?? 'rbac',
    worker: options.worker ?? 'linux',
    inherited: options.inherited ?? {},
    identities: options.identities ?? 'both',
    arc: options.arc ?? {},
    pipelinesIssuer: options.pipelinesIssuer ?? 'entra',
    githubSubject: options.githubSubject ?? 'classic',
    clientCertificate,
  };
}

/** Reads `NAME=VALUE` words; the value may hold `=` and may be empty. */
export function readSecrets(words: readonly string[]): Record<string, string> {
  const secrets = new Map<string, string>();
  for (const word of words) {
    const [, name, value] = /^([^=]*)=([\s\S]*)$/.exec(word) ?? [];
    // The word itself is not repeated in the message: all of it may be the secret.
    if (name === undefined || value === undefined) {
      throw new ConfigError('A secret is written NAME=VALUE, for example --secret db-password=example.');
    }
    checkSecretName(name);
    if (secrets.has(name)) throw new ConfigError(`The secret "${name}" is given more than once.`);
    secrets.set(name, value);
  }
  return Object.fromEntries(secrets);
}

function checkSecretName(name: string): void {
  if (secretName.test(name)) return;
  const example = name.replaceAll(/[^0-9a-zA-Z-]+/g, '-').slice(0, 127);
  const hint = example === '' ? '' : `, for example "${example}"`;
  throw new ConfigError(`"${name}" cannot name a secret: Key Vault takes 1 to 127 letters, digits and hyphens${hint}.`);
}

/** https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name */
function checkVaultName(name: string): void {
  if (/^[a-z](?!.*--)[0-9a-z-]{1,22}[0-9a-z]$/i.test(name)) return;
  throw new ConfigError(
    `"${name}" cannot name a vault: it has 3 to 24 letters, digits and single hyphens, and begins with a letter.`,
  );
}

/** Checks the name of a host. */
export function readHost(name: string): HostKind {
  const host = hostKinds.find((one) => one === name);
  if (host !== undefined) return host;
  throw new ConfigError(`There is no host "${name}". The known ones are: ${hostKinds.join(', ')}.`);
}
