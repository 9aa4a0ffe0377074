// What the sources share that prove an application to Entra with somebody else's token.
// https://learn.microsoft.com/entra/workload-id/workload-identity-federation
import { credentialError, type ErrorCode } from '../errors.ts';
import type { Io } from '../io.ts';
import type { AcquiredToken, SourceName, TokenRequest } from '../types.ts';
import { showEndpoint } from './endpoint.ts';
import { type SignIn, signIn } from './entra.ts';
import { type Call, localServicePolicy, retryAfterMs, type SendPolicy, send } from './send.ts';
import { parseJson, textField } from './token-response.ts';

/** Gets a fresh assertion and exchanges it for the application's token. */
export async function acquireWithAssertion(
  application: SignIn['application'],
  names: Pick<SignIn, 'source' | 'proof'>,
  getAssertion: () => Promise<string>,
  request: TokenRequest,
  io: Io,
): Promise<AcquiredToken> {
  const { tenantId = '', clientId } = application;
  const create: SignIn['create'] = async ({ ClientAssertionCredential }, options) => {
    // Here and not in the callback: `@azure/identity` would wrap its errors, and their codes would be lost.
    const assertion = await getAssertion();
    return new ClientAssertionCredential(tenantId, clientId, async () => assertion, options);
  };
  return signIn({ ...names, application, secrets: [], create }, request, io);
}

/** What is particular to a build service that gives its jobs OIDC tokens. */
export interface OidcService {
  readonly source: SourceName;
  readonly title: string;
  /** The field of the answer with the token. */
  readonly field: string;
  /** The bearer token of the request, which no message may repeat. */
  readonly secret: string;
  readonly hint: string;
}

/** Neither service documents when to ask again. They are public ones, so the proxy of the machine is used. */
const policy: SendPolicy = {
  ...localServicePolicy,
  networkPausesMs: [500, 1_000, 2_000, 4_000],
  tryTimeoutMs: 15_000,
  refusedHint: undefined,
};

/** Asks a build service for the OIDC token of this job. */
export async function requestOidcToken(call: Call, service: OidcService, signal: AbortSignal, io: Io): Promise<string> {
  const reply = await send(io, { ...call, viaProxy: true }, policy, signal);
  const token = reply.status === 200 ? textField(parseJson(reply.body), service.field) : undefined;
  if (token !== undefined) return token;
  const { readRefusal } = await import('./refusal.ts');
  const refusal = readRefusal(reply, [service.secret]);
  // Azure DevOps' support asks for it (MicrosoftDocs/vsts-rest-api-specs#709).
  const edge = reply.headers['x-msedge-ref']?.replaceAll(service.secret, '***').slice(0, 200);
  const said = edge === undefined ? refusal.text : `${refusal.text} (x-msedge-ref ${edge})`;
  const whence = `The OIDC service of ${service.title} (${call.method} ${showEndpoint(call.url)})`;
  throw credentialError(codeOf(reply.status), `${whence} answered ${said}.`, {
    source: service.source,
    status: reply.status,
    retryAfterMs: retryAfterMs(reply, io.now()),
    hint: service.hint,
  });
}

function codeOf(status: number): ErrorCode {
  if (status === 429) return 'ERR_THROTTLED';
  return status === 200 ? 'ERR_RESPONSE_MALFORMED' : 'ERR_REFUSED';
}
