import { explainedTypeError } from '../../errors.ts';
import { isQuoted, value } from '../../selection/environment.ts';
import { placeholderWithin } from '../../selection/placeholder.ts';
import { cloudFor, vaultSuffixOf } from '../../sources/application/clouds.ts';
import type { Environment } from '../../types.ts';
import { writeHttps } from '../explain/client.ts';
import { explain } from '../explain/codes.ts';
import { listVaults } from '../explain/commands.ts';
import { isVaultName, vaultNameIn } from './names.ts';
import { isStandIn } from './stand-in.ts';
import { problemWithVaultHost, type WrongAddress } from './vault-host.ts';

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
  const suffix = vaultSuffixOf(cloudFor(env, authorityHost));
  const isWeb = url !== undefined && /^https?:$/.test(url.protocol);
  const wrong = textProblem(text, suffix) ?? (isWeb ? urlProblem(url, suffix) : notUrl(text, suffix));
  if (wrong === 'http') {
    throw explainedTypeError(
      explain('KV_URL_INSECURE', `${from} begins with http.`, [
        { text: url && isStandIn(url.hostname) ? atStandIn : writeHttps },
      ]),
    );
  }
  if (wrong === undefined && url !== undefined) return url.origin;
  const { what = 'is not a URL', write = vaultOf(suffix), fix = [] } = wrong ?? {};
  throw explainedTypeError(
    explain('KV_URL_INVALID', `${from} ${what}.`, [...fix, { text: `Write https://${write}.` }]),
  );
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

const atStandIn =
  'Write https:// and the port at which the stand-in speaks TLS. Over http anybody on the way could read the token.';

const vaultOf = (suffix: string) => `VAULT.${suffix}, with the name of the vault for VAULT`;

/** What a text is in place of an address. Values are repeated only where they surely are a vault's name: a secret may stand here. */
function textProblem(text: string, suffix: string): WrongAddress | undefined {
  if (isQuoted(text)) return { what: 'is in quotes', write: `${vaultOf(suffix)}, without quotes` };
  if (/^@Microsoft\.KeyVault\(/i.test(text)) return { what: 'is a Key Vault reference' };
  const placeholder = placeholderWithin(text);
  if (placeholder || /^(https:\/\/)?(VAULT|NAME|YOUR[\w-]*)\./.test(text))
    return { what: 'has a placeholder in it that nothing has replaced', ...(placeholder && { fix: placeholder.fix }) };
  // The page of a vault ends in its resource id.
  const [, page, name] =
    /^(https:\/\/portal\.azure\.\w+\/.*)?\/subscriptions\/.*\/vaults\/([0-9a-z-]{3,24})(?:\/|$)/i.exec(text) ?? [];
  if (!isVaultName(name)) return undefined;
  const what = page === undefined ? "is the vault's Azure resource id" : 'is the address of a portal page';
  return { what, write: `${name}.${suffix}` };
}

function urlProblem(
  { protocol, hostname, origin, pathname, search, hash, username }: URL,
  suffix: string,
): WrongAddress | 'http' | undefined {
  if (protocol === 'http:') return 'http';
  const problem = problemWithVaultHost(hostname);
  if (problem !== undefined) return { write: vaultOf(suffix), ...problem };
  if (username !== '') return { what: 'has a user name in it' };
  if (pathname === '/' && search === '' && hash === '') return undefined;
  const write =
    vaultNameIn(hostname) === undefined ? `VAULT.${suffix}, without a path` : origin.slice('https://'.length);
  const [, kind] = /^\/+(secret|key|certificate)s\/[^/]+/.exec(pathname) ?? [];
  if (kind === undefined) return { what: 'has more than a host', write };
  return {
    what: `is the identifier of a ${kind}, not the address of its vault`,
    write: `${write} here. What follows /${kind}s/ is the name of the ${kind}`,
  };
}

function notUrl(text: string, suffix: string): WrongAddress {
  const complete = `https://${text.replace(/^\/\//, '')}`;
  const { hostname, pathname } = URL.canParse(complete) ? new URL(complete) : { hostname: '', pathname: '/' };
  const isVault = isVaultName(vaultNameIn(hostname));
  if (isVault)
    return { what: pathname === '/' ? 'lacks its scheme' : 'lacks its scheme, and has a path', write: hostname };
  return isVaultName(text) ? { what: 'is a bare name', write: `VAULT.${suffix}, with that name for VAULT` } : {};
}
