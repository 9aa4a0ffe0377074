// Who asks, and may they: Key Vault's checks before it looks at a secret.
// https://learn.microsoft.com/azure/key-vault/general/authentication

import { type Cloud, cloudOfVault, clouds } from '../../network/clouds.ts';
import { seconds } from '../../state/clock.ts';
import type { Permission } from '../../state/permissions.ts';
import { type Jwt, readJwt } from '../../tokens/tokens.ts';
import type { State } from '../../types.ts';
import { refuse, unauthorized } from './refusals.ts';

/** Key Vault's own application id, which a token may carry as its audience in place of the URL. */
const keyVaultApplication = 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093';

/** The 401 or 403 that tells why the caller may not do this; undefined for one who may. */
export function refusalOf(request: Request, state: State, action: Action, name: string | undefined) {
  const { hostname } = new URL(request.url);
  const cloud = cloudOfVault(hostname) ?? clouds[0];
  const [, token] = /^Bearer +(.*)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  const jwt = readJwt(token ?? '');
  const fault =
    token === undefined
      ? 'AKV10000: Request is missing a Bearer or PoP token.'
      : jwt === undefined
        ? "[BearerReadAccessTokenFailed] Error validating token: 'S2S12005: The token is not a well-formed JWT.'"
        : tokenFault(jwt, cloud, state);
  if (fault !== undefined || jwt === undefined) return unauthorized(fault ?? '', cloud, state.world.tenantId);
  if (state.permissions.allows(String(jwt.claims.oid), action.permission)) return undefined;
  const resource = { vault: hostname.split('.')[0] ?? 'local', name };
  return forbidden(jwt, state, action, resource);
}

function tokenFault(jwt: Jwt, cloud: Cloud, state: State): string | undefined {
  if (!state.issuers.tenant.verifies(jwt)) {
    return 'AKV10046: Unable to resolve the key used for signature validation.';
  }
  const { claims } = jwt;
  const issuer = `https://sts.windows.net/${state.world.tenantId}/`;
  if (claims.iss !== issuer || claims.tid !== state.world.tenantId) {
    return `AKV10032: Invalid issuer. Expected one of ${issuer}, found ${claims.iss}.`;
  }
  const audience = `https://${cloud.vaultSuffix}`;
  if (claims.aud !== audience && claims.aud !== keyVaultApplication) {
    return `AKV10022: Invalid audience. Expected ${audience}, found: ${claims.aud}.`;
  }
  // No allowance on `exp`: program and stand-in share one machine's clock, and a late refresh should show.
  const now = seconds(state.clock);
  if (typeof claims.exp !== 'number' || claims.exp <= now) {
    return `[TokenExpired] Error validating token: 'S2S12086: The token is expired. ValidTo: ${claims.exp}, current time: ${now}.'`;
  }
  if (typeof claims.nbf === 'number' && claims.nbf > now) {
    return `IDX10222: Lifetime validation failed. The token is not yet valid. ValidFrom: ${claims.nbf}, current time: ${now}.`;
  }
  return undefined;
}

/** What an operation asks for, in the words of both permission models. */
export interface Action {
  readonly permission: Permission;
  /** The data action after `Microsoft.KeyVault/vaults/secrets/`. */
  readonly rbac: string;
}

/** https://learn.microsoft.com/azure/key-vault/general/rbac-migration#access-policy-to-azure-role-mapping */
export const actions = {
  get: { permission: 'get', rbac: 'getSecret/action' },
  list: { permission: 'list', rbac: 'readMetadata/action' },
  set: { permission: 'set', rbac: 'setSecret/action' },
  update: { permission: 'set', rbac: 'update/action' },
  delete: { permission: 'delete', rbac: 'delete' },
  getDeleted: { permission: 'get', rbac: 'readMetadata/action' },
  recover: { permission: 'recover', rbac: 'recover/action' },
  purge: { permission: 'purge', rbac: 'purge/action' },
} as const satisfies Record<string, Action>;

/** The 403 in the wording of the vault's permission model. */
function forbidden({ claims }: Jwt, state: State, action: Action, { vault, name }: { vault: string; name?: string }) {
  const place = `${vault};location=westeurope`;
  const who = `appid=${claims.appid};oid=${claims.oid}`;
  if (state.config.permissionModel === 'access-policies') {
    const message = `The user, group or application '${who};numgroups=0;iss=${claims.iss}' does not have secrets ${action.permission} permission on key vault '${place}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`;
    return refuse(403, 'Forbidden', message, 'ForbiddenByPolicy');
  }
  const scope = `/subscriptions/${state.world.subscriptionId}/resourcegroups/local/providers/microsoft.keyvault/vaults/${vault}`;
  const lines = [
    'Caller is not authorized to perform action on resource.',
    'If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.',
    `Caller: ${who};iss=${claims.iss}`,
    `Action: 'Microsoft.KeyVault/vaults/secrets/${action.rbac}'`,
    `Resource: '${scope}${name === undefined ? '' : `/secrets/${name}`}'`,
    'Assignment: (not found)',
    'DenyAssignmentId: null',
    "DecisionReason: 'DeniedWithNoValidRBAC' ",
    `Vault: ${place}`,
    '',
  ];
  return refuse(403, 'Forbidden', lines.join('\r\n'), 'ForbiddenByRbac');
}
