import type { Explanation } from '../codes.ts';
import { type ErrorCode, isUnavailableCode } from '../codes.ts';
import { kindOf } from './legacy.ts';

/** How a command ends; `msi-credential --help` lists them. */
export const exitCodes = { ok: 0, unexpected: 1, misconfigured: 2, unreachable: 3, refused: 4, usage: 64 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The exit code for what the credential, Key Vault or the way to it said. */
export function exitCodeOf({ code }: Explanation): ExitCode {
  if (code.startsWith('KV_')) return exitCodes[kindOf(code)];
  if (code === 'ERR_UNREACHABLE' || code === 'ERR_TIMEOUT') return exitCodes.unreachable;
  return isUnavailableCode(code as ErrorCode) ? exitCodes.misconfigured : exitCodes.refused;
}
