import { misuse } from '../errors.ts';

const suffix = '/.default';

/**
 * The one requested scope. Managed identity endpoints and the developer tools serve one resource a request.
 *
 * @throws TypeError - `ERR_SCOPE`: none, several, or an empty one.
 */
export function oneScope(scopes: unknown): string {
  const list: readonly unknown[] = Array.isArray(scopes) ? scopes : [scopes];
  const [scope] = list;
  if (list.length === 1 && typeof scope === 'string' && scope.trim() !== '') return scope;
  const count = list.length > 1 ? list.length : 'none';
  const all = list.length > 1 ? defaultOf(list) : undefined;
  const fix =
    all === undefined ? undefined : [{ text: `Ask for ${all}: it stands for all that the application was granted.` }];
  throw misuse('ERR_SCOPE', `getToken takes exactly one scope, but was given ${count}.`, fix);
}

/**
 * The one scope that stands for these, where they are of one resource. A scope without an address is Microsoft Graph's.
 * https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-default-scope
 */
function defaultOf(scopes: readonly unknown[]): string | undefined {
  const resources = scopes.map((scope) => {
    const text = String(scope);
    if (/^[A-Z][A-Za-z]+(\.[A-Za-z-]+)+$/.test(text)) return 'https://graph.microsoft.com';
    return /^https:\/\/[\w.-]{1,253}(?=\/)|^api:\/\/[\w.-]{1,253}(?=\/)/.exec(text)?.[0].toLowerCase();
  });
  const [first] = resources;
  return first !== undefined && resources.every((each) => each === first) ? `${first}${suffix}` : undefined;
}

/**
 * The v1 resource of a v2 scope: `/.default` is taken off once, from the end, so that of
 * `https://database.windows.net//.default` the audience's own slash stays.
 * https://learn.microsoft.com/entra/identity-platform/scopes-oidc#trailing-slash-and-default
 */
export function resourceOf(scope: string): string {
  return scope.endsWith(suffix) ? scope.slice(0, -suffix.length) : scope;
}

/** The v2 scope of a request: a resource gets `/.default`. */
export function scopeOf(scope: string): string {
  return scope.endsWith(suffix) ? scope : `${scope}${suffix}`;
}
