import type { State } from '../types.ts';
import { seconds } from './clock.ts';
import { accessTokenClaims, type Identity, userTokenClaims } from './identities.ts';

/** A token with its times, in seconds since 1970. */
export interface Issued {
  readonly token: string;
  readonly notBefore: number;
  readonly expiresAt: number;
  /** Seconds that it has left. */
  readonly expiresIn: number;
}

/** A token with its times. */
export type CachedToken = Omit<Issued, 'expiresIn'>;

/** 24 hours, and not-before five minutes back, as Microsoft's recorded sessions show: expires_on - not_before = 86700. */
export function issueForIdentity(state: State, identity: Identity, audience: string): Issued {
  return issued(state, `${identity.objectId} ${audience}`, 86_400, (times) =>
    accessTokenClaims({ audience, identity, tenantId: state.world.tenantId, ...times }),
  );
}

/** The token of the person who is signed in; about an hour. */
export function issueForPerson(state: State, audience: string): Issued {
  const { tenantId, person } = state.world;
  return issued(state, `${person.objectId} ${audience}`, 3600, (times) =>
    userTokenClaims({ audience, tenantId, ...times }, person),
  );
}

/** How many tokens are kept: a program may ask for any number of audiences. */
const kept = 1000;

/**
 * The same token until half of its life is over, which is when the SDKs ask for the next one.
 * https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identities-faq#are-managed-identities-tokens-cached
 */
function issued(state: State, key: string, lifetime: number, claims: Claims): Issued {
  const now = seconds(state.clock);
  const old = state.tokenCache.get(key);
  const isYoung = old && now >= old.notBefore && now < old.expiresAt - lifetime / 2;
  const cached = isYoung ? old : signed(state, now, lifetime, claims);
  if (state.tokenCache.size >= kept) state.tokenCache.clear();
  state.tokenCache.set(key, cached);
  return { ...cached, expiresIn: cached.expiresAt - now };
}

type Claims = (times: { issuedAt: number; expiresAt: number }) => object;

function signed(state: State, now: number, lifetime: number, claims: Claims): CachedToken {
  const times = { issuedAt: now - 300, expiresAt: now + lifetime };
  return { token: state.issuers.tenant.sign(claims(times)), notBefore: times.issuedAt, expiresAt: times.expiresAt };
}

/** What a token for a test says; by default it is a good one, of the system-assigned identity for Key Vault. */
export interface TokenOptions {
  readonly audience?: string;
  readonly objectId?: string;
  readonly clientId?: string;
  readonly tenantId?: string;
  readonly notBefore?: Date;
  /** Default: a day from now, on the stand-in's clock. */
  readonly expiresAt?: Date;
  /** `'forged'`: with a key that the tenant never published, under the id of the one that it did. */
  readonly signWith?: 'published' | 'forged';
}

/** Issues a token for a test; whatever is not said is as the tenant would have it. */
export function issueToken(state: State, options: TokenOptions = {}): string {
  const { systemAssigned, tenantId } = state.world;
  const toSeconds = (date: Date) => Math.floor(date.getTime() / 1000);
  const claims = accessTokenClaims({
    audience: options.audience ?? 'https://vault.azure.net',
    identity: {
      ...systemAssigned,
      clientId: options.clientId ?? systemAssigned.clientId,
      objectId: options.objectId ?? systemAssigned.objectId,
    },
    tenantId: options.tenantId ?? tenantId,
    issuedAt: options.notBefore ? toSeconds(options.notBefore) : seconds(state.clock) - 300,
    expiresAt: options.expiresAt ? toSeconds(options.expiresAt) : seconds(state.clock) + 86_400,
  });
  return state.issuers.tenant.sign(claims, options.signWith);
}
