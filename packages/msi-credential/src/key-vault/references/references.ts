import { cloudFor, vaultSuffixOf } from '../../sources/application/clouds.ts';
import type { Environment } from '../../types.ts';
import { explanationOf, type KeyVaultErrorCode, type KeyVaultExplanation, summaryOf } from '../explain/codes.ts';
import { isOfCredential, KeyVaultError } from '../explain/error.ts';
import { explainKeyVaultError } from '../explain/explain.ts';
import { getKeyVaultSecret, type SecretOptions } from '../secret/secret.ts';
import { isReference, readReference, type SecretReference } from './syntax.ts';

/** Options of `resolveKeyVaultReferences`: those of the credential, and what to do with what cannot be resolved. */
export interface ReferenceOptions extends Omit<SecretOptions, 'vaultUrl' | 'version'> {
  /** `throw` (default): reject with all failures; `keep`: leave the reference as the value, as App Service does. */
  readonly onError?: 'throw' | 'keep' | undefined;
}

/** App Service's own words: https://learn.microsoft.com/rest/api/appservice/web-apps/get-app-settings-key-vault-references */
export type ReferenceStatus =
  | 'InvalidSyntax'
  | 'MSINotEnabled'
  | 'VaultNotFound'
  | 'SecretNotFound'
  | 'SecretVersionNotFound'
  | 'AccessToKeyVaultDenied'
  | 'UnauthorizedClient'
  | 'FetchTimedOut'
  | 'OtherReasons';

/** A reference that could not be resolved. */
export interface ReferenceFailure {
  /** The variable that holds it. */
  readonly variable: string;
  readonly status: ReferenceStatus;
  readonly explanation: KeyVaultExplanation;
}

/** Some references could not be resolved; `failures` says which and why, `errors` are the errors behind them. */
export class KeyVaultReferencesError extends AggregateError {
  override readonly name = 'KeyVaultReferencesError';
  readonly code = 'KV_REFERENCES' satisfies KeyVaultErrorCode;
  readonly failures: readonly ReferenceFailure[];

  constructor(failures: readonly ReferenceFailure[], errors: readonly unknown[]) {
    const lines = failures.map(
      ({ variable, status, explanation }) => `${variable}: ${status}. ${summaryOf(explanation)}`,
    );
    super(errors, `Key Vault references that cannot be resolved:\n${lines.join('\n')}`);
    this.failures = failures;
  }
}

/** What became of one reference. */
type Outcome =
  | { readonly value: string }
  | { readonly status: ReferenceStatus; readonly explanation: KeyVaultExplanation; readonly error: unknown };

/** See the door, `index.ts`. */
export async function resolveKeyVaultReferences(
  env: Environment,
  { onError = 'throw', ...options }: ReferenceOptions = {},
): Promise<Record<string, string | undefined>> {
  const secretOptions = { ...options, env: options.env ?? env };
  const suffix = vaultSuffixOf(cloudFor(secretOptions.env, options.authorityHost));
  const fetched = new Map<string, Promise<Outcome>>();
  const resolve = (text: string): Promise<Outcome> => {
    const reference = readReference(text, suffix);
    if (reference === undefined) return Promise.resolve(unreadable);
    const key = [reference.vaultUrl, reference.secretName, reference.version].join(' ').toLowerCase();
    const outcome = fetched.get(key) ?? fetch(reference, secretOptions);
    fetched.set(key, outcome);
    return outcome;
  };
  const entries = await Promise.all(
    Object.entries(env).map(async ([variable, text]) => {
      const outcome = text !== undefined && isReference(text) ? await resolve(text) : undefined;
      return { variable, text, outcome };
    }),
  );
  const failed = entries.flatMap(({ variable, outcome }) =>
    outcome && 'status' in outcome ? [{ variable, ...outcome }] : [],
  );
  if (failed.length > 0 && onError === 'throw') {
    throw new KeyVaultReferencesError(
      failed.map(({ variable, status, explanation }) => ({ variable, status, explanation })),
      failed.map(({ error }) => error),
    );
  }
  return Object.fromEntries(
    entries.map(({ variable, text, outcome }) => [variable, outcome && 'value' in outcome ? outcome.value : text]),
  );
}

const syntax = explanationOf({
  code: 'KV_REFERENCE_SYNTAX',
  cause: 'A reference is the whole value, in one of two forms.',
  fix: [
    'Write @Microsoft.KeyVault(VaultName=VAULT;SecretName=SECRET) or @Microsoft.KeyVault(SecretUri=https://VAULT.vault.azure.net/secrets/SECRET).',
    "Quote it in the shell: az webapp config appsettings set -g GROUP -n APP --settings 'NAME=@Microsoft.KeyVault(VaultName=VAULT;SecretName=SECRET)'",
  ],
});

const unreadable: Outcome = {
  status: 'InvalidSyntax',
  explanation: syntax,
  error: new KeyVaultError(syntax),
};

async function fetch(
  { secretName, ...reference }: SecretReference,
  options: SecretOptions & { readonly env: Environment },
): Promise<Outcome> {
  try {
    return { value: await getKeyVaultSecret(secretName, { ...options, ...reference }) };
  } catch (error) {
    // Misuse of the credential's options is a bug of the program, whatever is to become of the references.
    if (!(error instanceof KeyVaultError)) throw error;
    const explanation = explainKeyVaultError(error);
    return { status: statusOf(explanation, reference.version), explanation, error };
  }
}

const withoutIdentity = new Set(['ERR_NO_SOURCE', 'ERR_HOST_WITHOUT_IDENTITY', 'ERR_IDENTITY_NOT_FOUND']);

const denied =
  /^KV_(DENIED(_BY_RBAC|_BY_POLICY)?|DENY_ASSIGNMENT|POLICY_ON_BEHALF_OF|FIRST_PARTY_CALLER|FIREWALL|PRIVATE_ONLY|OTHER_VAULT_ENDPOINT)$/;

function statusOf(explanation: KeyVaultExplanation, version: string | undefined): ReferenceStatus {
  const { code } = explanation;
  if (code === 'KV_SECRET_NOT_FOUND') return version === undefined ? 'SecretNotFound' : 'SecretVersionNotFound';
  if (code === 'KV_HOST_NOT_FOUND') return 'VaultNotFound';
  if (code === 'KV_TIMEOUT' || code === 'KV_ABORTED' || code === 'ERR_TIMEOUT') return 'FetchTimedOut';
  if (withoutIdentity.has(code)) return 'MSINotEnabled';
  if (denied.test(code)) return 'AccessToKeyVaultDenied';
  return isOfCredential(explanation) || code.startsWith('KV_TOKEN') ? 'UnauthorizedClient' : 'OtherReasons';
}
