import { knownToCopies } from '../../across-copies.ts';
import { checkNode } from '../../check-node.ts';
import type { Explanation, Fix } from '../../codes.ts';
import { attachExplanation } from '../../errors.ts';
import { cloudFor, vaultSuffixOf } from '../../sources/application/clouds.ts';
import type { Environment } from '../../types.ts';
import { explain, type KeyVaultErrorCode, type KeyVaultErrorKind, kindOf } from '../explain/codes.ts';
import { KeyVaultError, summaryOf } from '../explain/error.ts';
import { getKeyVaultSecret, type SecretOptions } from '../secret/secret.ts';
import { isReference, readReference, type SecretReference } from './syntax.ts';

/** Options of `resolveKeyVaultReferences`: the credential's options, and what to do with a reference that cannot be resolved. */
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
  readonly explanation: Explanation;
}

/** Some references could not be resolved; `failures` says which and why, `errors` are the errors behind them. */
export class KeyVaultReferencesError extends AggregateError {
  override readonly name = 'KeyVaultReferencesError';
  readonly code = 'KV_REFERENCES' satisfies KeyVaultErrorCode;
  readonly failures: readonly ReferenceFailure[];
  /** Cause and remedy of all of them; not enumerable, since the failures say the same. */
  declare readonly explanation: Explanation;

  constructor(failures: readonly ReferenceFailure[], errors: readonly unknown[]) {
    const lines = failures.map(
      ({ variable, status, explanation }) => `${variable}: ${status}. ${summaryOf(explanation)}`,
    );
    super(errors, `Key Vault references that can't be resolved:\n${lines.join('\n')}`);
    this.failures = failures;
    attachExplanation(this, explainAll(failures));
  }
}
knownToCopies(KeyVaultReferencesError, 'KeyVaultReferencesError');

function explainAll(failures: readonly ReferenceFailure[]): Explanation {
  const cause = failures.map(({ variable, status, explanation }) => `${variable}: ${status}. ${explanation.cause}`);
  const fix = failures.flatMap(({ variable, explanation }) =>
    explanation.fix.slice(0, 1).map(({ text, run }): Fix => {
      const told = [`${variable}.`, text ?? 'Run:'].join(' ');
      return run === undefined ? { text: told } : { text: told, run };
    }),
  );
  return explain('KV_REFERENCES', cause.join(' '), fix);
}

/** What became of one reference. */
type Outcome =
  | { readonly value: string }
  | { readonly status: ReferenceStatus; readonly explanation: Explanation; readonly error: unknown };

/** See the door, `index.ts`. */
export async function resolveKeyVaultReferences(
  env: Environment,
  { onError = 'throw', ...options }: ReferenceOptions = {},
): Promise<Record<string, string | undefined>> {
  checkNode();
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

const syntax = explain('KV_REFERENCE_SYNTAX', 'A reference is the whole value, in one of two forms.', [
  {
    text: 'Write @Microsoft.KeyVault(VaultName=VAULT;SecretName=SECRET) or @Microsoft.KeyVault(SecretUri=https://VAULT.vault.azure.net/secrets/SECRET).',
  },
  {
    text: 'Quote it in the shell:',
    run: "az webapp config appsettings set -g GROUP -n APP --settings 'NAME=@Microsoft.KeyVault(VaultName=VAULT;SecretName=SECRET)'",
  },
]);

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
    const { explanation } = error;
    return { status: statusOf(explanation.code, reference.version), explanation, error };
  }
}

const statusOfCode: Readonly<Record<string, ReferenceStatus>> = {
  KV_HOST_NOT_FOUND: 'VaultNotFound',
  ERR_TIMEOUT: 'FetchTimedOut',
  ERR_NO_SOURCE: 'MSINotEnabled',
  ERR_HOST_WITHOUT_IDENTITY: 'MSINotEnabled',
  ERR_IDENTITY_NOT_FOUND: 'MSINotEnabled',
};

const statusOfKind: Partial<Record<KeyVaultErrorKind, ReferenceStatus>> = {
  denied: 'AccessToKeyVaultDenied',
  timeout: 'FetchTimedOut',
  token: 'UnauthorizedClient',
  credential: 'UnauthorizedClient',
};

function statusOf(code: string, version: string | undefined): ReferenceStatus {
  if (code === 'KV_SECRET_NOT_FOUND') return version === undefined ? 'SecretNotFound' : 'SecretVersionNotFound';
  return statusOfCode[code] ?? statusOfKind[kindOf(code)] ?? 'OtherReasons';
}
