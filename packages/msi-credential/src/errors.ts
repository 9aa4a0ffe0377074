import { knownToCopies } from './across-copies.ts';
import {
  type ErrorCode,
  type Explanation,
  explain,
  type Fix,
  formatFix,
  isUnavailableCode,
  type MisuseCode,
} from './codes.ts';
import { printable } from './failures/printable.ts';
import type { Diagnostics, SourceName } from './types.ts';

/** Every error of this package, whichever its class and copy, has its explanation under this symbol. */
const brand = Symbol.for('msi-credential.explanation');

/** What an error has besides its code and its cause. */
export interface ErrorDetails {
  readonly source?: SourceName | undefined;
  /** What to do; default: the code's own advice. */
  readonly fix?: readonly Fix[] | undefined;
  /** The error that led to this one. */
  readonly cause?: unknown;
  /** The HTTP status that came back. */
  readonly status?: number | undefined;
  /** How long the service asked to be left alone, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** The other attempts of a list of candidates. */
  readonly errors?: readonly Error[] | undefined;
}

/** What both errors of `getToken` have. */
export class ExplainedError extends Error {
  /** A stable name for this way to fail. */
  readonly code: ErrorCode;
  /** The address of the code's heading in the documentation. */
  readonly docs: string;
  /** The source that failed, filled in by its caller where the place that threw did not know. */
  source: SourceName | undefined;
  /** The HTTP status that came back. */
  declare readonly status?: number;
  /** How long the service asked to be left alone, in milliseconds. */
  declare readonly retryAfterMs?: number;
  /** Cause and remedy as data; not enumerable, since the message says the same. */
  declare readonly explanation: Explanation<ErrorCode>;
  /** The failure of each candidate, where several were tried; not enumerable. */
  declare readonly errors: readonly Error[] | undefined;
  /** What was looked at and chosen, and the attempts; not enumerable, so that logs stay short. */
  declare diagnostics: Diagnostics | undefined;

  constructor(code: ErrorCode, whatHappened: string, details: ErrorDetails = {}) {
    const explanation = explain(code, whatHappened, details);
    super(messageOf(explanation), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.docs = explanation.docs;
    this.source = details.source;
    // Only what there is: a logger prints every property.
    if (details.status !== undefined) this.status = details.status;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    Object.defineProperties(this, {
      [brand]: { value: explanation },
      explanation: { value: explanation },
      errors: { value: details.errors },
      diagnostics: { value: undefined, writable: true },
    });
  }

  /** What to do next, as text. */
  get hint(): string {
    return formatFix(this.explanation.fix);
  }

  /** What loggers write: the explanation and the message, without secrets. */
  toJSON(): object {
    const { name, message, source, explanation } = this;
    return { name, message, source, ...explanation };
  }
}

/**
 * Nothing was attempted, because something is missing. Its name is that of the Azure SDK's error, so that
 * `ChainedTokenCredential` goes on to its next credential.
 *
 * @example
 * try { await credential.getToken(scope) } catch (error) {
 *   if (error instanceof CredentialUnavailableError) console.error(error.code, error.hint);
 * }
 */
export class CredentialUnavailableError extends ExplainedError {
  override readonly name = 'CredentialUnavailableError';
}
knownToCopies(CredentialUnavailableError, 'CredentialUnavailableError');

/**
 * A token was asked for and not given. Its name is that of the Azure SDK's error, so that `ChainedTokenCredential` stops.
 *
 * @example
 * if (error instanceof AuthenticationError && error.code === 'ERR_IDENTITY_NOT_FOUND') { ... }
 */
export class AuthenticationError extends ExplainedError {
  override readonly name = 'AuthenticationError';
}
knownToCopies(AuthenticationError, 'AuthenticationError');

/** An error that `getToken` throws by itself. */
export type CredentialError = CredentialUnavailableError | AuthenticationError;

/** Makes the error that a code stands for. */
export function credentialError(code: ErrorCode, whatHappened: string, details?: ErrorDetails): CredentialError {
  return isUnavailableCode(code)
    ? new CredentialUnavailableError(code, whatHappened, details)
    : new AuthenticationError(code, whatHappened, details);
}

/** Why an attempt failed, as data. What explains failures is bundled apart, so the error's class is not made there. */
export interface Failure extends Pick<ErrorDetails, 'cause' | 'retryAfterMs'> {
  readonly explanation: Explanation<ErrorCode>;
}

/** The error that says what an explanation says. */
export function errorOf(
  { code, cause, fix, status }: Explanation<ErrorCode>,
  source?: SourceName,
  details?: Pick<ErrorDetails, 'cause' | 'retryAfterMs' | 'errors'>,
): CredentialError {
  return credentialError(code, cause, { fix, status, source, ...details });
}

/** Whether it is an error. In Jest, Node's own errors are not instances of the global `Error`, which belongs to another realm. */
export function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]';
}

/** What was thrown, as an instance of this realm's `Error`, with its properties. */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  if (!isError(thrown)) return new Error(String(thrown));
  const { name, message, stack } = thrown;
  return Object.assign(new Error(message), thrown, name !== 'Error' && { name }, { stack });
}

/**
 * An error of the system as a cause: a copy with its name, its code and its own words. Node's errors hold certificates, and
 * quote the names in them and the words of proxies.
 */
export function causeOfSystem(error: Error): Error {
  const { name, code, syscall, statusCode } = error as NodeJS.ErrnoException & { readonly statusCode?: number };
  const words = syscall === undefined && code !== undefined ? code : printable(error.message).slice(0, 300);
  const given = { name, code, syscall, statusCode };
  const known = Object.fromEntries(Object.entries(given).filter(([, each]) => each !== undefined && each !== 'Error'));
  const copy = Object.assign(new Error(words), known);
  copy.stack = `${copy.name}: ${words}`;
  return copy;
}

/** The explanation of an error of this package, from whichever of its entries; undefined for any other value. */
export function explanationOf(error: unknown): Explanation | undefined {
  return error instanceof Error ? (error as { [brand]?: Explanation })[brand] : undefined;
}

const credentialErrorNames = ['CredentialUnavailableError', 'AuthenticationError'];

/** Whether it is an error that `getToken` throws by itself. */
export function isCredentialError(error: unknown): error is CredentialError {
  return explanationOf(error) !== undefined && credentialErrorNames.includes((error as Error).name);
}

/** The same error for one of the callers who share it, with what that caller's credential knows. */
export function errorFor(error: CredentialError, diagnostics: Diagnostics): CredentialError {
  const { explanation, source, cause, retryAfterMs, errors, stack } = error;
  const copy = errorOf(explanation, source, { cause, retryAfterMs, errors });
  copy.diagnostics = error.diagnostics ?? diagnostics;
  return Object.defineProperty(copy, 'stack', { value: stack, configurable: true, writable: true });
}

/** A mistake in the calling program: a bug to fix, not a state to handle. */
export function misuse(code: MisuseCode, whatHappened: string, fix?: readonly Fix[]): TypeError {
  return explainedTypeError(explain(code, whatHappened, { fix }));
}

/** A `TypeError` that reads like the other errors, with their `code`, `hint`, `docs` and `explanation`. */
export function explainedTypeError(explanation: Explanation): TypeError {
  const { code, docs, fix } = explanation;
  const error = Object.assign(new TypeError(messageOf(explanation)), { code, docs, hint: formatFix(fix) });
  return attachExplanation(error, explanation);
}

/** Makes an error one of ours: with its explanation under the symbol, and as a property that logs leave out. */
export function attachExplanation<E extends Error>(error: E, explanation: Explanation): E {
  const property = { value: explanation };
  return Object.defineProperties(error, { [brand]: property, explanation: property });
}

/** Cause, remedy, code and address in one line. */
function messageOf({ cause, fix, code, docs }: Explanation): string {
  return `${cause} ${formatFix(fix)} [${code}, ${docs}]`;
}
