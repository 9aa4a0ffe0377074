import type { Environment, Problem } from '../types.ts';

/** A variable's value, trimmed; an empty or blank one counts as unset. */
export function value(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether it is a GUID, as client, object and tenant ids are. */
export function isGuid(text: string): boolean {
  return guid.test(text);
}

/** An id as it may be shown: only when it has an id's shape, since a secret may stand in the wrong variable. */
export function showId(text: string): string {
  const looksLikeOne =
    isGuid(text) || /^(?!eyj)[0-9a-z-]{1,63}(\.[0-9a-z-]{1,63})+$/i.test(text) || /^\/subscriptions\//i.test(text);
  return looksLikeOne ? text : `(not shown: ${text.length} characters, not an id)`;
}

/** What is wrong with the path of a file that holds a proof: often it is the proof itself, which no error may quote then. */
export function problemWithPath(variable: string, path: string): Problem | undefined {
  if (!/-----BEGIN|^eyJ|[\r\n]/.test(path) && path.length <= 4096) return undefined;
  const message = `${variable} is not the path of a file (it has ${path.length} characters).`;
  return {
    code: 'ERR_SETTING_INVALID',
    message,
    hint: 'Write the content into a file, and its path into the variable.',
  };
}
