export { diagnose, getKeyVaultCredential } from './credential.ts';
export { AuthenticationError, CredentialUnavailableError, type ErrorCode, type MisuseCode } from './errors.ts';
export { formatDiagnostics } from './report.ts';
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
export type { WarningCode } from './warnings.ts';
