// Finds known secrets in a text, however they are written there. Every step takes time in proportion to the text.

/** A text, and the place in the original that each of its units comes from. */
interface Reading {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Shorter ones are in many words, and guessed at once. */
const shortest = 4;
/** JSON in a URL in an HTML page. */
const mostLayers = 3;

/** The text with each of the secrets hidden; what follows the limit counts only for secrets that begin before it. */
export function hideSecrets(text: string, secrets: readonly string[], hidden: string, limit = text.length): string {
  let clean = '';
  let at = 0;
  for (const [start, end] of placesOf(secrets, text)) {
    if (start >= limit) break;
    if (start > at || at === 0) clean += text.slice(at, start) + hidden;
    at = Math.max(at, end);
  }
  return clean + text.slice(at, Math.max(at, limit));
}

type Place = readonly [start: number, end: number];

/** Text and secrets are compared after one, two and three layers of escapes are taken off, each without its incidentals. */
function placesOf(secrets: readonly string[], text: string): Place[] {
  const long = secrets.filter(({ length }) => length >= shortest);
  const places: Place[] = [];
  if (long.length === 0) return places;
  // Each layer that is taken off may be a part of the secret itself.
  const needles = new Set(long.flatMap((secret) => [secret, ...encodingsOf(secret)]).map(fold));
  let reading = readingOf(text);
  let decoded = long;
  for (let layers = 0; layers <= mostLayers; layers += 1) {
    collect(folded(reading), needles, places);
    const next = unescaped(reading);
    // Nothing was left to take off.
    if (next.text === reading.text) break;
    reading = next;
    decoded = decoded.map((secret) => unescaped(readingOf(secret)).text);
    for (const secret of decoded) needles.add(fold(secret));
  }
  return places.sort(([a], [b]) => a - b);
}

function collect({ text, starts, ends }: Reading, needles: Iterable<string>, places: Place[]): void {
  for (const needle of needles) {
    if (needle.length < shortest - 1) continue;
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) {
      places.push([starts[at] as number, ends[at + needle.length - 1] as number]);
    }
  }
}

/** What others make of a secret: hexadecimal digits, the bytes of a `Buffer` in JSON, base64. UTF-16 as PowerShell has it. */
function encodingsOf(secret: string): string[] {
  return (['utf8', 'utf16le'] as const).flatMap((encoding) => {
    const bytes = Buffer.from(secret, encoding);
    return [bytes.toString('hex'), [...bytes].join(), ...inBase64(bytes)];
  });
}

/** What is the same in the base64 of everything that contains the secret, such as `Basic` with a name before it. */
function inBase64(bytes: Buffer): string[] {
  const shifted = [0, 1, 2].flatMap((shift) =>
    (['base64', 'base64url'] as const).map((alphabet) =>
      Buffer.concat([Buffer.alloc(shift), bytes])
        .toString(alphabet)
        .slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6)),
    ),
  );
  // Shorter ones occur in many words.
  return shifted.filter(({ length }) => length >= 6);
}

function readingOf(text: string): Reading {
  const starts = Array.from({ length: text.length }, (_, at) => at);
  return { text, starts, ends: starts.map((at) => at + 1) };
}

/**
 * Without what differs from one writer to the next: upper and lower case, accents (written as one character or two),
 * blanks, characters that nobody sees, the backslashes of escapes, and the plus that is a blank in a form.
 */
function fold(text: string): string {
  return capitals(text.replace(/\+/g, '').replace(incidental, foldUnit));
}

function folded(reading: Reading): Reading {
  const plain = rewritten(reading, incidental, ([unit]) => foldUnit(unit));
  return { ...plain, text: capitals(plain.text) };
}

const incidental = /[\\+]|[^\x21-\x7e]/gu;

function foldUnit(unit: string): string {
  if (unit === '\\' || unit === '+') return '';
  return unit
    .normalize('NFKD')
    .toUpperCase()
    .replace(/[\s+\\\p{C}\p{M}\p{Default_Ignorable_Code_Point}]/gu, '');
}

/** The letters of ASCII, which stay as many. Whole at once where there are no others: that is faster. */
const capitals = (text: string) =>
  /^[\x21-\x7e]*$/.test(text) ? text.toUpperCase() : text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());

/** Of URLs, of Java's and of JavaScript's strings, of JSON, of HTML. */
const escapes = new RegExp(
  [
    String.raw`(?<byte>(?:%|\\x)[\da-f]{2})(?<more>(?:(?:%|\\x)[89ab][\da-f]){0,3})`,
    String.raw`[%\\]u(?:(?<unit>[\da-f]{4})|\{(?<point>[\da-f]{1,6})\})`,
    String.raw`\\(?<blank>[bfnrtv])`,
    String.raw`&#(?:(?<decimal>\d{1,7})|x(?<hex>[\da-f]{1,6}));?`,
    '&(?<name>amp|lt|gt|quot|apos|nbsp|plus|equals|sol);',
  ].join('|'),
  'gi',
);
const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  plus: '+',
  equals: '=',
  sol: '/',
};

/** With one layer of escapes taken off. */
function unescaped(reading: Reading): Reading {
  return rewritten(reading, escapes, ({ groups = {} }) => {
    const { byte, more = '', unit, point, decimal, hex, name } = groups;
    if (byte !== undefined) return fromBytes(byte + more);
    if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16));
    const code = decimal === undefined ? Number.parseInt(point ?? hex ?? '', 16) : Number(decimal);
    if (code <= 0x10_ff_ff) return String.fromCodePoint(code);
    return name === undefined ? ' ' : (named[name.toLowerCase()] ?? ' ');
  });
}

/** As UTF-8, or else each byte as a character, which is Latin-1. */
function fromBytes(escaped: string): string {
  const bytes = Buffer.from(escaped.replace(/%|\\x/gi, ''), 'hex');
  const text = bytes.toString('utf8');
  return text.includes('\uFFFD') ? bytes.toString('latin1') : text;
}

/** With each match replaced, whose units then come from the whole of it. */
function rewritten(
  { text, starts, ends }: Reading,
  pattern: RegExp,
  replace: (match: RegExpExecArray) => string,
): Reading {
  const pieces: string[] = [];
  const newStarts: number[] = [];
  const newEnds: number[] = [];
  let at = 0;
  const keepTo = (end: number) => {
    pieces.push(text.slice(at, end));
    for (let each = at; each < end; each += 1) {
      newStarts.push(starts[each] as number);
      newEnds.push(ends[each] as number);
    }
  };
  for (const match of text.matchAll(pattern)) {
    keepTo(match.index);
    at = match.index + match[0].length;
    const piece = replace(match);
    pieces.push(piece);
    for (let unit = 0; unit < piece.length; unit += 1) {
      newStarts.push(starts[match.index] as number);
      newEnds.push(ends[at - 1] as number);
    }
  }
  keepTo(text.length);
  return { text: pieces.join(''), starts: newStarts, ends: newEnds };
}
