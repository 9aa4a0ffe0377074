import { isGuid } from '../../selection/environment.ts';
import { cloudOfVault, vaultSuffixOf } from '../../sources/application/clouds.ts';

/**
 * What keeps a text from being the name of a vault, as the end of a sentence; undefined where it can be one.
 * https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name
 */
export function problemWithVaultName(name: string): string | undefined {
  if (name.length < 3 || name.length > 24) return `has ${name.length} characters, not 3 to 24`;
  if (!/^[0-9a-z-]*$/i.test(name)) return 'has other characters than letters, digits and hyphens';
  if (!/^[a-z]/i.test(name)) return 'does not begin with a letter';
  if (name.includes('--')) return 'has two hyphens in a row';
  return name.endsWith('-') ? 'ends with a hyphen' : undefined;
}

/** Whether a vault can have this name. */
export function isVaultName(name: string | undefined): name is string {
  return name !== undefined && problemWithVaultName(name) === undefined;
}

/** What stands before a cloud's own part in the address of a vault, fit for a name or not; undefined for other hosts. */
export function vaultNameIn(hostname: string): string | undefined {
  const cloud = cloudOfVault(hostname);
  return cloud && hostname.slice(0, -vaultSuffixOf(cloud).length - 1);
}

/** For messages. */
export const secretNameRule = "A secret's name has 1 to 127 letters, digits and hyphens.";

/**
 * Whether a secret can have this name; a version has the same characters.
 * https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#object-identifiers
 */
export function isSecretName(name: string | undefined): name is string {
  return name !== undefined && /^[0-9a-z-]{1,127}$/i.test(name);
}

/** An id for a command, if it is one: what it comes from may be anybody's answer. */
export function asId(text: string | undefined): string | undefined {
  return text !== undefined && isGuid(text) ? text : undefined;
}
