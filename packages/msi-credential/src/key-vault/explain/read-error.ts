import { type ConnectionFailure, connectionFailureOf } from '../../failures/connection.ts';
import { withoutSecrets } from '../../failures/redact.ts';
import { cloudOf, cloudOfVault } from '../../sources/application/clouds.ts';
import { parseJson } from '../../tokens/read-token.ts';

/** What an unknown error says, each piece read by itself: a getter that throws costs that piece alone. */
export interface ErrorFacts {
  readonly name: string;
  readonly code: string | undefined;
  readonly status: number | undefined;
  /** What the system's code says of the connection. */
  readonly failure: ConnectionFailure | undefined;
  /** `innererror.code` of the service, which tells the kinds of 403 and 409 apart. */
  readonly inner: string | undefined;
  /**
   * What service and client say, without what the request held. To be matched, and to take ids out of, each in its exact
   * shape. Never to be shown: it may quote another value or token.
   */
  readonly words: string;
  /** The service's own sentence; undefined where the client lost it, or put half a body in its place. */
  readonly said: string | undefined;
  /** What the request held that no text may repeat. */
  readonly secrets: readonly string[];
  /** An answer without Key Vault's envelope: a proxy's page, an empty body. */
  readonly foreign: boolean;
  readonly method: string | undefined;
  readonly url: URL | undefined;
  header(name: string): string | undefined;
}

/** What the caller of `explainKeyVaultError` knows of the call. */
export interface ErrorContext {
  readonly vaultUrl?: string | undefined;
  readonly secretName?: string | undefined;
}

/** A property of anything; a getter or proxy that throws reads as undefined. */
export function read(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if ((typeof at !== 'object' && typeof at !== 'function') || at === null) return undefined;
    try {
      at = (at as Record<string, unknown>)[name];
    } catch {
      return undefined;
    }
  }
  return at;
}

/** A property that is a non-empty string, cut to a length that no pattern chokes on. */
export function readText(value: unknown, ...path: readonly string[]): string | undefined {
  const text = read(value, ...path);
  return typeof text === 'string' && text !== '' ? text.slice(0, 4000) : undefined;
}

/**
 * Reads the shape of `RestError` of `@azure/core-rest-pipeline`. `details.error` is the service's envelope with
 * `innererror` renamed to `innerError`; on list calls it is lost, and only `statusCode` and `code` are left
 * (@azure/keyvault-secrets 4.12.0, static-helpers/pagingHelpers.js), unless somebody kept `bodyAsText`.
 */
export function readError(error: unknown): ErrorFacts {
  const body = read(error, 'response', 'bodyAsText');
  const envelope =
    read(error, 'details', 'error') ?? (typeof body === 'string' ? read(json(body), 'error') : undefined);
  const status = read(error, 'statusCode') ?? read(error, 'response', 'status');
  const message = readText(error, 'message') ?? (typeof error === 'string' ? error.slice(0, 4000) : '');
  const code = readText(error, 'code') ?? readText(envelope, 'code');
  const words = [readText(envelope, 'message'), message, readText(error, 'response', 'bodyAsText')];
  const secrets = secretsOf(read(error, 'request'));
  const told = (text: string | undefined) => text && withoutSecrets(text, secrets);
  const lost = /^(Unexpected status code|Pagination failed)/.test(message);
  const own = lost || code === 'PARSE_ERROR' || message === '' ? undefined : message;
  return {
    name: readText(error, 'name') ?? '',
    code,
    failure: connectionFailureOf(code),
    status: typeof status === 'number' && Number.isInteger(status) ? status : undefined,
    inner: innermost(envelope),
    words: words.flatMap((text) => told(text) ?? []).join('\n'),
    said: told(readText(envelope, 'message') ?? own),
    secrets,
    foreign: code === undefined && (lost || typeof body === 'string'),
    method: readText(error, 'request', 'method')?.toUpperCase(),
    url: toUrl(readText(error, 'request', 'url')),
    header: (name) => told(header(read(error, 'response'), name)),
  };
}

/** Only the beginning of a body can be Key Vault's envelope: the longest known one has under 2,000 characters. */
const json = (body: string) => (body.length > 20_000 ? undefined : parseJson(body));

function innermost(envelope: unknown): string | undefined {
  const inner = read(envelope, 'innerError') ?? read(envelope, 'innererror');
  return readText(inner, 'innerError', 'code') ?? readText(inner, 'innererror', 'code') ?? readText(inner, 'code');
}

/** From the SDK's `HttpHeaders`, the web's `Headers` or a plain object. */
function header(message: unknown, name: string): string | undefined {
  const headers = read(message, 'headers');
  const get = read(headers, 'get');
  if (typeof get !== 'function') return readText(headers, name);
  try {
    const value: unknown = get.call(headers, name);
    return typeof value === 'string' ? value.slice(0, 4000) : undefined;
  } catch {
    return undefined;
  }
}

/** The token, and the value that was to be set. */
function secretsOf(request: unknown): readonly string[] {
  const body = read(request, 'body');
  const value = typeof body === 'string' ? read(parseJson(body), 'value') : undefined;
  const token = header(request, 'authorization')?.replace(/^Bearer\s+/i, '');
  return [token, value].filter((text) => typeof text === 'string');
}

/** An absolute URL, or undefined. */
export function toUrl(text: string | undefined): URL | undefined {
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}

/** The audience of tokens for the vault at this host. */
export function resourceOfVault(hostname: string | undefined): string {
  return (cloudOfVault(hostname) ?? cloudOf(undefined)).vaultResource;
}
