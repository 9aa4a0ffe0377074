// Where the clients of HTTP keep what came back, and how Key Vault's own words are found in it.
import { parseJson } from '../../tokens/read-token.ts';
import { read, readText } from './read-anything.ts';

/**
 * Of the SDK's `RestError`, of axios, got, superagent, undici and wrappers of `fetch`. `details` is the service's body with
 * `innererror` renamed to `innerError`; the last one is a body by itself.
 */
const bodies = [
  ['details'],
  ['response', 'bodyAsText'],
  ['response', 'parsedBody'],
  ['response', 'data'],
  ['response', 'body'],
  ['response', 'text'],
  ['body'],
  ['data'],
  [],
] as const;

/** The service's `{ code, message, innererror }`, wherever it is. */
export function envelopeOf(error: unknown): unknown {
  for (const path of bodies) {
    const envelope = envelopeIn(read(error, ...path));
    if (envelope !== undefined) return envelope;
  }
  const message = textOf(error);
  const begin = message.search(/\{\s*"error"/);
  return begin < 0 ? undefined : envelopeIn(message.slice(begin, message.lastIndexOf('}') + 1));
}

function envelopeIn(body: unknown): unknown {
  const value = typeof body === 'string' ? json(body) : body;
  const inside = read(value, 'error');
  if (isObject(inside)) return inside;
  const isItself = read(value, 'innererror') !== undefined || statusOfCode.some(([, sign]) => sign.test(codeIn(value)));
  return isObject(value) && isItself ? value : undefined;
}

/** Of a body: Node's errors have a code and a message, too. */
function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof Error);
}

const codeIn = (value: unknown) => readText(value, 'code') ?? '';

/** Only the beginning of a body can be Key Vault's envelope: the longest known one has under 2,000 characters. */
const json = (body: string) => (body.length > 20_000 ? undefined : parseJson(body));

/** Whether an answer had a body, in Key Vault's form or not. */
export function hasBody(error: unknown): boolean {
  return bodies.some(
    ([at, name]) => at === 'response' && ['string', 'object'].includes(typeof (read(error, at, name) ?? 0)),
  );
}

/** What an error says; an error may be its text alone. */
export function textOf(error: unknown): string {
  return readText(error, 'message') ?? (typeof error === 'string' ? error.slice(0, 4000) : '');
}

/** The statuses of Key Vault's codes: https://learn.microsoft.com/azure/key-vault/general/rest-error-codes */
const statusOfCode: readonly (readonly [status: number, code: RegExp])[] = [
  [400, /^BadParameter$/],
  [401, /^Unauthorized$/],
  [403, /^Forbidden$/],
  [404, /NotFound$/],
  [409, /^Conflict$/],
  [429, /^Throttled$/],
  [500, /^InternalServerError$/],
  [503, /^ServiceUnavailable$/],
];

/** Sentences and codes that nobody but Key Vault has, for errors that are text: of Azure CLI, Terraform, a log. */
const statusOfWords: readonly (readonly [status: number, words: RegExp])[] = [
  [401, /\bAKV1\d{4}\b/],
  [
    403,
    /\bForbiddenBy(Rbac|Policy|Firewall|Connection)\b|\w+ManagedByKeyVault\b|not authorized to perform action on resource|permission on key vault '/i,
  ],
  [404, /\b(Secret|Key|Certificate)NotFound\b|was not found in this key vault/],
  [409, /\bObjectIs(Deleted|Being)\w{1,40}\b/],
];

/** The status that came back. Where nobody kept it, what Key Vault says tells. */
export function statusOf(error: unknown, envelope: unknown, words: string): number | undefined {
  const places = [
    read(error, 'statusCode'),
    read(error, 'response', 'status'),
    read(error, 'response', 'statusCode'),
    envelope && read(error, 'status'),
  ];
  const kept = places.map((place) => (/^[1-5]\d\d$/.test(String(readable(place))) ? Number(place) : undefined));
  const known = kept.find((status) => status !== undefined);
  if (known !== undefined) return known;
  const ofCode = statusOfCode.find(([, sign]) => sign.test(codeIn(envelope)));
  // Entra's refusals quote what they like, and a body that could not be read is anybody's.
  const mayTell = !/AADSTS\d/.test(words) && readText(error, 'code') === undefined;
  return (ofCode ?? (mayTell ? statusOfWords.find(([, sign]) => sign.test(words)) : undefined))?.[0];
}

const readable = (value: unknown) => (typeof value === 'number' || typeof value === 'string' ? value : '');

/** The code that tells the kinds of a status apart: in the envelope, or in a text that repeats it. */
export function innerCodeOf(envelope: unknown, words: string): string | undefined {
  const inner = read(envelope, 'innerError') ?? read(envelope, 'innererror');
  return (
    readText(inner, 'innerError', 'code') ??
    readText(inner, 'innererror', 'code') ??
    readText(inner, 'code') ??
    (envelope === undefined ? innerInWords.exec(words)?.[0] : undefined)
  );
}

const innerInWords =
  /\b(ForbiddenBy(Rbac|Policy|Firewall|Connection)|(Secret|Key)ManagedByKeyVault|(Secret|Key)Disabled|KeyOperationForbidden|ObjectIs(DeletedButRecoverable|BeingDeleted|BeingRecovered))\b/;
