export { diagnose, getKeyVaultCredential } from './credential.ts';
export { formatDiagnostics } from './diagnosis/report.ts';
export { AuthenticationError, CredentialUnavailableError, type ErrorDetails, type ExplainedError } from './errors.ts';
export type * from './public-types.ts';
