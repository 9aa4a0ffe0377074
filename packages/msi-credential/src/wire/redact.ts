/** What may stand in a text, and what may not. */
export interface Known {
  /** What must not be told, wherever it stands. */
  readonly secrets?: readonly string[] | undefined;
  /** What looks like a token and is none, such as the claims of a command to be run. */
  readonly spared?: string | undefined;
}

/** More than this of a text is not even looked at: patterns over a whole megabyte would stop the process. */
const looked = 4_000;
/** Entra's refusal of an assertion names its issuer twice, subject and audience, all of which have to be compared. */
const quoted = 600;

/**
 * Somebody else's words as they may be repeated: without secrets, tokens, keys and signatures, without a proxy's page and
 * headers (which `@azure/identity` quotes with its cookies), on one line, without the dot at the end, and not too long.
 */
export function redact(text: string, { secrets = [], spared = '' }: Known = {}): string {
  const beginning = cutAt(text.replaceAll(spared || '\0', '\0'), 'Http status message:');
  let clean = secrets.reduce((left, secret) => (secret === '' ? left : left.replaceAll(secret, '***')), beginning);
  // What was cut off in the middle may be half a token.
  if (clean.length > looked) clean = clean.slice(0, looked).replace(/\S*$/, '');
  clean = clean.replace(/eyJ[\w-]+(\.[\w-]*)*/g, '***');
  // Runs of 40 and more characters without a space are keys, signatures or tokens, except URLs and resource ids.
  clean = clean.replace(/(?<![\w/.:+=-])[\w+=-]{40,}(?![\w/.:+=-])/g, '***');
  clean = clean.replace(/\s+/g, ' ').trim();
  if (clean.length > quoted) clean = `${clean.slice(0, quoted)}…`;
  return clean.replace(/[\s.]{0,9}$/, '').replaceAll('\0', spared);
}

/** Whether nothing of it would be left out but its length. */
export function isHarmless(text: string, known: Known): boolean {
  const kept = (known.secrets ?? []).some((secret) => secret !== '' && text.includes(secret));
  return !kept && text.length <= looked && !/eyJ[\w-]/.test(text) && !text.includes('Http status message:');
}

function cutAt(text: string, mark: string): string {
  const at = text.indexOf(mark);
  return at < 0 ? text : text.slice(0, at);
}
