/** An application that can hold tokens: its client (application) id and the object id of its principal. */
export interface Identity {
  readonly clientId: string;
  readonly objectId: string;
  /** The ARM id that a managed identity's tokens carry as `xms_mirid`; absent for a service principal. */
  readonly resourceId?: string;
}

/** Who exists in the stand-in's tenant. */
export interface World {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly systemAssigned: Identity & { readonly resourceId: string };
  readonly userAssigned: Identity & { readonly resourceId: string };
  readonly servicePrincipal: Identity;
}

const subscriptionId = 'a0000000-0000-4000-8000-0000000000a1';
const resourceGroup = `/subscriptions/${subscriptionId}/resourceGroups/local`;

/** The ids are obviously not Azure's, so that nobody mistakes a local token's owner for a real one. */
export const world: World = {
  tenantId: 'a0000000-0000-4000-8000-000000000001',
  subscriptionId,
  systemAssigned: {
    clientId: 'a0000000-0000-4000-8000-0000000000c1',
    objectId: 'a0000000-0000-4000-8000-0000000000d1',
    resourceId: `${resourceGroup}/providers/Microsoft.Web/sites/local`,
  },
  userAssigned: {
    clientId: 'a0000000-0000-4000-8000-0000000000c2',
    objectId: 'a0000000-0000-4000-8000-0000000000d2',
    resourceId: `${resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/local`,
  },
  servicePrincipal: {
    clientId: 'a0000000-0000-4000-8000-0000000000c3',
    objectId: 'a0000000-0000-4000-8000-0000000000d3',
  },
};

/** How a request names a user-assigned identity; none means the system-assigned one. */
export interface Selector {
  readonly by: 'clientId' | 'objectId' | 'resourceId';
  readonly value: string;
}

/** Azure compares ids without regard to case: ARM ids always, GUIDs because they are numbers. */
export function findManagedIdentity(from: World, selector: Selector | undefined): Identity | undefined {
  if (selector === undefined) return from.systemAssigned;
  const wanted = selector.value.toLowerCase();
  return [from.userAssigned, from.systemAssigned].find((one) => one[selector.by].toLowerCase() === wanted);
}

/** What an access token of this tenant says, in the v1 shape that Key Vault and managed identities use. */
export interface TokenFacts {
  readonly audience: string;
  readonly identity: Identity;
  readonly tenantId: string;
  /** Seconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** The claims of an app-only v1 token: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
export function accessTokenClaims(facts: TokenFacts): Record<string, unknown> {
  const issuer = `https://sts.windows.net/${facts.tenantId}/`;
  return {
    aud: facts.audience,
    iss: issuer,
    iat: facts.issuedAt,
    nbf: facts.issuedAt,
    exp: facts.expiresAt,
    appid: facts.identity.clientId,
    appidacr: facts.identity.resourceId === undefined ? '1' : '2',
    idp: issuer,
    idtyp: 'app',
    oid: facts.identity.objectId,
    sub: facts.identity.objectId,
    tid: facts.tenantId,
    ver: '1.0',
    ...(facts.identity.resourceId === undefined ? {} : { xms_mirid: facts.identity.resourceId }),
  };
}
