import { isCredentialError } from '../errors.ts';

/** How a command ends; `msi-credential --help` lists them. */
export const exitCodes = { ok: 0, unexpected: 1, misconfigured: 2, unreachable: 3, refused: 4, usage: 64 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The exit code for an error of the credential; `unexpected` for anything else. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!isCredentialError(error)) return exitCodes.unexpected;
  if (error.code === 'ERR_UNREACHABLE' || error.code === 'ERR_TIMEOUT') return exitCodes.unreachable;
  return error.name === 'CredentialUnavailableError' ? exitCodes.misconfigured : exitCodes.refused;
}

/** No vault answered, or something else did in its place. */
const unreachable =
  /^KV_(HOST_NOT_FOUND|DNS_UNAVAILABLE|CONNECTION_|PROXY|NO_ROUTE|TIMEOUT|ABORTED|TLS_|EMPTY_RESPONSE|UNEXPECTED_RESPONSE|SERVICE_ERROR)/;

/** The exit code for what Key Vault, or the way to it, said. */
export function exitCodeOfVault(code: string): ExitCode {
  if (unreachable.test(code)) return exitCodes.unreachable;
  return /^KV_(URL_|MODULE_MISSING)/.test(code) ? exitCodes.misconfigured : exitCodes.refused;
}
