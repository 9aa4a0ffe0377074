// What the managed identity protocols share: the identity's parameter, and how an answer is read.
import type { Fix } from '../../codes.ts';
import { errorOf } from '../../errors.ts';
import type { RefusalRow } from '../../failures/refusal.ts';
import { showEndpoint } from '../../http/endpoint.ts';
import { type Call, type SendPolicy, send } from '../../http/send.ts';
import type { HttpReply } from '../../io.ts';
import { field, parseJson, readToken } from '../../tokens/read-token.ts';
import type { AcquiredToken, Flight, IdentityKey, ManagedIdentity, SourceName } from '../../types.ts';

/** How a host's endpoint is to be called, and what its refusals mean. */
export interface Protocol {
  readonly source: SourceName;
  readonly policy: SendPolicy;
  /** The host's secrets, which no message may repeat. */
  readonly secrets: readonly string[];
  /** The refusals that it is known for; the general ones follow. */
  readonly refusals: readonly RefusalRow[];
}

/** Sends the request as the protocol wants and reads the token. */
export async function requestToken(call: Call, protocol: Protocol, flight: Flight): Promise<AcquiredToken> {
  return readReply(await send(call, protocol.policy, flight), call, protocol, flight.io.now());
}

/** Turns the answer of a managed identity endpoint into a token, or throws what it means. */
export async function readReply(
  reply: HttpReply,
  call: Call,
  { source, secrets, refusals }: Protocol,
  now: number,
): Promise<AcquiredToken> {
  const address = `${call.method} ${showEndpoint(call.url)}`;
  // App Service 2017 reports failures with status 200 and an ExceptionMessage (msrestazure handles the same).
  const isRefused = reply.status !== 200 || field(parseJson(reply.body), 'ExceptionMessage') !== undefined;
  if (!isRefused) return readToken(reply.body, now, address);

  const { explainRefusal, generalRefusals } = await import('../../failures/index.ts');
  const { explanation, ...details } = explainRefusal(reply, address, [...refusals, ...generalRefusals], {
    secrets,
    now,
  });
  throw errorOf(explanation, source, details);
}

/** The parameter by which a protocol names a user-assigned identity; none for the system-assigned one. */
export function selectorOf(
  identity: ManagedIdentity,
  names: Readonly<Partial<Record<IdentityKey, string>>>,
): Record<string, string> {
  const name = identity.kind === 'user-assigned' ? names[identity.by] : undefined;
  return identity.kind === 'user-assigned' && name !== undefined ? { [name]: identity.id } : {};
}

/**
 * A refusal that talks about the identity, in the services' own words ("Unable to load requested managed identity", "No MSI
 * found for specified ClientId"). A page is not one, and the name of a header is no identity.
 */
export const aboutIdentity = /^(?!\s*<)[\s\S]*(?:identit(?:y(?!-header)|ies)|\bmsi\b|client.?id)/i;

/** A row for a refusal that means: the host has no such identity. */
export function identityNotFound(row: Omit<RefusalRow, 'gives' | 'fix'>, fix: readonly Fix[]): RefusalRow {
  return { ...row, gives: 'ERR_IDENTITY_NOT_FOUND', fix };
}
