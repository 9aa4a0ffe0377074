import { misuse } from '../errors.ts';
import type { Detection, Environment, IdentityKey, ManagedIdentity, Problem, SelectOptions, Source } from '../types.ts';
import { showClientId, showId, value } from './environment.ts';

/**
 * Which managed identity is asked for: an option, else `AZURE_MANAGED_IDENTITY_CLIENT_ID`, else `AZURE_CLIENT_ID` unless a
 * service principal's secret or certificate stands beside it, which it then belongs to.
 *
 * @throws TypeError - `ERR_TWO_IDENTITIES`: more than one of the three options; `ERR_EMPTY_IDENTITY`: a blank one.
 */
export function identityOf(env: Environment, options: SelectOptions): ManagedIdentity {
  const given = (['clientId', 'objectId', 'resourceId'] as const).filter((by) => options[by] !== undefined);
  if (given.length > 1) {
    throw misuse(
      'ERR_TWO_IDENTITIES',
      `The options ${given.join(' and ')} are both given, and each alone names an identity.`,
    );
  }
  const by = given[0];
  if (by !== undefined) {
    const id = options[by]?.trim();
    if (!id) throw misuse('ERR_EMPTY_IDENTITY', `The option ${by} is empty.`);
    return { kind: 'user-assigned', by, id, from: `the option ${by}` };
  }
  const own = value(env, 'AZURE_MANAGED_IDENTITY_CLIENT_ID');
  if (own !== undefined) {
    return { kind: 'user-assigned', by: 'clientId', id: own, from: 'AZURE_MANAGED_IDENTITY_CLIENT_ID' };
  }
  const shared = value(env, 'AZURE_CLIENT_ID');
  const taken = value(env, 'AZURE_CLIENT_SECRET') ?? value(env, 'AZURE_CLIENT_CERTIFICATE_PATH');
  return shared === undefined || taken !== undefined
    ? { kind: 'system-assigned' }
    : { kind: 'user-assigned', by: 'clientId', id: shared, from: 'AZURE_CLIENT_ID' };
}

const nameOfKey: Record<IdentityKey, string> = {
  clientId: 'client id',
  objectId: 'object id',
  resourceId: 'resource id',
};

/** Each host's limits are known before it is asked; a wrong guess of it would be somebody else's token. */
export function problemWithIdentity(
  source: Source,
  detection: Detection,
  identity: ManagedIdentity,
): Problem | undefined {
  if (source.family !== 'managed-identity' || detection.verdict !== 'found') return undefined;
  const { host = source.title, identityKeys = [], identityRequired } = detection;
  const ways = identityKeys.map((key) => nameOfKey[key]).join(' or ');
  if (identity.kind === 'system-assigned') {
    if (identityRequired === undefined) return undefined;
    const hint =
      'Assign an identity to it, or name one that is assigned: AZURE_MANAGED_IDENTITY_CLIENT_ID or the option clientId.';
    return {
      code: 'ERR_IDENTITY_UNSUPPORTED',
      message: `${host} has no system-assigned identity: ${identityRequired}.`,
      hint,
    };
  }
  if (identityKeys.includes(identity.by)) return undefined;
  return {
    code: 'ERR_IDENTITY_UNSUPPORTED',
    message: `${host} cannot be asked for a user-assigned identity by ${nameOfKey[identity.by]} (from ${identity.from}); ${detection.reason}.`,
    hint:
      ways === ''
        ? `It offers one identity only: leave out ${identity.from}, or pin another source.`
        : `Name the identity by ${ways} instead of ${identity.from}.`,
  };
}

/** How the identity that was selected is told to people. */
export function describeIdentity(identity: ManagedIdentity): string {
  if (identity.kind === 'system-assigned') return 'system-assigned';
  const id = identity.by === 'clientId' ? showClientId(identity.id) : showId(identity.id);
  return `user-assigned, ${nameOfKey[identity.by]} ${id} (from ${identity.from})`;
}

/** How an application that signs in is told to people. */
export function describeApplication(clientId: string): string {
  return `application, client id ${showClientId(clientId)}`;
}
