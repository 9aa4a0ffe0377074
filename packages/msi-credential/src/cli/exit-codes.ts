import { isCredentialError } from '../errors.ts';

/** How a command ends; the README lists them. */
export const exitCodes = { ok: 0, unexpected: 1, misconfigured: 2, unreachable: 3, refused: 4, usage: 64 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The exit code for an error of the credential; `unexpected` for anything else. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!isCredentialError(error)) return exitCodes.unexpected;
  if (error.code === 'ERR_UNREACHABLE' || error.code === 'ERR_TIMEOUT') return exitCodes.unreachable;
  return error.name === 'CredentialUnavailableError' ? exitCodes.misconfigured : exitCodes.refused;
}
