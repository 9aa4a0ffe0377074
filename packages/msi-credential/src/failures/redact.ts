// What of somebody else's words may be repeated. Only the beginning of a text is read, and each expression takes time in
// proportion to what it reads: whoever answers must not be able to stop the process.
import { hideSecrets } from './known-secrets.ts';
import { looksRandom } from './looks-random.ts';
import { printable } from './printable.ts';

/** What a text must not repeat, and what it may. */
export interface Redaction {
  /** Hidden wherever they are and however they are written. */
  readonly secrets?: readonly string[] | undefined;
  /** Kept although it looks like a token, such as the claims in a command to run. */
  readonly spared?: string | undefined;
}

const maxRead = 4_000;
/** Entra's refusal of an assertion names its issuer twice, its subject and its audience. People have to compare them all. */
const maxShown = 600;
/** A secret that begins in the part that is read is seen to its end, in spellings of up to twelve characters for one. */
const reachOf = (secrets: readonly string[]) =>
  12 * Math.min(4_000, Math.max(0, ...secrets.map(({ length }) => length)));

/**
 * After these words `@azure/identity` and the client of Key Vault quote an answer that they could not read, or its beginning:
 * a proxy's page with its headers, what PowerShell printed, the body with a secret's value.
 */
const quotesAnswer = /Http status message:|Received output:|Unexpected token|while parsing the response body/;

const hidden = '***';

/**
 * Somebody else's words as they may be repeated: short, on one line, without the dot at the end, without secrets, tokens,
 * keys and signatures, and without what moves a terminal's cursor or turns its text around.
 */
export function redact(text: string, redaction: Redaction = {}): string {
  const clean = redactOnce(text, redaction);
  // What was removed may have split a secret, and so may the end.
  return clean === text ? clean : redact(clean, redaction);
}

/** The text with each known secret hidden in all of its spellings, and with the rest as it is. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return hideSecrets(text, secrets, hidden);
}

/** A request's id as support asks for it, a GUID or the like; undefined for anything else. */
export function traceIdIn(text: string | undefined, redaction: Redaction): string | undefined {
  return text !== undefined && /^[\w.-]{16,64}$/.test(text) && redact(text, redaction) === text ? text : undefined;
}

function redactOnce(text: string, { secrets = [], spared = '' }: Redaction): string {
  const [beginning = ''] = text.slice(0, maxRead + reachOf(secrets)).split(quotesAnswer, 1);
  let clean = hideSecrets(beginning, secrets, hidden, maxRead);
  // The last word may be half a token.
  if (text.length > maxRead && beginning.length >= maxRead) clean = clean.slice(0, Math.max(0, clean.lastIndexOf(' ')));
  clean = withoutTokens(printable(clean).replaceAll(spared || '\0', '\0')).trim();
  if (clean.length > maxShown) clean = `${clean.slice(0, maxShown)}…`;
  return clean.replace(/[\s.]{0,9}$/, '').replaceAll('\0', spared);
}

/** Hides what looks like a secret, a token, a key or a signature, or has such a name. */
function withoutTokens(text: string): string {
  return text
    .replace(/-----BEGIN [^-]{1,60}-----[\s\S]*?(?:-----END [^-]{1,60}-----|$)/g, hidden)
    .replace(/eyJ[\w-]+(?:\.[\w-]*)*|(?<![\w-])ey[A-DI-L][\w-]*(?:\.[\w-]+)+/g, hidden)
    .replace(named, hideNamed)
    .replace(
      /\b(([Bb]earer|[Bb]asic|Negotiate)\s{1,3})(?!\w+=["'])(?=\S{0,200}(?:[\d=]|[a-z][A-Z]))\S{8,}/g,
      `$1${hidden}`,
    )
    .replace(/\/\/[^\s/]*@/g, `//${hidden}@`)
    .replace(/[\w.+/~%-]{20,}={0,2}/g, hideToken);
}

/** `"…"`, `\"…\"`, or all up to a blank, the next parameter of a form or the next field; with the scheme of a header. */
const anyValue = String.raw`\*{3}|(?<quote>\\{0,7}["'])[\s\S]*?(?:(?<!\\)\k<quote>|$)|(?:(?:bearer|basic|digest|negotiate)\s+)?(?:(?!,\\{0,7}["'])[^\s&])+`;
const noun = 'secret|token|assertion|key|signature|sig';
const password = 'passwo?r?d|passphrase|pwd';
const named = new RegExp(
  String.raw`(?<name>(?:(?<noun>${noun})|${password}|(?:authorization|cookie)(?=\\{0,7}["']?\s{0,3}:)|code(?==))\\{0,7}["']?\s{0,3}[:=]>?(?<gap>\s{0,3})|--(?:[\w-]{0,40}-)?(?:${noun}|${password})\s(?!\s{0,3}-)\s{0,3})(?<value>${anyValue})`,
  'gi',
);
/** Hidden already, or nothing. */
const isNoValue = /^[\\"'([{]*(REDACTED|\*{3}|null|undefined|true|false|\d{1,6})?[\\"',;.)}\]]*$/;

/**
 * Hides the value of what has a secret's name. In a sentence, "failed to get the token: connection refused", what follows is
 * no value: plain words, codes, and what names its speaker, "x509:".
 */
function hideNamed(all: string, ...rest: unknown[]): string {
  const { name = '', noun, gap = '', value = '', quote = '' } = rest.at(-1) as Record<string, string | undefined>;
  const isProse = /:$/.test(name.trimEnd()) && noun !== undefined && gap !== '' && quote === '';
  const isCode = /^code=/i.test(name) && /^[A-Z][A-Z_]{2,39}[,;.)]{0,3}$/.test(value);
  return isNoValue.test(value) || isCode || (isProse && isPlain(value)) ? all : name + quote + hidden + quote;
}

/** Letters in small words, as `failed`, `Unauthorized`, `PEM`, `ExpiredToken`, `not-found`, `(invalid_grant)`, `AADSTS70043`. */
function isPlain(word: string): boolean {
  if (/^[a-z]{1,8}\d{1,4}:$/.test(word)) return true;
  const bare = word.replace(/^[([<]{0,3}|[\])>,;.:!?]{0,3}$/g, '');
  if (bare.length > 40) return false;
  if (/^[A-Z]{2,8}\d{2,9}$/.test(bare)) return true;
  return bare
    .split(/[-_'/]/)
    .every((part) => /^(?:[A-Z]{2,12}|[A-Za-z]?(?:[a-z]{1,15}(?:[A-Z](?=[a-z]))?){1,4})$/.test(part));
}

/** Hides a token; of a path, which base64 resembles, only the parts that look like one. */
function hideToken(run: string, at: number, text: string): string {
  if (isThumbprint(run, text.slice(Math.max(0, at - 60), at))) return run;
  const id = run.search(/\/subscriptions\//i);
  if (id < 0 && looksRandom(run, /[+=]/.test(run) ? 4 : 3)) return hidden;
  // The names in a resource's id often look random. Those of vaults have up to 24 characters.
  const hidePart = (part: string, start: number) =>
    (id < 0 || start < id || part.length > 24) && looksRandom(part, 4) ? hidden : part;
  return run.replace(/[^/]+/g, hidePart);
}

/** The digest of a certificate, SHA-1 or SHA-256, which is no secret. */
function isThumbprint(run: string, before: string): boolean {
  return /^(?:[\da-f]{40}|[\da-f]{64})$/i.test(run) && /(?:thumb|finger)print[^"';]{0,40}["']?$/i.test(before);
}
