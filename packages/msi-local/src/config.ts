import { type HostKind, hostKinds } from './environment.ts';
import { siteOfName } from './network/clouds.ts';
import type { ArcOptions } from './state/arc-keys.ts';
import type { AssignedIdentities } from './state/identities.ts';
import { type Permission, permissionNames } from './state/permissions.ts';
import type { Variables } from './types.ts';

/** What {@link startLocal} can be told; everything has a default. */
export interface LocalOptions {
  /** Secrets that are there from the start, by `NAME` in the first vault or by `VAULT/NAME`. */
  readonly secrets?: Readonly<Record<string, string>>;
  /**
   * The names of the vaults that there are, each with secrets of its own; the first is in `KEY_VAULT_URL`. Default: every name,
   * and all lead to the same vault; `local` is in `KEY_VAULT_URL`.
   */
  readonly vaults?: readonly string[];
  /** What the known principals may do with secrets. Default: `get`, `list` and `set`. */
  readonly permissions?: readonly Permission[];
  /** The known principals get no permission on the vault. */
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
  /**
   * Hosts of Azure to which programs get through, `NAME` with all below it. Default: none, so that no token of the stand-in
   * leaves this machine. Hosts that are not Azure's always get through.
   */
  readonly passThrough?: readonly string[];
  /**
   * The request log says of each form which fields it had, its scope, and the header of its client assertion, but no other value.
   * Default: `false`.
   */
  readonly recordForms?: boolean;
  /** The caller's own environment: its proxy and its certificates stay in use. Default: none. */
  readonly inherited?: Variables;
}

/** The options with every default filled in, checked. */
export interface Config extends Required<Omit<LocalOptions, 'certificate' | 'deny'>> {
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
  for (const name of options.vaults ?? []) checkVaultName(name);
  for (const path of Object.keys(options.secrets ?? {})) {
    checkSecretName(path);
    checkVaultOf(path, options.vaults ?? []);
  }
  for (const name of options.passThrough ?? []) checkPassThrough(name);
  if (options.deny && options.permissions)
    throw new ConfigError('deny and permissions contradict each other. Leave one of them out.');
  return {
    secrets: options.secrets ?? {},
    vaults: options.vaults ?? [],
    permissions: options.deny ? [] : (options.permissions ?? ['get', 'list', 'set']),
    permissionModel: options.permissionModel ?? 'rbac',
    worker: options.worker ?? 'linux',
    passThrough: options.passThrough ?? [],
    recordForms: options.recordForms ?? false,
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

/** Reads `get,list,set`. */
export function readPermissions(text: string): readonly Permission[] {
  const known: readonly string[] = permissionNames;
  const words = text.split(',').map((word) => word.trim().toLowerCase());
  const unknown = words.find((word) => !known.includes(word));
  if (unknown === undefined) return words as Permission[];
  throw new ConfigError(`There is no permission "${unknown}" here. The known ones are: ${permissionNames.join(', ')}.`);
}

/** `VAULT/NAME`, or `NAME` alone for the first vault. */
export function splitSecretName(path: string): { readonly vault?: string | undefined; readonly name: string } {
  const [name = '', vault] = path.split('/').reverse();
  return { vault, name };
}

function checkVaultOf(path: string, vaults: readonly string[]): void {
  const { vault } = splitSecretName(path);
  if (vault === undefined || vaults.some((one) => one.toLowerCase() === vault.toLowerCase())) return;
  throw new ConfigError(`The secret "${path}" is in an unknown vault. Add --vault ${vault}, or leave out "${vault}/".`);
}

function checkSecretName(path: string): void {
  const { name } = splitSecretName(path);
  if (secretName.test(name) && path.split('/').length <= 2) return;
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

function checkPassThrough(name: string): void {
  const host = name.replace(/^\*?\./, '');
  if (siteOfName(host) ?? siteOfName(`x.${host}`))
    throw new ConfigError(`msi-local plays "${host}" itself; it cannot pass through.`);
  if (/^[0-9a-z-]+(\.[0-9a-z-]+)*$/i.test(host)) return;
  throw new ConfigError(`"${name}" is no host. Write its name, for example --pass-through graph.microsoft.com.`);
}

/** Checks the name of a host. */
export function readHost(name: string): HostKind {
  const host = hostKinds.find((one) => one === name);
  if (host !== undefined) return host;
  throw new ConfigError(`There is no host "${name}". The known ones are: ${hostKinds.join(', ')}.`);
}
