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
  throw misuse('ERR_SCOPE', `getToken takes exactly one scope, but was given ${count}.`);
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
