import type { Explanation } from '../codes.ts';
import { type KeyVaultErrorKind, kindOf } from '../key-vault/explain/codes.ts';
import { isMisconfigured } from '../key-vault/misconfigured.ts';

/** How a command ends; `msi-credential --help` lists them. */
export const exitCodes = { ok: 0, unexpected: 1, misconfigured: 2, unreachable: 3, refused: 4, usage: 64 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const noAnswer: readonly KeyVaultErrorKind[] = ['unreachable', 'timeout', 'service'];

/** The exit code for what the credential, Key Vault or the way to it said. */
export function exitCodeOf(explanation: Explanation): ExitCode {
  const { code } = explanation;
  if (isMisconfigured(explanation)) return exitCodes.misconfigured;
  const isUnreachable = code === 'ERR_UNREACHABLE' || code === 'ERR_TIMEOUT' || noAnswer.includes(kindOf(code));
  return isUnreachable ? exitCodes.unreachable : exitCodes.refused;
}
