import { errorCodes } from '../../codes.ts';
import { explainedTypeError } from '../../errors.ts';
import { harmlessCause } from '../../failures/harmless-cause.ts';
import { explanationOf, type Finding, type KeyVaultExplanation, summaryOf } from './codes.ts';
import { readError } from './read-error.ts';

/**
 * A call to Key Vault failed. The message has the title, the cause, what came back, the first fix and where more is
 * written.
 *
 * @example
 * try { await getKeyVaultSecret('db-password') } catch (error) {
 *   if (error instanceof KeyVaultError) console.error(error.code, error.explanation.fix);
 * }
 */
export class KeyVaultError extends Error {
  override readonly name = 'KeyVaultError';
  /** `KV_...`, or the credential's `ERR_...`. */
  readonly code: string;
  readonly explanation: KeyVaultExplanation;

  constructor(explanation: KeyVaultExplanation, options?: { readonly cause: unknown }) {
    // Whoever answered may have sent back the token, or the value that was to be set.
    const cause = harmlessCause(options?.cause, readError(options?.cause));
    super(summaryOf(explanation), cause === undefined ? undefined : { cause });
    this.code = explanation.code;
    this.explanation = explanation;
  }

  toJSON(): object {
    const { name, code, message, explanation } = this;
    return { name, code, message, explanation };
  }
}

/** A mistake in the calling program or its settings: a TypeError that is explained like any other error. */
export function wrongUse(finding: Finding): TypeError {
  const explanation = explanationOf(finding);
  const { code, cause, fix, docs } = explanation;
  const error = explainedTypeError({ code, cause, fix: [{ text: fix[0] ?? '' }], docs });
  // Not enumerable, as the message says it all.
  return Object.defineProperty(error, 'explanation', { value: explanation });
}

/** Whether the credential, not the vault, is why. */
export function isOfCredential({ code }: KeyVaultExplanation): boolean {
  return code === 'KV_CREDENTIAL' || errorCodes.some((known) => known === code);
}
