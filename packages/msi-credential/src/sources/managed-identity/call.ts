import type { Call } from '../../http/send.ts';
import type { ManagedIdentity, Problem } from '../../types.ts';

/** A GET to an endpoint of the host, its own query kept. */
export function getCall(
  base: URL,
  query: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): Call {
  return { method: 'GET', url: withQuery(base, query), headers };
}

/**
 * The address with these parameters. A query that it has already stays as it is written (GitHub's must not be rebuilt),
 * but for the parameters that are set here: services refuse one that comes twice.
 */
export function withQuery(base: URL, query: Readonly<Record<string, string>>): URL {
  const isSet = (part: string) => [...new URLSearchParams(part).keys()].some((name) => Object.hasOwn(query, name));
  const kept = base.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !isSet(part));
  const added = Object.entries(query).map(([name, text]) => `${name}=${encodeURIComponent(text)}`);
  const url = new URL(base);
  url.search = [...kept, ...added].join('&');
  return url;
}

/** The parameter by which a protocol names a user-assigned identity; none for the system-assigned one. */
export function selectorOf(
  identity: ManagedIdentity,
  names: Readonly<Partial<Record<'clientId' | 'objectId' | 'resourceId', string>>>,
): Record<string, string> {
  const name = identity.kind === 'user-assigned' ? names[identity.by] : undefined;
  return identity.kind === 'user-assigned' && name !== undefined ? { [name]: identity.id } : {};
}

/** What is wrong with a secret that is to travel in a header; without this, it would look like a failing network. */
export function problemWithSecret(variable: string, secret: string): Problem | undefined {
  if (!/[^\x20-\x7e]/.test(secret)) return undefined;
  return {
    code: 'ERR_SETTING_INVALID',
    message: `${variable} contains characters that no HTTP header can carry.`,
    hint: 'The host sets it when the process starts: remove what overrides it.',
  };
}
