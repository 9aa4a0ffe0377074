// The clients and credentials that reads share.
import type { TokenCredential } from '@azure/core-auth';
import type { SecretClient } from '@azure/keyvault-secrets';
import { getKeyVaultCredential } from '../../credential.ts';
import { namesIn, textOf } from '../../selection/environment.ts';
import { type RecentMap, recentMap } from '../../tokens/recent.ts';
import type { CredentialOptions, Environment } from '../../types.ts';

/** So many vaults of one credential, and choices of options in one environment, are kept. */
const mostKept = 100;

const clients = new WeakMap<TokenCredential, RecentMap<string, SecretClient>>();

/** One client per vault and credential: each new one would go through the vault's challenge again. */
export async function clientFor(
  vaultUrl: string,
  credential: TokenCredential,
  disableChallengeResourceVerification: boolean,
): Promise<SecretClient> {
  const { SecretClient } = await import('@azure/keyvault-secrets');
  const ofCredential = getOrMake(clients, credential, () => recentMap<string, SecretClient>(mostKept));
  // The tries are ours: `retries.ts`.
  const options = { disableChallengeResourceVerification, retryOptions: { maxRetries: 0 } };
  const key = `${vaultUrl} ${disableChallengeResourceVerification}`;
  return getOrMake(ofCredential, key, () => new SecretClient(vaultUrl, credential, options));
}

const credentials = new WeakMap<Environment, RecentMap<string, TokenCredential>>();

/** It gets a tenth less of the time: which part of getting a token took it, the credential tells better. */
const shareOfToken = 0.9;

/** One credential for each choice of options, as long as the environment stays what it is. */
export function credentialFor(
  { env, ...options }: CredentialOptions & { readonly env: Environment },
  wholeMs: number,
): { readonly credential: TokenCredential; readonly forget: () => void } {
  const all = { ...options, timeoutMs: Math.ceil(wholeMs * shareOfToken) };
  const key = JSON.stringify(all) + fingerprintOf(env);
  const ofEnvironment = getOrMake(credentials, env, () => recentMap<string, TokenCredential>(mostKept));
  const credential = getOrMake(ofEnvironment, key, () => getKeyVaultCredential({ ...all, env }));
  return { credential, forget: () => ofEnvironment.delete(key) };
}

/** Of all variables: which of them count, the sources know. Hashed, so that no secret is kept for it. */
function fingerprintOf(env: Environment): string {
  // Not imported: nobody else on this way needs it at start-up.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const set = namesIn(env).map((name) => [name, textOf(env, name)]);
  return createHash('sha256').update(JSON.stringify(set.sort())).digest('base64');
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
