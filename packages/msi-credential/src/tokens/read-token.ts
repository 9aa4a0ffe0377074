import { credentialError } from '../errors.ts';
import type { AcquiredToken } from '../types.ts';

/** A page of HTML: no token service sends one. */
export const page = /^\s*</;

/** `undefined` when the body is not JSON. A byte order mark before it is no part of it (RFC 8259, 8.1). */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

/** A field of an unknown value, if that is an object. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** A field that is a non-empty string. */
export function textField(value: unknown, name: string): string | undefined {
  const text = field(value, name);
  return typeof text === 'string' && text.trim() !== '' ? text : undefined;
}

/** The service's own code in a refusal, flat as OAuth has it or nested as Azure's own services do. */
export function refusalCode(json: unknown): string | undefined {
  return textField(json, 'error') ?? textField(field(json, 'error'), 'code');
}

/** Where Azure's services, .NET and gateways (RFC 9457) put the words of a refusal, besides OAuth's `error_description`. */
const messageNames = ['message', 'Message', 'ExceptionMessage', 'errorMessage', 'detail', 'title'];

/** The service's own words in a refusal, flat or nested. */
export function refusalMessage(json: unknown): string | undefined {
  const nested = field(json, 'error');
  const found = [typeof nested === 'object' ? nested : undefined, json].flatMap((each) =>
    ['error_description', ...messageNames].flatMap((name) => textField(each, name) ?? []),
  );
  return found[0];
}

/** A few words of plain text. Neither a token nor a secret has this form. */
export function isProse(text: string): boolean {
  const words = text.trim().slice(0, 1_000).split(/\s+/);
  return (
    text.length < 1_000 && words.length > 2 && words.every(({ length }) => length <= 40) && !/[{}<>]|eyJ/.test(text)
  );
}

/** Whether an answer with status 200 is a refusal: it has no token, and says why; or has an exception, as App Service's may. */
export function isRefusal(body: string): boolean {
  const json = parseJson(body);
  if (json === undefined) return isProse(body);
  if (field(json, 'ExceptionMessage') !== undefined) return true;
  const saysWhy = refusalCode(json) !== undefined || refusalMessage(json) !== undefined;
  return saysWhy && textField(json, 'access_token') === undefined;
}

/** Whether it can be sent in a header: visible ASCII, without spaces. */
export function fitsHeader(token: unknown): token is string {
  return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token);
}

/**
 * Reads a token answer: an unknown body in, a token or a coded error out. The expiry is `expires_on` in any spelling that
 * a service is known to use, else `expires_in`, and never later than the token's own `exp`; without any of them the token
 * is refused, because a guess would either keep a dead token or ask on every call.
 */
export function readToken(body: string, now: number, address: string): AcquiredToken {
  const json = parseJson(body);
  const token = textField(json, 'access_token');
  if (token === undefined) {
    const what =
      body.trim() === ''
        ? 'nothing'
        : json === undefined
          ? `${body.length} characters that are not JSON`
          : 'JSON without access_token';
    throw credentialError('ERR_RESPONSE_MALFORMED', `${address} answered 200 with ${what}.`);
  }
  if (!fitsHeader(token)) {
    throw credentialError(
      'ERR_RESPONSE_MALFORMED',
      `${address} answered with an access_token that an HTTP header cannot carry.`,
    );
  }
  const expiresOn = endOf(json, token, now);
  if (expiresOn === undefined) {
    throw credentialError(
      'ERR_RESPONSE_MALFORMED',
      `${address} answered with a token but no usable expires_on or expires_in.`,
      {
        fix: [{ text: 'Every token service of Azure states an expiry. Check which program answers at that address.' }],
      },
    );
  }
  if (expiresOn <= now) {
    const when = new Date(expiresOn).toISOString();
    throw credentialError('ERR_RESPONSE_MALFORMED', `${address} answered with a token that expired at ${when}.`, {
      fix: [
        { text: "Check this machine's clock. If it is right, the endpoint serves a stale token: restart the host." },
      ],
    });
  }
  return { token, expiresOn, refreshOn: readRelative(field(json, 'refresh_in'), now) };
}

/**
 * Of what the endpoint states and what the token has in itself, the earlier. But what is stated in the past is a mistake where
 * the token still lasts, and a time from now is right even where this machine's clock is not.
 */
function endOf(json: unknown, token: string, now: number): number | undefined {
  const own = readExpClaim(token);
  const absolute = readTime(field(json, 'expires_on'), now);
  const relative = readRelative(field(json, 'expires_in'), now);
  const stated = absolute ?? relative;
  if (own === undefined || stated === undefined) return stated ?? own;
  if (stated <= now) return own;
  return own <= now && absolute === undefined ? stated : Math.min(stated, own);
}

/** The years 2001 to 2200 in ms: outside of them a number is not a point in time. */
const earliest = 978_307_200_000;
const latest = 7_258_118_400_000;

/** A point in time as it is, in whole ms; undefined if it can be none. */
export function plausible(ms: number): number | undefined {
  return Number.isFinite(ms) && ms >= earliest && ms <= latest ? Math.floor(ms) : undefined;
}

function readNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value);
  return undefined;
}

function readRelative(value: unknown, now: number): number | undefined {
  const seconds = readNumber(value);
  return seconds === undefined || seconds === 0 ? undefined : plausible(now + seconds * 1000);
}

/**
 * Seconds (or, by their size, milliseconds) since 1970; small numbers are seconds from now. Else a date: ISO 8601, or the
 * US form of App Service's 2017 protocol, month first always. `Date.parse` is not used, because it takes a date without an
 * offset for local time. The spellings: Azure/azure-sdk-for-net#12869, Azure/azure-sdk-for-python#9393,
 * AzureAD/microsoft-authentication-library-for-dotnet#4963.
 *
 * @returns milliseconds since 1970, UTC; undefined when it cannot be read.
 */
export function readTime(value: unknown, now: number): number | undefined {
  const number = readNumber(value);
  if (number !== undefined) {
    if (number * 1000 < earliest) return readRelative(number, now);
    return plausible(number > 1e11 ? number : number * 1000);
  }
  return typeof value === 'string' ? (readIsoDate(value) ?? readUsDate(value)) : undefined;
}

function readIsoDate(text: string): number | undefined {
  const m = /^\s*(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?\s*$/i.exec(text);
  if (!m) return undefined;
  return utc([m[1], m[2], m[3], m[4], m[5], m[6]].map(Number), m[7]);
}

function readUsDate(text: string): number | undefined {
  const m =
    /^\s*(\d{1,2})\/(\d{1,2})\/(\d{4})\s+(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\s*([AP]M))?\s*(Z|[+-]\d\d:?\d\d)?\s*$/i.exec(
      text,
    );
  if (!m) return undefined;
  const [month, day, year, clock, minute, second] = [m[1], m[2], m[3], m[4], m[5], m[6]].map(Number) as number[];
  const half = m[7]?.toUpperCase();
  let hour = clock as number;
  if (half === 'AM' && hour === 12) hour = 0;
  if (half === 'PM' && hour < 12) hour += 12;
  return utc([year, month, day, hour, minute, second] as number[], m[8]);
}

function utc(parts: readonly number[], offset: string | undefined): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // `Date.UTC` rolls the 31st of June over into July: such a date was not one.
  const real = time.getUTCMonth() === month - 1 && time.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  return real ? plausible(time.getTime() - offsetMs(offset)) : undefined;
}

function offsetMs(offset: string | undefined): number {
  if (offset === undefined || /^z$/i.test(offset)) return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** When the token itself says that it ends, in milliseconds since 1970. */
export function readExpClaim(token: string): number | undefined {
  const seconds = readNumber(field(decodeClaims(token), 'exp'));
  return seconds === undefined ? undefined : plausible(seconds * 1000);
}

/** The claims of a JWT, for display and comparison only: nothing here has checked its signature. */
export function decodeClaims(token: string): unknown {
  const part = token.split('.')[1];
  return part === undefined ? undefined : parseJson(Buffer.from(part, 'base64url').toString('utf8'));
}
