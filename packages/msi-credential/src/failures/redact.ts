// What of somebody else's words may be repeated.
import { printable } from './printable.ts';

/** What a text must not repeat, and what it may. */
export interface Redaction {
  /** Hidden wherever they are and however they are written. */
  readonly secrets?: readonly string[] | undefined;
  /** Kept although it looks like a token, such as the claims in a command to run. */
  readonly spared?: string | undefined;
}

/** Only this much of a text is read: patterns over a whole megabyte would stop the process. */
const maxRead = 4_000;
/** Entra's refusal of an assertion names its issuer twice, its subject and its audience. People have to compare them all. */
const maxShown = 600;

/**
 * After these words `@azure/identity` and the client of Key Vault quote an answer that they could not read, or its beginning:
 * a proxy's page with its headers, what PowerShell printed, the body with a secret's value.
 */
const quotesAnswer = /Http status message:|Received output:|Unexpected token|while parsing the response body/;

/**
 * Somebody else's words as they may be repeated: short, on one line, without the dot at the end, without secrets, tokens,
 * keys and signatures, and without what moves a terminal's cursor or turns its text around.
 */
export function redact(text: string, redaction: Redaction = {}): string {
  const clean = redactOnce(text, redaction);
  // What was removed may have split a secret, and so may the end.
  return clean === text ? clean : redact(clean, redaction);
}

/** Whether `redact` would change nothing but the length. */
export function isHarmless(text: string, redaction: Redaction): boolean {
  const shown = spare(text, redaction);
  const kept = hideSecrets(shown, redaction, shown.length) === shown && withoutTokens(shown) === shown;
  return kept && !quotesAnswer.test(text) && printable(text) === text.replace(/\s+/g, ' ');
}

/** A request's id as support asks for it, a GUID or the like; undefined for anything else. */
export function traceIdIn(text: string | undefined, redaction: Redaction): string | undefined {
  return text !== undefined && /^[\w.-]{16,64}$/.test(text) && redact(text, redaction) === text ? text : undefined;
}

const hidden = '***';

function redactOnce(text: string, redaction: Redaction): string {
  // A secret that begins in the part that is read is seen to its end, in the longest of its spellings.
  const reach = 12 * Math.max(0, ...(redaction.secrets ?? []).map(({ length }) => length));
  const [beginning = ''] = text.slice(0, maxRead + reach).split(quotesAnswer, 1);
  let clean = hideSecrets(beginning, redaction, maxRead);
  // The last word may be half a token.
  if (text.length > maxRead && beginning.length >= maxRead) clean = clean.slice(0, Math.max(0, clean.lastIndexOf(' ')));
  clean = withoutTokens(spare(printable(clean), redaction)).trim();
  if (clean.length > maxShown) clean = `${clean.slice(0, maxShown)}…`;
  return clean.replace(/[\s.]{0,9}$/, '').replaceAll('\0', redaction.spared ?? '');
}

function spare(text: string, { spared }: Redaction): string {
  return text.replaceAll(spared || '\0', '\0');
}

/** A way to write a text: what stands for other characters, and what for a blank. */
interface Spelling {
  readonly escapes: RegExp;
  readonly blanks: RegExp;
  read(escaped: string): string;
}

const asItIs = { escapes: /[\s\S]/gu, blanks: /[\s\p{C}]+/gu, read: (text: string) => text };

/** As it is, in a URL or a form, in JSON, and in JSON within JSON, where backslashes multiply. */
const spellings: readonly Spelling[] = [
  asItIs,
  {
    escapes: /(?:%[\da-f]{2})+|[\s\S]/giu,
    blanks: /[\s\p{C}+]+/gu,
    read: (text) => (text.length < 3 ? text : Buffer.from(text.replaceAll('%', ''), 'hex').toString()),
  },
  {
    ...asItIs,
    escapes: /(?:\\(?:u[\dA-Fa-f]{4}|["\\/bfnrt]))+|[\s\S]/gu,
    read: (text) => (text.length < 2 ? text : JSON.parse(`"${text}"`)),
  },
  {
    escapes: /\\+(?:u[\dA-Fa-f]{4}|[bfnrt])|[\s\S]/gu,
    blanks: /[\s\p{C}\\]+/gu,
    read: (text) => (text.length < 2 ? text : JSON.parse(`"${text.replace(/^\\+/, '\\')}"`)),
  },
];

/** The text with each known secret hidden in all of its spellings, and with the rest as it is. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return hideSecrets(text, { secrets }, text.length);
}

/** The text up to a limit, with each known secret hidden in all of its spellings. */
function hideSecrets(text: string, { secrets = [] }: Redaction, limit: number): string {
  const needles = secrets.flatMap((secret) => [secret, ...inBase64(secret)]);
  const places = needles.length === 0 ? [] : spellings.flatMap((spelling) => placesOf(needles, text, spelling));
  let clean = '';
  let at = 0;
  for (const [start, end] of places.sort(([a], [b]) => a - b)) {
    if (start >= limit) break;
    if (start > at || at === 0) clean += text.slice(at, start) + hidden;
    at = Math.max(at, end);
  }
  return clean + text.slice(at, Math.max(at, limit));
}

/** What is the same in the base64 of everything that contains the secret, such as `Basic` with a name before it. */
function inBase64(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const shifted = [0, 1, 2].flatMap((shift) =>
    (['base64', 'base64url'] as const).map((alphabet) =>
      Buffer.concat([Buffer.alloc(shift), bytes])
        .toString(alphabet)
        .slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6)),
    ),
  );
  // Shorter ones occur in many words.
  return shifted.filter(({ length }) => length >= 8);
}

/** Where the needles are in a text of that spelling, whatever the number of blanks. */
function placesOf(
  needles: readonly string[],
  text: string,
  { escapes, blanks, read }: Spelling,
): (readonly [start: number, end: number])[] {
  const units: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { 0: spelled, index } of text.matchAll(escapes)) {
    for (const unit of read(spelled).replace(blanks, ' ').split('')) {
      if (unit === ' ' && units.at(-1) === ' ') continue;
      units.push(unit);
      starts.push(index);
      ends.push(index + spelled.length);
    }
  }
  const plain = units.join('');
  return needles.flatMap((needle) => {
    const sought = needle.replace(blanks, ' ').trim();
    const found: (readonly [number, number])[] = [];
    let at = sought === '' ? -1 : plain.indexOf(sought);
    for (; at >= 0; at = plain.indexOf(sought, at + 1)) {
      found.push([starts[at] as number, ends[at + sought.length - 1] as number]);
    }
    return found;
  });
}

/** `"…"`, `\"…\"`, or all up to a blank, the next parameter of a form or the next field; with the scheme of a header. */
const anyValue = String.raw`\*{3}|(?<quote>\\*["'])[\s\S]*?(?:(?<!\\)\k<quote>|$)|(?:(?:bearer|basic|digest|negotiate)\s+)?(?:(?!,\\*["'])[^\s&])+`;
const secretName = 'secret|passwo?r?d|passphrase|pwd|token|assertion|key|signature|sig';
const named = new RegExp(
  String.raw`((?:(?:${secretName})\\*["']?\s{0,3}[:=]|(?:authorization|cookie)\\*["']?\s{0,3}:|code=|--(?:[\w-]{0,40}-)?(?:${secretName})\s(?!\s{0,3}-))>?\s{0,3})(?<value>${anyValue})`,
  'gi',
);
/** Hidden already, or nothing. */
const isNoValue = /^[\\"'([{]*(REDACTED|\*{3}|null|undefined|true|false|\d{1,6})?[\\"',;.)}\]]*$/;

/** Hides what looks like a secret, a token, a key or a signature, or has such a name. */
function withoutTokens(text: string): string {
  return text
    .replace(/-----BEGIN [^-]{1,60}-----[\s\S]*?(?:-----END [^-]{1,60}-----|$)/g, hidden)
    .replace(/eyJ[\w-]+(?:\.[\w-]*)*|\bey[A-DI-L][\w-]*(?:\.[\w-]+)+/g, hidden)
    .replace(named, (all, name: string, value: string, quote = '') =>
      isNoValue.test(value) ? all : name + quote + hidden + quote,
    )
    .replace(
      /\b(([Bb]earer|[Bb]asic|Negotiate)\s{1,3})(?!\w+=["'])(?=\S{0,200}(?:[\d=]|[a-z][A-Z]))\S{8,}/g,
      `$1${hidden}`,
    )
    .replace(/\/\/[^\s/]*@/g, `//${hidden}@`)
    .replace(/[\w.+/~%-]{20,}={0,2}/g, hideToken);
}

/** Hides a token; of a path, which base64 resembles, only the parts that look like one. */
function hideToken(run: string): string {
  const id = run.search(/\/subscriptions\//i);
  if (id < 0 && looksRandom(run, /[+=]/.test(run) ? 4 : 3)) return hidden;
  // The names in a resource's id often look random. Those of vaults have up to 24 characters.
  const hidePart = (part: string, at: number) =>
    (id < 0 || at < id || part.length > 24) && looksRandom(part, 4) ? hidden : part;
  return run.replace(/[^/]+/g, hidePart);
}

/** Long with all kinds of characters, or very long, and without the words that names and hosts consist of. */
function looksRandom(text: string, lettersOfWord: number): boolean {
  const bare = text.replace(/[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}/gi, '');
  const isMixed = /[a-z]/.test(bare) && /[A-Z]/.test(bare) && /\d/.test(bare);
  if (bare.length < (isMixed ? 20 : 40)) return false;
  const words = bare.match(/[A-Z]?[a-z]+|[A-Z]+|\d+(?:\.\d+)*/g) ?? [];
  return words.length * lettersOfWord > bare.length || words.some(({ length }) => length >= 40);
}
