import type { TokenCredential } from '@azure/core-auth';
import type { SecretClient } from '@azure/keyvault-secrets';
import { getKeyVaultCredential } from '../../credential.ts';
import { proxyFor } from '../../http/proxy.ts';
import { checkedTimeout } from '../../tokens/time-limit.ts';
import type { CredentialOptions, Environment } from '../../types.ts';
import { explanationOf, type Finding } from '../explain/codes.ts';
import { isOfCredential, KeyVaultError, wrongUse } from '../explain/error.ts';
import { explainKeyVaultError } from '../explain/explain.ts';
import { invalidName } from '../explain/refused.ts';
import type { Diagnosable } from '../explain/situation.ts';
import { explainProxyVariable } from '../explain/unreachable.ts';
import { isSecretName } from './names.ts';
import { vaultUrlOf } from './vault-url.ts';
import { OutOfTime, within } from './within.ts';

/** Options of `getKeyVaultSecret`; those of the credential count only where no `credential` is given. */
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
  const { env, authorityHost, version, abortSignal } = options;
  checkName(name);
  const timeoutMs = checkedTimeout(options.timeoutMs);
  const vaultUrl = vaultUrlOf(options.vaultUrl, env, authorityHost);
  checkProxy(vaultUrl);
  const { credential, forget } = credentialFor(options, timeoutMs);
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
        ? explanationOf(late(name, vaultUrl, timeoutMs))
        : explainKeyVaultError(error, credential as TokenCredential & Diagnosable, context);
    if (isOfCredential(explanation)) forget();
    throw new KeyVaultError(explanation, { cause: error });
  }
  if (typeof value === 'string') return value;
  const cause = `The vault answered ${value === undefined ? 'without a value' : 'with a value that is not a string'}.`;
  const fix = [
    `Look what answers: curl -sS -D - -o /dev/null ${vaultUrl}/secrets (x-ms-keyvault-service-version is Key Vault's)`,
  ];
  throw new KeyVaultError(explanationOf({ code: 'KV_UNEXPECTED_RESPONSE', cause, fix }));
}

function late(name: string, vaultUrl: string, timeoutMs: number): Finding {
  return {
    code: 'KV_TIMEOUT',
    cause: `${new URL(vaultUrl).hostname}: no value of ${name} within ${timeoutMs} ms, the token and all tries included.`,
    fix: [
      `See which part takes the time: npx msi-credential doctor --vault-url ${vaultUrl}`,
      'The limit is the option timeoutMs, of the whole call.',
    ],
  };
}

/** The client would fail where nobody catches it, and with the password in its error. */
function checkProxy(vaultUrl: string): void {
  const proxy = proxyFor(new URL(vaultUrl));
  if ('problem' in proxy) throw new KeyVaultError(explanationOf(explainProxyVariable(proxy.problem)));
}

/** An empty name would list the vault, and a slash reach into another path. */
function checkName(name: string): void {
  if (typeof name === 'string' && isSecretName(name)) return;
  throw wrongUse(invalidName());
}

const clients = new WeakMap<TokenCredential, Map<string, SecretClient>>();

/** One client per vault and credential: each new one would go through the vault's challenge again. */
async function clientFor(vaultUrl: string, credential: TokenCredential): Promise<SecretClient> {
  const { SecretClient } = await import('@azure/keyvault-secrets');
  const ofCredential = getOrMake(clients, credential, () => new Map<string, SecretClient>());
  return getOrMake(ofCredential, vaultUrl, () => new SecretClient(vaultUrl, credential));
}

const credentials = new WeakMap<Environment, Map<string, TokenCredential>>();

interface Chosen {
  readonly credential: TokenCredential;
  /** After a failure the environment is read anew: a program may load its variables late. */
  forget(): void;
}

/** It gets a tenth less of the time: which part of getting a token took it, the credential tells better. */
const shareOfToken = 0.9;

function credentialFor(options: ResolvedSecretOptions, wholeMs: number): Chosen {
  if (options.credential !== undefined) return { credential: options.credential, forget: () => undefined };
  const { clientId, objectId, resourceId, tenantId, authorityHost, source } = options;
  const timeoutMs = Math.ceil(wholeMs * shareOfToken);
  const { additionallyAllowedTenants, federatedCredential, env } = options;
  const choice = { clientId, objectId, resourceId, tenantId, authorityHost, source, timeoutMs };
  const all = { ...choice, additionallyAllowedTenants, federatedCredential };
  const key = JSON.stringify(all);
  const ofEnvironment = getOrMake(credentials, env, () => new Map<string, TokenCredential>());
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
