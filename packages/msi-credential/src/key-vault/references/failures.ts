import { knownToCopies } from '../../across-copies.ts';
import type { Explanation, Fix } from '../../codes.ts';
import { attachExplanation } from '../../errors.ts';
import { explain, type KeyVaultErrorCode, type KeyVaultErrorKind, kindOf } from '../explain/codes.ts';
import { summaryOf } from '../explain/error.ts';

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

/** What App Service would say of it. */
export function statusOf(code: string, version: string | undefined): ReferenceStatus {
  if (code === 'KV_SECRET_NOT_FOUND') return version === undefined ? 'SecretNotFound' : 'SecretVersionNotFound';
  return statusOfCode[code] ?? statusOfKind[kindOf(code)] ?? 'OtherReasons';
}
