export type { ErrorCode, Explanation, Fix, MisuseCode, WarningCode } from './codes.ts';
export { diagnose, getKeyVaultCredential } from './credential.ts';
export { formatDiagnostics } from './diagnosis/report.ts';
export { AuthenticationError, CredentialUnavailableError } from './errors.ts';
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
