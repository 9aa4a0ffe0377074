import { type ConnectionFailure, connectionFailureOf } from '../../failures/connection.ts';
import { withoutSecrets } from '../../failures/redact.ts';
import { cloudOf, cloudOfVault } from '../../sources/application/clouds.ts';
import { decodeClaims, parseJson } from '../../tokens/read-token.ts';
import { envelopeOf, hasBody, innerCodeOf, statusOf, textOf } from './read-answer.ts';
import { read, readHeader, readText, toUrl } from './read-anything.ts';

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
  /** Of the token that was sent. */
  readonly claims: unknown;
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

/** Codes of clients for an answer that is no success, which say less than the status. */
const ofWrapper = /^ERR_(BAD_REQUEST|BAD_RESPONSE|NON_2XX_3XX_RESPONSE)$/;

/** Messages that say no more than a status. On list calls of @azure/keyvault-secrets 4.12.0 that is all that is left. */
const lostWords =
  /^(Unexpected status code|Pagination failed|Request failed with status code|Response code \d|Response status code)/;

/** Reads an error of any client by what is in it, whatever it is wrapped in. */
export function readError(error: unknown): ErrorFacts {
  const envelope = envelopeOf(error);
  const message = textOf(error);
  const own = readText(error, 'code');
  const code = readText(envelope, 'code') ?? (own !== undefined && ofWrapper.test(own) ? undefined : own);
  const sent = requests.map((place) => read(error, place));
  const tokens = sent.flatMap(tokensIn);
  const secrets = [...tokens, ...sent.flatMap(newValuesIn)];
  const told = (text: string | undefined) => text && withoutSecrets(text, secrets);
  const words = [readText(envelope, 'message'), message, bodyText(error)]
    .flatMap((text) => told(text) ?? [])
    .join('\n');
  const lost = lostWords.test(message);
  return {
    name: readText(error, 'name') ?? '',
    code,
    failure: connectionFailureOf(code),
    status: statusOf(error, envelope, words),
    inner: innerCodeOf(envelope, words),
    words,
    said: told(
      readText(envelope, 'message') ?? (lost || code === 'PARSE_ERROR' || message === '' ? undefined : message),
    ),
    secrets,
    claims: tokens[0] === undefined ? undefined : decodeClaims(tokens[0]),
    foreign: code === undefined && (lost || hasBody(error)),
    method: sent
      .map((request) => readText(request, 'method'))
      .find((text) => text !== undefined)
      ?.toUpperCase(),
    url: urlOf(error),
    header: (name) => told(readHeader(read(error, 'response'), name) ?? readHeader(error, name)),
  };
}

/** Where clients keep what they sent: the SDK and `fetch`, axios, got. */
const requests = ['request', 'config', 'options'] as const;

function bodyText(error: unknown): string | undefined {
  return (
    readText(error, 'response', 'bodyAsText') ??
    readText(error, 'response', 'data') ??
    readText(error, 'response', 'body')
  );
}

function urlOf(error: unknown): URL | undefined {
  const sent = requests.map((place) => {
    const url = readText(error, place, 'url') ?? readText(error, place, 'url', 'href');
    return toUrl(url, readText(error, place, 'baseURL'));
  });
  const received = [toUrl(readText(error, 'response', 'url')), toUrl(readText(error, 'url'))];
  return [...sent, ...received].find((url) => url !== undefined);
}

function tokensIn(request: unknown): readonly string[] {
  const headers = ['authorization', 'Authorization'].map((name) => readHeader(request, name));
  return headers.flatMap((text) => text?.replace(/^Bearer\s+/i, '') ?? []);
}

/** That a secret was to be set to. */
function newValuesIn(request: unknown): readonly string[] {
  const bodies = [read(request, 'body'), read(request, 'data'), read(request, 'json')];
  const values = bodies.map((body) => read(typeof body === 'string' ? parseJson(body) : body, 'value'));
  return values.filter((text) => typeof text === 'string');
}

/** The audience of tokens for the vault at this host. */
export function resourceOfVault(hostname: string | undefined): string {
  return (cloudOfVault(hostname) ?? cloudOf(undefined)).vaultResource;
}
