import type { State } from '../types.ts';
import { seconds } from './clock.ts';
import { accessTokenClaims } from './identities.ts';

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
export function issueToken(state: State, options: TokenOptions = {}): Promise<string> {
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
  return state.signer.sign(claims, options.signWith);
}
