export { diagnose, getKeyVaultCredential } from './credential.ts';
export { formatDiagnostics } from './diagnose.ts';
export { AuthenticationError, CredentialUnavailableError, type ErrorCode } from './errors.ts';
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
  Warning,
} from './types.ts';
