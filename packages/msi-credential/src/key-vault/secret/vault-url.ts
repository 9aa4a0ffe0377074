import { explainedTypeError } from '../../errors.ts';
import { isQuoted, value } from '../../selection/environment.ts';
import { cloudFor, vaultSuffixOf } from '../../sources/application/clouds.ts';
import type { Environment } from '../../types.ts';
import { writeHttps } from '../explain/client.ts';
import { explain } from '../explain/codes.ts';
import { listVaults } from '../explain/commands.ts';
import { isVaultName, vaultNameIn } from './names.ts';

/** Where an address was found, and what it says. */
interface Address {
  readonly from: string;
  readonly text: string;
}

/**
 * The vault's origin, from the option, else `KEY_VAULT_URL`, else `KEY_VAULT_URI`.
 *
 * @throws TypeError - `KV_URL_MISSING`, `KV_URL_INVALID`, `KV_URL_INSECURE`.
 */
export function vaultUrlOf(option: string | undefined, env: Environment, authorityHost: string | undefined): string {
  const { from, text } = addressIn(option, env);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:') {
    throw explainedTypeError(explain('KV_URL_INSECURE', `${from} begins with http.`, [{ text: writeHttps }]));
  }
  const isPlain =
    url?.protocol === 'https:' && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (url !== undefined && isPlain) return url.origin;
  const { what, write } = whatIsWrong(text, url, vaultSuffixOf(cloudFor(env, authorityHost)));
  throw explainedTypeError(explain('KV_URL_INVALID', `${from} ${what}.`, [{ text: `Write https://${write}.` }]));
}

function addressIn(option: string | undefined, env: Environment): Address {
  if (option !== undefined) return { from: 'The option vaultUrl', text: String(option).trim() };
  const found = ['KEY_VAULT_URL', 'KEY_VAULT_URI'].find((name) => value(env, name) !== undefined);
  if (found !== undefined) return { from: found, text: value(env, found) ?? '' };
  throw explainedTypeError(
    explain('KV_URL_MISSING', 'Neither the option vaultUrl nor KEY_VAULT_URL nor KEY_VAULT_URI is set.', [
      { text: 'Set KEY_VAULT_URL=https://VAULT.vault.azure.net. These are your vaults:', run: listVaults },
    ]),
  );
}

/** Repeats the value only where it surely is a vault's name: a secret may stand in the wrong variable. */
function whatIsWrong(text: string, url: URL | undefined, suffix: string): { what: string; write: string } {
  const host = text.replace(/\/$/, '');
  const named = `VAULT.${suffix}, with the name of the vault for VAULT`;
  if (isQuoted(text)) return { what: 'is in quotes', write: `${named}, without quotes` };
  if (/^@Microsoft\.KeyVault\(/i.test(text)) return { what: 'is a Key Vault reference', write: named };
  // The page of a vault ends in its resource id.
  const shown = /^https:\/\/portal\.azure\.\w+\/.*\/vaults\/([0-9a-z-]{3,24})(\/|$)/i.exec(text)?.[1];
  if (isVaultName(shown)) return { what: 'is the address of a portal page', write: `${shown}.${suffix}` };
  if (isVaultName(vaultNameIn(host))) return { what: 'lacks its scheme', write: host };
  if (url?.protocol === 'https:') return { what: 'has more than a host', write: `VAULT.${suffix}, without a path` };
  if (isVaultName(text)) return { what: 'is a bare name', write: `VAULT.${suffix}, with that name for VAULT` };
  return { what: 'is not a URL', write: named };
}
