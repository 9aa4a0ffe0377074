import { explain } from '../codes.ts';
import { misuse } from '../errors.ts';
import type { Environment, IdentityKey, ManagedIdentity, Offer, Problem, SelectOptions, Source } from '../types.ts';
import { showClientId, showId, value } from './environment.ts';
import { visible } from './placeholder.ts';

/**
 * Which managed identity is asked for: an option, else `AZURE_MANAGED_IDENTITY_CLIENT_ID`, else `AZURE_CLIENT_ID` unless a
 * service principal's secret or certificate is set too: it then belongs to that application.
 *
 * @throws TypeError - `ERR_TWO_IDENTITIES`: more than one of the three options; `ERR_EMPTY_IDENTITY`: a blank one.
 */
export function identityOf(env: Environment, options: SelectOptions): ManagedIdentity {
  const named = (['clientId', 'objectId', 'resourceId'] as const).filter((by) => options[by] !== undefined);
  if (named.length > 1) {
    throw misuse(
      'ERR_TWO_IDENTITIES',
      `The options ${named.join(' and ')} are both given, and each alone names an identity.`,
    );
  }
  const by = named[0];
  if (by !== undefined) {
    const id = visible(options[by] ?? '');
    if (!id) throw misuse('ERR_EMPTY_IDENTITY', `The option ${by} is empty.`);
    return { kind: 'user-assigned', by, id, from: `the option ${by}` };
  }
  const own = value(env, 'AZURE_MANAGED_IDENTITY_CLIENT_ID');
  if (own !== undefined) {
    return { kind: 'user-assigned', by: 'clientId', id: visible(own), from: 'AZURE_MANAGED_IDENTITY_CLIENT_ID' };
  }
  const shared = value(env, 'AZURE_CLIENT_ID');
  const taken = value(env, 'AZURE_CLIENT_SECRET') ?? value(env, 'AZURE_CLIENT_CERTIFICATE_PATH');
  return shared === undefined || taken !== undefined
    ? { kind: 'system-assigned' }
    : { kind: 'user-assigned', by: 'clientId', id: visible(shared), from: 'AZURE_CLIENT_ID' };
}

const nameOfKey: Record<IdentityKey, string> = {
  clientId: 'client id',
  objectId: 'object id',
  resourceId: 'resource id',
};

/** Each host's limits are known before it is asked: a guess could give somebody else's token. */
export function problemWithIdentity(source: Source, offer: Offer, identity: ManagedIdentity): Problem | undefined {
  const { host = source.title, identityKeys, identityRequired, reason } = offer;
  if (identityKeys === undefined) return undefined;
  if (identity.kind === 'system-assigned') {
    if (identityRequired === undefined) return undefined;
    const text =
      'Assign an identity to it. Or name one that it has: set AZURE_MANAGED_IDENTITY_CLIENT_ID or the option clientId.';
    const cause = `${host} has no system-assigned identity: ${identityRequired}.`;
    return explain('ERR_IDENTITY_UNSUPPORTED', cause, { fix: [{ text }] });
  }
  const { by, from } = identity;
  if (identityKeys.includes(by)) return undefined;
  const cause = `${host} can't select a user-assigned identity by ${nameOfKey[by]} (from ${from}). It was chosen because ${reason}.`;
  const ways = identityKeys.map((key) => nameOfKey[key]).join(' or ');
  const text =
    ways === ''
      ? `It offers one identity only. Leave out ${from}, or pin another source.`
      : `Name the identity by ${ways} instead of ${from}.`;
  return explain('ERR_IDENTITY_UNSUPPORTED', cause, { fix: [{ text }] });
}

/** Whose tokens these will be, for people. */
export function describePrincipal(source: Source, offer: Offer, identity: ManagedIdentity): string {
  if (offer.principal === 'person') return `the person signed in to ${offer.host ?? source.title}`;
  return source.family === 'managed-identity'
    ? describeIdentity(identity)
    : `application, client id ${showClientId(offer.clientId ?? '')}`;
}

/** The managed identity that is asked for, for people. */
export function describeIdentity(identity: ManagedIdentity): string {
  if (identity.kind === 'system-assigned') return 'system-assigned';
  const id = identity.by === 'clientId' ? showClientId(identity.id) : showId(identity.id);
  return `user-assigned, ${nameOfKey[identity.by]} ${id} (from ${identity.from})`;
}
