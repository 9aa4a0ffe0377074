import { knownToCopies } from '../../across-copies.ts';
import { type Explanation, formatFix } from '../../codes.ts';
import { attachExplanation } from '../../errors.ts';
import { harmlessCause } from '../../failures/harmless-cause.ts';
import { readError } from './read-error.ts';

/**
 * A call to Key Vault failed. The message has the title, the cause, the first fix, the code and its address.
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
  /** Cause and remedy as data; not enumerable, since the message says the same. */
  declare readonly explanation: Explanation;

  constructor(explanation: Explanation, options?: { readonly cause: unknown }) {
    // Whoever answered may have sent back the token, or the value to be set.
    const cause = harmlessCause(options?.cause, readError(options?.cause));
    super(summaryOf(explanation), cause === undefined ? undefined : { cause });
    this.code = explanation.code;
    attachExplanation(this, explanation);
  }

  /** What loggers write: the explanation and the message, without the cause. */
  toJSON(): object {
    const { name, message, explanation } = this;
    return { name, message, ...explanation };
  }
}
knownToCopies(KeyVaultError, 'KeyVaultError');

/** In one line: title, cause, the first fix and where to read more. */
export function summaryOf({ code, title, cause, fix, docs }: Explanation): string {
  const told = title === undefined ? cause : `${title}. ${cause}`;
  return `${told} Fix: ${formatFix(fix.slice(0, 1))} [${code}, ${docs}]`;
}
