import type { TokenCredential } from '@azure/core-auth';
import type { SecretClient } from '@azure/keyvault-secrets';
import { getKeyVaultCredential } from '../credential.ts';
import type { CredentialOptions, Environment } from '../types.ts';
import { explanationOf } from './codes.ts';
import { isOfCredential, KeyVaultError, wrongUse } from './error.ts';
import { explainKeyVaultError } from './explain.ts';
import { isSecretName } from './names.ts';
import { invalidName } from './refused.ts';
import type { Diagnosable } from './situation.ts';
import { vaultUrlOf } from './vault-url.ts';

/** Options of `getKeyVaultSecret`; those of the credential count only where no `credential` is given. */
export interface SecretOptions extends CredentialOptions {
  /** `https://VAULT.vault.azure.net`; default `KEY_VAULT_URL`, then `KEY_VAULT_URI`. */
  readonly vaultUrl?: string | undefined;
  /** Default: the latest. */
  readonly version?: string | undefined;
  /** Default: `getKeyVaultCredential` with these options. */
  readonly credential?: TokenCredential | undefined;
  readonly abortSignal?: AbortSignal | undefined;
}

/** The options with the environment to read, which the door fills in. */
export type ResolvedSecretOptions = SecretOptions & { readonly env: Environment };

/** See the door, `index.ts`. */
export async function getKeyVaultSecret(name: string, options: ResolvedSecretOptions): Promise<string> {
  const { env, authorityHost, version, abortSignal } = options;
  checkName(name);
  const vaultUrl = vaultUrlOf(options.vaultUrl, env, authorityHost);
  const { credential, forget } = credentialFor(options);
  try {
    const client = await clientFor(vaultUrl, credential);
    const { value } = await client.getSecret(name, {
      ...(version !== undefined && { version }),
      ...(abortSignal !== undefined && { abortSignal }),
    });
    if (value !== undefined) return value;
  } catch (error) {
    const context = { vaultUrl, secretName: name };
    const explanation = explainKeyVaultError(error, credential as TokenCredential & Diagnosable, context);
    if (isOfCredential(explanation)) forget();
    throw new KeyVaultError(explanation, { cause: error });
  }
  const cause = 'The vault answered without a value.';
  throw new KeyVaultError(explanationOf({ code: 'KV_UNEXPECTED_RESPONSE', cause, fix: ['Check what answers there.'] }));
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

function credentialFor(options: ResolvedSecretOptions): Chosen {
  if (options.credential !== undefined) return { credential: options.credential, forget: () => undefined };
  const { clientId, objectId, resourceId, tenantId, authorityHost, source, timeoutMs } = options;
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
