import type { ManagedIdentity } from '../types.ts';
import type { Call } from './send.ts';

/** A GET to an endpoint of the host, its own query kept: a parameter that is there already is set, never doubled. */
export function getCall(
  base: URL,
  query: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): Call {
  const url = new URL(base);
  for (const [name, text] of Object.entries(query)) url.searchParams.set(name, text);
  return { method: 'GET', url, headers };
}

/** The parameter by which a protocol names a user-assigned identity; none for the system-assigned one. */
export function selectorOf(
  identity: ManagedIdentity,
  names: Readonly<Partial<Record<'clientId' | 'objectId' | 'resourceId', string>>>,
): Record<string, string> {
  const name = identity.kind === 'user-assigned' ? names[identity.by] : undefined;
  return identity.kind === 'user-assigned' && name !== undefined ? { [name]: identity.id } : {};
}
