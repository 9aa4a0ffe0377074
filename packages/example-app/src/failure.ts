import { AuthenticationError, CredentialUnavailableError } from 'msi-credential';

/** A failure as a visitor may see it: no stack, nothing of the identity endpoint's secret. */
export interface Failure {
  readonly status: 502 | 503;
  readonly code: string;
  readonly message: string;
  readonly docs?: string;
}

/** 503: this app is not set up (yet). 502: it is, but somebody else refused or did not answer. */
export function explainFailure(error: unknown): Failure {
  if (error instanceof CredentialUnavailableError)
    return { status: 503, code: error.code, message: error.message, docs: error.docs };
  if (error instanceof AuthenticationError)
    return { status: 502, code: error.code, message: error.message, docs: error.docs };
  if (error instanceof NotConfigured) return { status: 503, code: 'NOT_CONFIGURED', message: error.message };
  if (!(error instanceof Error)) return { status: 502, code: 'UNKNOWN', message: 'Key Vault could not be read.' };
  const { code } = error as NodeJS.ErrnoException;
  return { status: 502, code: code ?? error.name, message: `Key Vault could not be read: ${error.message}` };
}

/** The app does not know which vault to read. */
export class NotConfigured extends Error {
  override readonly name = 'NotConfigured';
}
