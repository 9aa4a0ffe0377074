import type { TokenCredential } from '@azure/core-auth';
import type { SecretClient } from '@azure/keyvault-secrets';
import { checkNode } from '../../check-node.ts';
import type { Explanation } from '../../codes.ts';
import { getKeyVaultCredential } from '../../credential.ts';
import { explainedTypeError } from '../../errors.ts';
import { toFix } from '../../failures/steps.ts';
import { proxyFor } from '../../http/proxy.ts';
import { type RecentMap, recentMap } from '../../tokens/recent.ts';
import { checkedTimeout } from '../../tokens/time-limit.ts';
import type { CredentialOptions, Environment } from '../../types.ts';
import { explain, kindOf } from '../explain/codes.ts';
import { explainProxyVariable } from '../explain/connection.ts';
import { KeyVaultError } from '../explain/error.ts';
import { explainKeyVaultError } from '../explain/explain.ts';
import { invalidName } from '../explain/request.ts';
import type { Diagnosable } from '../explain/situation.ts';
import { isSecretName } from './names.ts';
import { vaultUrlOf } from './vault-url.ts';
import { OutOfTime, within } from './within.ts';

/** Options of `getKeyVaultSecret`; the credential's options only count if no `credential` is given. */
export interface SecretOptions extends CredentialOptions {
  /** `https://VAULT.vault.azure.net`; default `KEY_VAULT_URL`, then `KEY_VAULT_URI`. */
  readonly vaultUrl?: string | undefined;
  /** Default: the latest. */
  readonly version?: string | undefined;
  /** Default: `getKeyVaultCredential` with these options. */
  readonly credential?: TokenCredential | undefined;
  /** How long the whole call may take at most, the token and all tries included, in milliseconds; default 100,000. */
  readonly timeoutMs?: number | undefined;
  /** Ends the call earlier. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** The options with the environment to read, which the door fills in. */
export type ResolvedSecretOptions = SecretOptions & { readonly env: Environment };

/** See the door, `index.ts`. */
export async function getKeyVaultSecret(name: string, options: ResolvedSecretOptions): Promise<string> {
  const { vaultUrl: address, version, credential: own, abortSignal, ...credentialOptions } = options;
  checkNode();
  checkName(name);
  const timeoutMs = checkedTimeout(options.timeoutMs);
  const vaultUrl = vaultUrlOf(address, options.env, options.authorityHost);
  checkProxy(vaultUrl);
  const { credential, forget } =
    own === undefined ? choose(credentialOptions, timeoutMs) : { credential: own, forget: () => {} };
  let value: unknown;
  try {
    value = await within(timeoutMs, abortSignal, async (signal) => {
      const client = await clientFor(vaultUrl, credential);
      const secret = await client.getSecret(name, { ...(version !== undefined && { version }), abortSignal: signal });
      return secret.value;
    });
  } catch (error) {
    const context = { vaultUrl, secretName: name };
    const explanation =
      error instanceof OutOfTime
        ? late(name, vaultUrl, timeoutMs)
        : explainKeyVaultError(error, credential as TokenCredential & Diagnosable, context);
    if (kindOf(explanation.code) === 'credential') forget();
    throw new KeyVaultError(explanation, { cause: error });
  }
  if (typeof value !== 'string') throw new KeyVaultError(withoutText(value, vaultUrl));
  return value;
}

function late(name: string, vaultUrl: string, timeoutMs: number): Explanation {
  const cause = `${new URL(vaultUrl).hostname}: no value of ${name} came within ${timeoutMs} ms. That includes the token and all tries.`;
  return explain('KV_TIMEOUT', cause, [
    { text: 'See which part takes the time:', run: `npx msi-credential doctor --vault-url ${vaultUrl}` },
    { text: 'To allow more time for the whole call, raise the option timeoutMs.' },
  ]);
}

/** The value itself is not told: it may be half a secret. */
function withoutText(value: unknown, vaultUrl: string): Explanation {
  const what = value === undefined ? 'without a value' : 'with a value that is not a string';
  return explain('KV_UNEXPECTED_RESPONSE', `The vault answered ${what}.`, [
    {
      text: 'See what answers. Key Vault sends the header x-ms-keyvault-service-version:',
      run: `curl -sS -D - -o /dev/null ${vaultUrl}/secrets`,
    },
  ]);
}

/** The client would fail where nobody catches it, and with the password in its error. */
function checkProxy(vaultUrl: string): void {
  const proxy = proxyFor(new URL(vaultUrl));
  if ('problem' in proxy) throw new KeyVaultError(explainProxyVariable(proxy.problem));
}

/** An empty name would list the vault, and a slash reach into another path. */
function checkName(name: string): void {
  if (typeof name === 'string' && isSecretName(name)) return;
  const { code, cause, fix } = invalidName;
  throw explainedTypeError(explain(code, cause, toFix(fix)));
}

/** So many vaults of one credential, and choices of options in one environment, are kept. */
const mostKept = 100;

const clients = new WeakMap<TokenCredential, RecentMap<string, SecretClient>>();

/** One client per vault and credential: each new one would go through the vault's challenge again. */
async function clientFor(vaultUrl: string, credential: TokenCredential): Promise<SecretClient> {
  const { SecretClient } = await import('@azure/keyvault-secrets');
  const ofCredential = getOrMake(clients, credential, () => recentMap<string, SecretClient>(mostKept));
  return getOrMake(ofCredential, vaultUrl, () => new SecretClient(vaultUrl, credential));
}

const credentials = new WeakMap<Environment, RecentMap<string, TokenCredential>>();

/** It gets a tenth less of the time: which part of getting a token took it, the credential tells better. */
const shareOfToken = 0.9;

/** One credential for each choice of options. `forget`: a program may load its variables late. */
function choose({ env, ...options }: CredentialOptions & { readonly env: Environment }, wholeMs: number) {
  const all = { ...options, timeoutMs: Math.ceil(wholeMs * shareOfToken) };
  const key = JSON.stringify(all);
  const ofEnvironment = getOrMake(credentials, env, () => recentMap<string, TokenCredential>(mostKept));
  const credential = getOrMake(ofEnvironment, key, () => getKeyVaultCredential({ ...all, env }));
  return { credential, forget: () => ofEnvironment.delete(key) };
}

function getOrMake<K, V>(
  map: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
