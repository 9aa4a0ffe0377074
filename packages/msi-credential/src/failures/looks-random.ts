const guid = String.raw`[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}`;
/** https://www.w3.org/TR/trace-context/#traceparent-header */
const traceparent = String.raw`\b[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}\b`;
const ids = new RegExp(`${guid}|${traceparent}`, 'gi');

/** Long with all kinds of characters, or very long, and without the words that names and hosts consist of. */
export function looksRandom(text: string, lettersOfWord: number): boolean {
  const bare = text.replace(ids, '');
  const isMixed = /[a-z]/.test(bare) && /[A-Z]/.test(bare) && /\d/.test(bare);
  if (bare.length < (isMixed ? 20 : 40)) return false;
  const words = bare.match(/[A-Z]?[a-z]+|[A-Z]+|\d+(?:\.\d+)*/g) ?? [];
  return words.length * lettersOfWord > bare.length || words.some(({ length }) => length >= 40);
}
