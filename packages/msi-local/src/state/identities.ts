/** An application that can hold tokens: its client (application) id and the object id of its principal. */
export interface Identity {
  readonly clientId: string;
  readonly objectId: string;
  /** The ARM id that a managed identity's tokens carry as `xms_mirid`; absent for a service principal. */
  readonly resourceId?: string;
}

/** Somebody who is signed in where the host hands out tokens of its user: Cloud Shell, a compute instance. */
export interface Person {
  readonly objectId: string;
  readonly userPrincipalName: string;
  /** The application through which they signed in. */
  readonly clientId: string;
}

/** Who exists in the stand-in's tenant. */
export interface World {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly systemAssigned: Identity & { readonly resourceId: string };
  readonly userAssigned: Identity & { readonly resourceId: string };
  /** Only there when a host is told to have two of its kind. */
  readonly secondUserAssigned: Identity & { readonly resourceId: string };
  readonly servicePrincipal: Identity;
  readonly person: Person;
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
  secondUserAssigned: {
    clientId: 'a0000000-0000-4000-8000-0000000000c4',
    objectId: 'a0000000-0000-4000-8000-0000000000d4',
    resourceId: `${resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/second`,
  },
  servicePrincipal: {
    clientId: 'a0000000-0000-4000-8000-0000000000c3',
    objectId: 'a0000000-0000-4000-8000-0000000000d3',
  },
  person: {
    clientId: 'a0000000-0000-4000-8000-0000000000c9',
    objectId: 'a0000000-0000-4000-8000-0000000000d9',
    userPrincipalName: 'person@local.example',
  },
};

/** The managed identities that a host has. */
export interface ManagedIdentities {
  readonly systemAssigned: Identity | undefined;
  readonly userAssigned: readonly Identity[];
}

/** Which identities a host has: its own and a user-assigned one, only that, or two user-assigned ones. */
export type AssignedIdentities = 'both' | 'user-assigned' | 'two-user-assigned';

export function managedIdentities(from: World, assigned: AssignedIdentities): ManagedIdentities {
  const userAssigned =
    assigned === 'two-user-assigned' ? [from.userAssigned, from.secondUserAssigned] : [from.userAssigned];
  return { systemAssigned: assigned === 'both' ? from.systemAssigned : undefined, userAssigned };
}

/** How a request names a user-assigned identity; none means the system-assigned one. */
export interface Selector {
  readonly parameter: string;
  readonly by: 'clientId' | 'objectId' | 'resourceId';
  readonly value: string;
}

/** Azure compares ids without regard to case: ARM ids always, GUIDs because they are numbers. */
export function findManagedIdentity(from: ManagedIdentities, selector: Selector | undefined): Identity | undefined {
  if (selector === undefined) return from.systemAssigned;
  const wanted = selector.value.toLowerCase();
  return [...from.userAssigned, from.systemAssigned].find((one) => one?.[selector.by]?.toLowerCase() === wanted);
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

/** The claims of an app-only token: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
export function accessTokenClaims(facts: TokenFacts): Record<string, unknown> {
  return /^api:\/\/AzureADTokenExchange(USGov|China)?$/.test(facts.audience) ? exchangeClaims(facts) : v1Claims(facts);
}

/**
 * A managed identity's token that stands in for an application's secret: v2, because the application trusts that issuer.
 * https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
 */
function exchangeClaims(facts: TokenFacts): Record<string, unknown> {
  const { appid, appidacr, idp: _, ...claims } = v1Claims(facts);
  return { ...claims, iss: tenantIssuer(facts.tenantId), azp: appid, azpacr: appidacr, ver: '2.0' };
}

/** The issuer of the tenant's v2 tokens. */
export const tenantIssuer = (tenantId: string) => `https://login.microsoftonline.com/${tenantId}/v2.0`;

/** A signed-in person's token: `scp` in place of `idtyp`, and the names of the person. */
export function userTokenClaims(facts: Omit<TokenFacts, 'identity'>, person: Person): Record<string, unknown> {
  const { idtyp: _, ...claims } = v1Claims({ ...facts, identity: person });
  const name = { upn: person.userPrincipalName, unique_name: person.userPrincipalName };
  return { ...claims, appidacr: '0', scp: 'user_impersonation', ...name };
}

function v1Claims(facts: TokenFacts): Record<string, unknown> {
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
