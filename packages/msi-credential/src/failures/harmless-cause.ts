import { isCredentialError } from '../errors.ts';
import { isHarmless, type Redaction, redact } from './redact.ts';

/** Larger errors are not searched: they hold sockets and pages, which nobody reads. */
const searched = { characters: 100_000, pieces: 5_000 };

/**
 * The cause that an error of ours may have. It is the error itself if `inspect` and JSON show nothing secret of it, of its
 * causes and of what it aggregates. Otherwise it is a copy with the harmless ones of its name, message, code and status.
 * Undefined for what is no error. Our own errors follow this rule already.
 */
export function harmlessCause(error: unknown, redaction: Redaction = {}): unknown {
  if (isCredentialError(error)) return error;
  const shown = shownOf(error);
  if (shown !== undefined && shown.length <= searched.characters && isHarmless(shown, redaction)) return error;
  return error instanceof Error ? copyOf(error, redaction) : undefined;
}

/** All that is shown of an error; undefined where that is unknown, since any object may throw when it is read. */
function shownOf(error: unknown): string | undefined {
  try {
    const lines: string[] = [];
    collect(error, '', lines, new Set());
    return [...lines, jsonOf(error)].join('\n');
  } catch {
    return undefined;
  }
}

/** The method with which an object prints itself: https://nodejs.org/api/util.html#utilinspectcustom */
const printer = Symbol.for('nodejs.util.inspect.custom');

/** Collects the pieces that `inspect` prints, at any depth, each with its name. */
function collect(value: unknown, name: string, lines: string[], seen: Set<unknown>): void {
  if (lines.length > searched.pieces) throw new RangeError('too large');
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    lines.push(`${name}: ${String(value)}`);
    return;
  }
  if (seen.has(value)) return;
  seen.add(value);
  const each = (piece: unknown, of: string) => collect(piece, of, lines, seen);
  if (ArrayBuffer.isView(value)) {
    each(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString(), name);
    return;
  }
  const object = value as Record<PropertyKey, unknown>;
  const print = object[printer];
  if (typeof print === 'function') each(print.call(value, 9, {}), name);
  if (value instanceof Error) {
    // The frames of a stack are paths of this machine. Long names in them look like tokens.
    each(value.stack?.replace(/^ +at .*$/gm, ''), 'stack');
    for (const hidden of ['name', 'message', 'cause', 'errors']) each(object[hidden], hidden);
  }
  if (value instanceof Map || value instanceof Set) each([...value], name);
  for (const key of Reflect.ownKeys(value)) {
    if (Object.prototype.propertyIsEnumerable.call(value, key)) each(object[key], String(key));
  }
}

function jsonOf(error: unknown): string {
  try {
    return JSON.stringify(error) ?? '';
  } catch {
    // A circle: no logger can write it either.
    return '';
  }
}

function copyOf(error: Error, redaction: Redaction): Error {
  const { name, message, code, statusCode } = error as Error & { code?: unknown; statusCode?: unknown };
  const isShowable = (text: unknown) =>
    typeof text === 'string' && /^\w{1,60}$/.test(text) && isHarmless(text, redaction);
  const copy = Object.assign(new Error(redact(String(message), redaction)), {
    name: isShowable(name) ? name : 'Error',
    ...(isShowable(code) && { code }),
    ...(Number.isInteger(statusCode) && { statusCode }),
  });
  copy.stack = `${copy.name}: ${copy.message}`;
  return copy;
}
