// Every type that the entries share. Each entry exports all that its signatures mention, so that nobody needs two imports.
export type { ErrorCode, Explanation, Fix, MisuseCode, WarningCode } from './codes.ts';
export type {
  Attempt,
  CacheCounters,
  CredentialOptions,
  Diagnostics,
  Environment,
  FederatedCredential,
  KeyVaultCredential,
  Principal,
  Problem,
  SelectOptions,
  SourceName,
  SourceReport,
  VariableReport,
  Verdict,
  Warning,
} from './types.ts';
