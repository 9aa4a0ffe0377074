import type { Fix } from '../../codes.ts';
import { placeholderIn } from '../../selection/placeholder.ts';
import { listVaults } from '../explain/commands.ts';
import { isVaultName, problemWithVaultName, vaultNameIn } from './names.ts';

/** What is wrong, as the end of a sentence that begins with where it stands, and what to write instead, without https://. */
export interface WrongAddress {
  readonly what?: string;
  readonly write?: string | undefined;
  /** What to do before. */
  readonly fix?: readonly Fix[];
}

/**
 * What keeps a host from being a vault's, so that nothing needs to be asked. Undefined for a vault's, and for names of which
 * nobody knows, such as a stand-in's.
 */
export function problemWithVaultHost(hostname: string): WrongAddress | undefined {
  const name = vaultNameIn(hostname);
  if (name !== undefined) {
    if (placeholderIn(name)) return { what: "has a placeholder in place of the vault's name" };
    const problem = problemWithVaultName(name);
    if (problem === undefined) return undefined;
    return { what: `names no vault: the name in it ${problem}`, fix: [{ text: 'List your vaults:', run: listVaults }] };
  }
  if (/\.managedhsm\.\w+(\.\w+)+$/.test(hostname))
    return { what: 'is the address of a managed HSM, which holds keys only, no secrets' };
  const [, behind, suffix = ''] =
    /^([^.]+)\.(?:privatelink\.)?vaultcore\.(azure\.(?:net|cn)|usgovcloudapi\.net)$/.exec(hostname) ?? [];
  if (isVaultName(behind))
    return { what: "is the name of a vault's private endpoint", write: `${behind}.vault.${suffix}` };
  if (/^vault\.(azure\.(net|cn)|usgovcloudapi\.net)$/.test(hostname)) return { what: 'lacks the name of the vault' };
  if (/(^|\.)(key-?)?vaults?\.(azure|windows|microsoft|usgovcloudapi|microsoftonline)\.\w+$/.test(hostname))
    return { what: "does not end as a vault's address does" };
  return undefined;
}
