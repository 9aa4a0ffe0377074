import type { Explanation } from '../codes.ts';
import type { Environment } from '../types.ts';
import { explainKeyVaultError as explain } from './explain/explain.ts';
import type { ErrorContext } from './explain/read-error.ts';
import type { Diagnosable } from './explain/situation.ts';
import { httpFailureOf as failureOf, type HttpFailure } from './http-failure.ts';
import { type ReferenceOptions, resolveKeyVaultReferences as resolveReferences } from './references/references.ts';
import { getKeyVaultSecret as getSecret, type SecretOptions } from './secret/secret.ts';
import { vaultUrlOf } from './secret/vault-url.ts';

export type * from '../public-types.ts';
export type { KeyVaultErrorCode } from './explain/codes.ts';
export { keyVaultErrorCodes } from './explain/codes.ts';
export { KeyVaultError } from './explain/error.ts';
export type { ErrorContext } from './explain/read-error.ts';
export type { Diagnosable } from './explain/situation.ts';
export type { HttpFailure } from './http-failure.ts';
export { KeyVaultReferencesError, type ReferenceFailure, type ReferenceStatus } from './references/failures.ts';
export type { ReferenceOptions } from './references/references.ts';
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
 * What a web service answers when Key Vault failed it: a status and a text that name the cause and what to do, without
 * tokens, secrets or a stack. Takes any value and throws nothing.
 *
 * @param error - As for {@link explainKeyVaultError}.
 * @param credential - The credential of the call, so that commands name the caller.
 * @param context - `vaultUrl` and `secretName`; default: as far as the error tells.
 * @example
 * try {
 *   const { value } = await client.getSecret('db-password');
 * } catch (error) {
 *   const { status, text } = httpFailureOf(error, credential);
 *   response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
 * }
 */
export function httpFailureOf(error: unknown, credential?: Diagnosable, context?: ErrorContext): HttpFailure {
  return failureOf(error, credential, context);
}

/**
 * The address of the vault that the environment names, by `KEY_VAULT_URL` or else by `KEY_VAULT_URI`.
 *
 * @param env - Default: `process.env`.
 * @throws TypeError - `KV_URL_MISSING`, `KV_URL_INVALID`, `KV_URL_INSECURE`: quoted, a bare name, a reference, http.
 * @example
 * const client = new SecretClient(getKeyVaultUrl(), getKeyVaultCredential());
 */
export function getKeyVaultUrl(env: Environment = processEnvironment()): string {
  return vaultUrlOf(undefined, env, undefined);
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
 * @throws CredentialUnavailableError - `ERR_NODE_VERSION`: this Node.js is too old.
 * @example
 * const password = await getKeyVaultSecret('db-password');
 */
export async function getKeyVaultSecret(name: string, options: SecretOptions = {}): Promise<string> {
  return getSecret(name, { ...options, env: options.env ?? processEnvironment() });
}

/**
 * Resolves App Service's Key Vault references, so that settings copied from there work on a laptop too. Returns a new object
 * with those variables alone that hold a reference, each with its secret. Values that look like a reference and that App
 * Service would not resolve (in quotes, in other text, cut off) are failures, too.
 *
 * @param values - Default `process.env`; not changed. They are values only: the identity comes from `process.env`.
 * @param options - `onError`: default `throw`; also the options of `getKeyVaultSecret`, except vault and version.
 * @throws KeyVaultReferencesError - some could not be resolved, each with the variable, App Service's status and why.
 * @throws TypeError, CredentialUnavailableError - the errors of `getKeyVaultCredential`.
 * @example
 * Object.assign(process.env, await resolveKeyVaultReferences());
 * @example
 * const settings = { ...values, ...(await resolveKeyVaultReferences(values)) };
 */
export async function resolveKeyVaultReferences(
  values: Environment = processEnvironment(),
  options: ReferenceOptions = {},
): Promise<Record<string, string>> {
  return resolveReferences(values, { ...options, env: options.env ?? processEnvironment() });
}
