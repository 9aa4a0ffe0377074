import { toUrl } from '../explain/read-error.ts';
import { isSecretName, isVaultName } from '../secret/names.ts';

/** What a Key Vault reference points to. */
export interface SecretReference {
  readonly vaultUrl: string;
  readonly secretName: string;
  readonly version: string | undefined;
}

/** App Service leaves what it cannot resolve as it is, so that this beginning marks an unresolved reference anywhere. */
const beginning = /^\s*@Microsoft\.KeyVault\s*\(/i;

/** Whether a value means to be a reference. */
export function isReference(value: string): boolean {
  return beginning.test(value);
}

/**
 * Reads `@Microsoft.KeyVault(SecretUri=...)` and `@Microsoft.KeyVault(VaultName=...;SecretName=...;SecretVersion=...)`.
 * Case and spaces around keywords are let pass: App Service's own leniency is not documented.
 * https://learn.microsoft.com/azure/app-service/app-service-key-vault-references#understand-source-app-settings-from-key-vault
 *
 * @param suffix - What follows a vault's name, `vault.azure.net`.
 * @returns undefined when it cannot be read.
 */
export function readReference(value: string, suffix: string): SecretReference | undefined {
  const inside = /^\s*@Microsoft\.KeyVault\s*\(([^()]*)\)\s*$/i.exec(value)?.[1];
  const fields = inside === undefined ? undefined : readFields(inside);
  if (fields === undefined) return undefined;
  const { secreturi, vaultname, secretname, secretversion, ...others } = fields;
  if (Object.keys(others).length > 0) return undefined;
  if (secreturi !== undefined) return Object.keys(fields).length === 1 ? readSecretUri(secreturi) : undefined;
  return readNames(vaultname, secretname, secretversion || undefined, suffix);
}

type Fields = Record<string, string>;

function readFields(text: string): Fields | undefined {
  const fields: Fields = {};
  for (const part of text.split(';')) {
    const [, key = '', value = ''] = /^\s*([a-z]+)\s*=\s*(\S*)\s*$/i.exec(part) ?? [];
    if (key === '' || Object.hasOwn(fields, key.toLowerCase())) return undefined;
    fields[key.toLowerCase()] = value;
  }
  return fields;
}

function readNames(
  vault: string | undefined,
  secretName: string | undefined,
  version: string | undefined,
  suffix: string,
): SecretReference | undefined {
  if (!isVaultName(vault) || !isSecretName(secretName)) return undefined;
  if (version !== undefined && !isSecretName(version)) return undefined;
  return { vaultUrl: `https://${vault.toLowerCase()}.${suffix}`, secretName, version };
}

/** With or without a version, and with or without a slash at the end. */
function readSecretUri(text: string): SecretReference | undefined {
  const url = toUrl(text);
  const [, secretName, version] = /^\/secrets\/([^/]+)(?:\/([^/]+))?\/?$/i.exec(url?.pathname ?? '') ?? [];
  if (url?.protocol !== 'https:' || url.username !== '' || !isSecretName(secretName)) return undefined;
  if (version !== undefined && !isSecretName(version)) return undefined;
  return { vaultUrl: url.origin, secretName, version };
}
