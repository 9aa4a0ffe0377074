import { CredentialUnavailableError, type Diagnostics } from 'msi-credential';
import { explainKeyVaultError } from 'msi-credential/key-vault';
import { NotConfigured } from './settings.ts';

/** A failure as a caller may see it: no stack, no secret, nothing that others answered. */
export interface Failure {
  /** 503: this function is not set up (yet). 502: it is, but somebody else refused or did not answer. */
  readonly status: 502 | 503;
  readonly code: string;
  readonly title: string;
  readonly cause: string;
  readonly fix: readonly string[];
  readonly docs?: string | undefined;
}

export function explainFailure(error: unknown, diagnostics: Diagnostics): Failure {
  if (error instanceof NotConfigured) {
    const fix = ['Set the application setting KEY_VAULT_URL to https://NAME.vault.azure.net.'];
    return { status: 503, code: 'NOT_CONFIGURED', title: 'No vault is named', cause: error.message, fix };
  }
  const {
    code,
    title = 'The secret was not read',
    cause,
    docs,
    ...explanation
  } = explainKeyVaultError(error, diagnostics);
  const fix = explanation.fix.map(({ text, run }) => [text, run].filter(Boolean).join(' '));
  return { status: error instanceof CredentialUnavailableError ? 503 : 502, code, title, cause, fix, docs };
}
