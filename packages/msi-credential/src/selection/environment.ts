import { explain } from '../codes.ts';
import type { Environment, Problem, SelectOptions } from '../types.ts';
import { isPlain, visible } from './placeholder.ts';

/** A variable's value, trimmed; an empty or blank one counts as unset. */
export function value(env: Environment, name: string): string | undefined {
  const text = textOf(env, name);
  return text === undefined ? undefined : trimmed(text) || undefined;
}

/** Without blanks and without characters that nobody sees, such as a byte order mark, at both ends. */
export function trimmed(text: string): string {
  const ends =
    /^[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f]+|[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f]+$/g;
  return isPlain(text) ? text.trim() : text.replace(ends, '');
}

/** A variable as it is. Callers may bring an `env` of their own: what is no text there, or can't be read, is not set. */
export function textOf(env: Environment, name: string): string | undefined {
  try {
    const text: unknown = env[name];
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The names of all variables. */
export function namesIn(env: Environment): string[] {
  try {
    return Object.keys(env);
  } catch {
    return [];
  }
}

/** A value, and the option or the variable that it comes from; without a value, the variable that would set it. */
export interface Setting {
  readonly value: string | undefined;
  readonly from: string;
}

/** The option, else the first of the variables that is set. */
export function settingOf(
  env: Environment,
  options: SelectOptions,
  option: 'clientId' | 'tenantId' | 'authorityHost',
  ...variables: readonly [string, ...string[]]
): Setting {
  const callers = options[option];
  if (callers !== undefined) return { value: visible(callers), from: `the option ${option}` };
  const from = variables.find((name) => value(env, name) !== undefined) ?? variables[0];
  return { value: visible(env[from] ?? '') || undefined, from };
}

/** Whether it is in quotes, which `docker run --env-file` and many forms keep. */
export function isQuoted(text: string): boolean {
  return /^(["'`]).*\1$/s.test(text);
}

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether it is a GUID, as client, object and tenant ids are. */
export function isGuid(text: string): boolean {
  return guid.test(text);
}

/** Whether it looks like a tenant: an id or a domain, and no token, which has dots as well. */
export function isTenant(text: string): boolean {
  return isGuid(text) || (text.length <= 253 && /^(?!eyj)[0-9a-z-]{1,63}(\.[0-9a-z-]{1,63})+$/i.test(text));
}

/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
const resourceId =
  /^\/subscriptions\/[0-9a-f-]{36}\/resource-?groups\/[\w.()-]{1,90}\/providers\/[a-z.]{1,60}(?:\/[a-z]{1,60}\/[\w.-]{1,128}){1,4}$/i;

/** Whether it is the id of an Azure resource, to the letter. What only begins like one may go on with anything. */
export function isResourceId(text: string): boolean {
  return resourceId.test(text) && isGuid(text.split('/')[2] ?? '');
}

/** An id as it may be shown: only when it has an id's shape, since a secret may stand in the wrong variable. */
export function showId(text: string): string {
  return isTenant(text) || isResourceId(text) ? text : `(not shown: ${text.length} characters, not an id)`;
}

/** The client id of an application, only in the shape of one. */
export function showClientId(text: string): string {
  return isGuid(text) ? text : '(not a GUID)';
}

/** Whether it is the path of a file beyond doubt. Often the proof itself stands there: a certificate, a key, a token. */
export function isPath(text: string): boolean {
  const begins =
    /^(\/|\.{1,2}[\\/]|~\/|\$\w+\/|\$\{\w+\}\/|%\w+%\\|file:\/\/|[a-z]:[\\/]|\\\\)/i.test(text) ||
    /^[\w .-]{1,100}\.(pem|crt|cer|key)$/i.test(text);
  return begins && !/[\r\n]/.test(text) && text.split(/[\\/]/).every((name) => name.length <= 255);
}

/** What is wrong with the path of a file that holds a proof, if that can be said at once. */
export function problemWithPath(variable: string, path: string): Problem | undefined {
  if (isPath(path) || (path.length <= 255 && !/-----BEGIN|^eyJ|[\r\n]/.test(path))) return undefined;
  return explain('ERR_SETTING_INVALID', `${variable} is not the path of a file (it has ${path.length} characters).`, {
    fix: [{ text: 'Write the content to a file, and put its path into the variable.' }],
  });
}
