import { type ErrorCode, type Explanation, isUnavailableCode } from '../codes.ts';
import { type KeyVaultErrorKind, kindOf } from '../key-vault/explain/codes.ts';

/** How a command ends; `msi-credential --help` lists them. */
export const exitCodes = { ok: 0, unexpected: 1, misconfigured: 2, unreachable: 3, refused: 4, usage: 64 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const exitCodeOfKind: Partial<Record<KeyVaultErrorKind, ExitCode>> = {
  misuse: exitCodes.misconfigured,
  unreachable: exitCodes.unreachable,
  timeout: exitCodes.unreachable,
  service: exitCodes.unreachable,
};

/** The exit code for what the credential, Key Vault or the way to it said. */
export function exitCodeOf({ code }: Explanation): ExitCode {
  if (code.startsWith('KV_')) return exitCodeOfKind[kindOf(code)] ?? exitCodes.refused;
  if (code === 'ERR_UNREACHABLE' || code === 'ERR_TIMEOUT') return exitCodes.unreachable;
  return isUnavailableCode(code as ErrorCode) ? exitCodes.misconfigured : exitCodes.refused;
}
