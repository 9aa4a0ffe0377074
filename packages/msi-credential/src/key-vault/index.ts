import type { Explanation } from '../codes.ts';
import type { Environment } from '../types.ts';
import { explainKeyVaultError as explain } from './explain/explain.ts';
import type { ErrorContext } from './explain/read-error.ts';
import type { Diagnosable } from './explain/situation.ts';
import { type ReferenceOptions, resolveKeyVaultReferences as resolveReferences } from './references/references.ts';
import { getKeyVaultSecret as getSecret, type SecretOptions } from './secret/secret.ts';

export type { Explanation, Fix } from '../codes.ts';
export type { KeyVaultErrorCode } from './explain/codes.ts';
export { keyVaultErrorCodes } from './explain/codes.ts';
export { KeyVaultError } from './explain/error.ts';
export type { ErrorContext } from './explain/read-error.ts';
export type { Diagnosable } from './explain/situation.ts';
export {
  KeyVaultReferencesError,
  type ReferenceFailure,
  type ReferenceOptions,
  type ReferenceStatus,
} from './references/references.ts';
export type { SecretOptions } from './secret/secret.ts';

/** The one default of this subpath: what is behind the door gets the environment handed in. */
const processEnvironment = (): Environment => process.env;

/**
 * Tells why a call to Key Vault failed and what ends it; takes any value, throws nothing, sends nothing, and repeats neither
 * tokens nor secrets.
 *
 * @param error - What the client threw: of `@azure/keyvault-secrets`, of a credential, of Node, or anything else.
 * @param credential - The credential of the call, or its diagnostics: names the caller where the error does not.
 * @param context - `vaultUrl` and `secretName`, for commands that can be copied; default: as far as the error tells.
 * @example
 * try { await client.getSecret('db-password') } catch (error) {
 *   const { title, cause, fix } = explainKeyVaultError(error, credential);
 *   console.error(title, cause);
 *   for (const { text, run } of fix) console.error(text, run);
 * }
 */
export function explainKeyVaultError(error: unknown, credential?: Diagnosable, context?: ErrorContext): Explanation {
  return explain(error, credential, context);
}

/**
 * Reads one secret, by one client per vault and credential in the whole process, within `timeoutMs` (default 100,000) for
 * token, secret and all tries together.
 *
 * @param name - The secret's name.
 * @param options - Default: the vault of `KEY_VAULT_URL`, else `KEY_VAULT_URI`; the latest version; the credential that
 *   `getKeyVaultCredential()` chooses.
 * @throws KeyVaultError - any failure of vault, network or credential, with a `KV_...` or `ERR_...` code; `KV_TIMEOUT` when
 *   the time is up.
 * @throws TypeError - `KV_URL_MISSING`, `KV_URL_INVALID`, `KV_URL_INSECURE`, `KV_INVALID_NAME`, and the errors of
 *   `getKeyVaultCredential`.
 * @example
 * const password = await getKeyVaultSecret('db-password');
 */
export async function getKeyVaultSecret(name: string, options: SecretOptions = {}): Promise<string> {
  return getSecret(name, { ...options, env: options.env ?? processEnvironment() });
}

/**
 * Resolves App Service's Key Vault references, so that settings copied from there work on a laptop too: returns a new
 * object in which every value that is such a reference is its secret, and all others are what they were.
 *
 * @param env - Default `process.env`; it is not changed.
 * @param options - `onError`: default `throw`; also the options of `getKeyVaultSecret`, except vault and version.
 * @throws KeyVaultReferencesError - some could not be resolved, each with the variable, App Service's status and why.
 * @throws TypeError - the errors of `getKeyVaultCredential`.
 * @example
 * Object.assign(process.env, await resolveKeyVaultReferences());
 */
export async function resolveKeyVaultReferences(
  env: Environment = processEnvironment(),
  options?: ReferenceOptions,
): Promise<Record<string, string | undefined>> {
  return resolveReferences(env, options);
}
