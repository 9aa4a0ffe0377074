// What the managed identity protocols share: the identity's parameter, and how an answer is read.
import type { Fix } from '../../codes.ts';
import { errorOf } from '../../errors.ts';
import type { AadstsContext } from '../../failures/aadsts.ts';
import type { RefusalRow } from '../../failures/refusal.ts';
import { showEndpoint } from '../../http/endpoint.ts';
import { type Call, type SendPolicy, send } from '../../http/send.ts';
import type { HttpReply } from '../../io.ts';
import { field, isRefusal, parseJson, readToken, refusalCode } from '../../tokens/read-token.ts';
import type { AcquiredToken, Flight, IdentityKey, ManagedIdentity, SourceName, TokenRequest } from '../../types.ts';

/** How a host's endpoint is to be called, and what its refusals mean. */
export interface Protocol {
  readonly source: SourceName;
  readonly policy: SendPolicy;
  /** The host's secrets, which no message may repeat. */
  readonly secrets: readonly string[];
  /** The refusals that it is known for; the general ones follow. */
  readonly refusals: readonly RefusalRow[];
  /** What was asked for. */
  readonly request: TokenRequest;
}

/** Sends the request as the protocol wants and reads the token. */
export async function requestToken(call: Call, protocol: Protocol, flight: Flight): Promise<AcquiredToken> {
  return readReply(await ask(call, protocol.policy, flight), call, protocol, flight.io.now());
}

/** Sends the request as the protocol wants. What Entra itself has refused is not asked again, whatever status it comes with. */
export function ask(call: Call, policy: SendPolicy, flight: Flight): Promise<HttpReply> {
  const isFinal = async (reply: HttpReply) =>
    (await policy.isFinal?.(reply)) === true || (reply.status >= 400 && (await isOfEntra(reply)));
  return send(call, { ...policy, isFinal }, flight);
}

async function isOfEntra(reply: HttpReply): Promise<boolean> {
  return isWrapped(reply) || (await relayedRefusal(reply)) !== undefined;
}

/**
 * A refusal of Entra in a server error, with a number that we need not know, as azure-workload-identity's proxy hands it on
 * (pkg/proxy/proxy.go). What passes by itself is `temporarily_unavailable` there:
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
function isWrapped({ status, body }: HttpReply): boolean {
  return status >= 500 && /"error":\s?"(invalid_\w{1,40}|unauthorized_client)"[\s\S]{0,200}AADSTS\d/.test(body);
}

/**
 * What Entra's own refusal means, where a host or a proxy hands it on (Azure/azure-workload-identity with 5xx,
 * AzureAD/microsoft-authentication-library-for-dotnet#3979); undefined for a number that is not known as final.
 */
async function relayedRefusal({ status, body }: HttpReply, context: AadstsContext = {}) {
  const numbers = status === 429 ? [] : (body.match(/AADSTS\d{5,9}/g) ?? []);
  if (numbers.length === 0) return undefined;
  const { explainAadsts } = await import('../../failures/index.ts');
  for (const number of numbers.slice(0, 5)) {
    const known = explainAadsts(number, context);
    if (known) return { cause: `It hands on ${number} from Entra. ${known.meaning}.`, fix: known.fix };
  }
  return undefined;
}

/** Turns the answer of a managed identity endpoint into a token, or throws what it means. */
export async function readReply(
  reply: HttpReply,
  call: Call,
  { source, secrets, refusals, request }: Protocol,
  now: number,
): Promise<AcquiredToken> {
  const address = `${call.method} ${showEndpoint(call.url)}`;
  // App Service 2017 reports failures with status 200 and an ExceptionMessage (msrestazure handles the same); others do, too.
  if (reply.status === 200 && !isRefusal(reply.body)) return readToken(reply.body, now, address);

  const { explainRefusal, generalRefusals } = await import('../../failures/index.ts');
  const relayed = await relayedRefusal(reply, contextOf(request, source));
  const rows = relayed ? [relayed] : [...refusals, ...generalRefusals];
  const { explanation, ...details } = explainRefusal(reply, address, rows, { secrets, now, status: statusOf(reply) });
  throw errorOf(explanation, source, details);
}

/** A refusal that comes with 200 states another status itself, or is a plain "bad request". */
function statusOf({ status, body }: HttpReply): number {
  if (status !== 200) return status;
  const stated = ['statusCode', 'StatusCode', 'status'].map((name) => Number(field(parseJson(body), name)));
  return stated.find((each) => each >= 400 && each < 600) ?? 400;
}

function contextOf({ identity, scope }: TokenRequest, source: SourceName): AadstsContext {
  if (identity.kind === 'system-assigned' || identity.by !== 'clientId') return { source, scope };
  const settings = { clientId: identity.from, tenantId: 'AZURE_TENANT_ID' };
  return { source, scope, clientId: identity.id, settings };
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

/** Whether the service does not know the version of its protocol that was asked for. */
export function isUnsupportedVersion({ status, body }: HttpReply): boolean {
  return status >= 400 && /ApiVersion/i.test(refusalCode(parseJson(body)) ?? '');
}
