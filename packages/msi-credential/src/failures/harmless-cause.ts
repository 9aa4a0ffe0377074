import { isCredentialError, isError } from '../errors.ts';
import { type Redaction, redact } from './redact.ts';

/** More causes within causes say nothing new. */
const mostLevels = 5;
const mostErrors = 10;

/**
 * The cause that an error of ours may have: a copy with what is known to help, in words that may be repeated. The error
 * itself may hold anything, such as a request with its token, a certificate, the page of a proxy. Our own errors follow this
 * rule already. Undefined for what is no error.
 */
export function harmlessCause(error: unknown, redaction: Redaction = {}): Error | undefined {
  return copyOf(error, redaction, mostLevels);
}

function copyOf(error: unknown, redaction: Redaction, levels: number): Error | undefined {
  try {
    if (isCredentialError(error)) return error;
    if (!isError(error) || levels === 0) return undefined;
    const { name, message, code, syscall, statusCode, cause, errors } = error as Error & Record<string, unknown>;
    const told = redact(String(message), redaction);
    const inner = copyOf(cause, redaction, levels - 1);
    const options = inner && { cause: inner };
    const isWord = (text: unknown) =>
      typeof text === 'string' && /^\w{1,60}$/.test(text) && redact(text, redaction) === text;
    const copies = Array.isArray(errors)
      ? errors.slice(0, mostErrors).flatMap((each) => copyOf(each, redaction, levels - 1) ?? [])
      : undefined;
    const copy = Object.assign(copies ? new AggregateError(copies, told, options) : new Error(told, options), {
      ...(isWord(name) && name !== 'Error' && { name }),
      ...(isWord(code) && { code }),
      ...(isWord(syscall) && { syscall }),
      ...(Number.isInteger(statusCode) && { statusCode }),
    });
    // Where it was copied tells nothing.
    copy.stack = `${copy.name}: ${copy.message}`;
    return copy;
  } catch {
    // A getter of it throws.
    return undefined;
  }
}
