export { diagnose, getKeyVaultCredential } from './credential.ts';
export { formatDiagnostics } from './diagnosis/report.ts';
export type { WarningCode } from './diagnosis/warnings.ts';
export { AuthenticationError, CredentialUnavailableError, type ErrorCode, type MisuseCode } from './errors.ts';
export type {
  Attempt,
  CacheCounters,
  CredentialOptions,
  Diagnostics,
  Environment,
  KeyVaultCredential,
  Principal,
  Problem,
  SelectOptions,
  SourceName,
  SourceReport,
  VariableReport,
  Warning,
} from './types.ts';
