import { isQuoted } from '../../selection/environment.ts';
import { toUrl } from '../explain/read-anything.ts';
import { isSecretName, problemWithVaultName, secretNameRule } from '../secret/names.ts';
import { problemWithVaultHost } from '../secret/vault-host.ts';

/** What a Key Vault reference points to. */
export interface SecretReference {
  readonly vaultUrl: string;
  readonly secretName: string;
  readonly version: string | undefined;
}

/** The one thing that keeps a value from being a reference, in a sentence. Nothing of the value is in it. */
export interface Mistake {
  readonly mistake: string;
}

/** The beginning of a reference anywhere in a value, one that a shell has cut before the parenthesis, and one without its @. */
const shape = /@Microsoft\.KeyVault\s*(\(|$)|^\W*Microsoft\.KeyVault\s*\(\s*(SecretUri|VaultName|SecretName)\s*=/i;

/** Whether a value means to be a reference, well written or not. */
export function isReference(value: string): boolean {
  return shape.test(value);
}

/**
 * Reads `@Microsoft.KeyVault(SecretUri=...)` and `@Microsoft.KeyVault(VaultName=...;SecretName=...;SecretVersion=...)`.
 * Case and spaces around keywords are let pass: App Service's own leniency is not documented.
 * https://learn.microsoft.com/azure/app-service/app-service-key-vault-references#understand-source-app-settings-from-key-vault
 *
 * @param suffix - What follows a vault's name, `vault.azure.net`.
 */
export function readReference(value: string, suffix: string): SecretReference | Mistake {
  const text = value.trim();
  if (isQuoted(text))
    return { mistake: 'The reference is in quotes, which docker run --env-file keeps. Leave them out' };
  const [, inside, rest] = /^@Microsoft\.KeyVault\s*\(([^()]*)(.*)$/is.exec(text) ?? [];
  if (inside === undefined) return { mistake: aroundIt(text) };
  if (rest === '')
    return { mistake: 'The reference is cut off: its closing parenthesis is missing. Shells cut it at ; and )' };
  if (rest !== ')') return { mistake: alone };
  const fields = readFields(inside);
  return 'mistake' in fields ? fields : readNamed(fields, suffix);
}

const alone = 'A reference must be the whole value. Put the whole value into the secret, and refer to that';

function aroundIt(text: string): string {
  if (/^@Microsoft\.KeyVault\s*$/i.test(text))
    return 'The reference is cut off before its parenthesis, as shells do it';
  return /^Microsoft\.KeyVault/i.test(text) ? 'The reference does not begin with @' : alone;
}

const known = ['secreturi', 'vaultname', 'secretname', 'secretversion'] as const;
type Fields = { readonly [Name in (typeof known)[number]]?: string };

function readFields(text: string): { readonly fields: Fields } | Mistake {
  const fields: Record<string, string> = {};
  const parts = text.split(';').filter((part) => part.trim() !== '');
  if (parts.length === 0) return { mistake: 'There is nothing between the parentheses' };
  for (const part of parts) {
    const [, key = '', value = ''] = /^([a-z]+)\s*=(.*)$/is.exec(part.trim()) ?? [];
    const name = key.toLowerCase();
    if (name === '')
      return { mistake: 'What stands between the parentheses is not NAME=VALUE, separated by semicolons' };
    if (/,\s*(SecretUri|VaultName|SecretName|SecretVersion)\s*=/i.test(value))
      return { mistake: 'A comma separates the fields. Write a semicolon' };
    if (!known.some((each) => each === name))
      return { mistake: 'The only fields are SecretUri, or VaultName, SecretName and SecretVersion' };
    if (Object.hasOwn(fields, name)) return { mistake: `${key} stands in it twice` };
    fields[name] = value.trim();
  }
  return { fields };
}

function readNamed({ fields }: { readonly fields: Fields }, suffix: string): SecretReference | Mistake {
  const { secreturi, vaultname, secretname, secretversion } = fields;
  if (secreturi !== undefined) {
    if (Object.keys(fields).length > 1) return { mistake: 'Beside SecretUri there can be no other field' };
    return readSecretUri(secreturi);
  }
  const version = secretversion || undefined;
  if (!vaultname) return { mistake: 'VaultName is missing' };
  if (/[.:/]/.test(vaultname))
    return { mistake: `VaultName is the vault's name alone, without https:// and .${suffix}` };
  const problem = problemWithVaultName(vaultname);
  if (problem !== undefined) return { mistake: `VaultName ${problem}` };
  if (!secretname) return { mistake: 'SecretName is missing' };
  if (!isSecretName(secretname)) return { mistake: nameIs('SecretName') };
  if (version !== undefined && !isSecretName(version)) return { mistake: versionIs('SecretVersion') };
  return { vaultUrl: `https://${vaultname.toLowerCase()}.${suffix}`, secretName: secretname, version };
}

const nameIs = (where: string) => `${where} is not the name of a secret. ${secretNameRule.replace(/\.$/, '')}`;
const versionIs = (where: string) => `${where} is not the version of a secret, which has letters and digits`;

/** With or without a version, and with or without a slash at the end. */
function readSecretUri(text: string): SecretReference | Mistake {
  const url = toUrl(text);
  if (!/^[a-z]+:\/\//i.test(text)) return { mistake: 'SecretUri does not begin with https://' };
  if (url === undefined) return { mistake: 'SecretUri is not a URL' };
  if (url.protocol !== 'https:') return { mistake: 'SecretUri begins with another scheme than https://' };
  if (url.username !== '' || url.password !== '') return { mistake: 'SecretUri has a user name or password in it' };
  const host = problemWithVaultHost(url.hostname)?.what;
  if (host !== undefined) return { mistake: `SecretUri ${host}` };
  if (url.search !== '' || url.hash !== '') return { mistake: 'SecretUri has a ? or # in it' };
  if (/\/\//.test(url.pathname))
    return { mistake: 'SecretUri has two slashes in a row. The vaultUri of a template ends with one already' };
  const [, kind = '', secretName, version, more] = url.pathname.split('/');
  if (/^(keys|certificates)$/i.test(kind))
    return { mistake: 'SecretUri leads to a key or a certificate, not to a secret' };
  if (!/^secrets$/i.test(kind) || !secretName) return { mistake: 'SecretUri lacks /secrets/ and the name of a secret' };
  if (!isSecretName(secretName)) return { mistake: nameIs('What follows /secrets/ in SecretUri') };
  if (more !== undefined && more !== '') return { mistake: 'SecretUri goes on after the version' };
  if (version && !isSecretName(version)) return { mistake: versionIs('What follows the name in SecretUri') };
  return { vaultUrl: url.origin, secretName, version: version || undefined };
}
