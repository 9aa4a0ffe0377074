// What the sources share that prove an application to Entra with somebody else's token.
// https://learn.microsoft.com/entra/workload-id/workload-identity-federation
import type { Fix } from '../../codes.ts';
import { errorOf } from '../../errors.ts';
import { mendProxy, proxyTo } from '../../http/proxy.ts';
import { type Call, localServicePolicy, noNameServer, type SendPolicy, send } from '../../http/send.ts';
import type { Io } from '../../io.ts';
import { parseJson, textField } from '../../tokens/read-token.ts';
import type { AcquiredToken, SourceName, TokenRequest } from '../../types.ts';
import { type SignIn, signIn } from './sign-in.ts';

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
  /** The variables with the address and with that token. */
  readonly variables: { readonly url: string; readonly secret: string };
  /** Where it reports its outages. */
  readonly statusPage: string;
  /** What a job needs to get a token. */
  readonly fix: readonly Fix[];
}

/** Neither service documents when to ask again. */
const policy: SendPolicy = {
  ...localServicePolicy,
  networkPausesMs: [500, 1_000, 2_000, 4_000],
  tryTimeoutMs: 15_000,
};

/** Asks a build service for the OIDC token of this job. The service is public, so the machine's proxy is used. */
export async function requestOidcToken(call: Call, service: OidcService, signal: AbortSignal, io: Io): Promise<string> {
  const proxied = { ...call, proxy: proxyTo(call.url) };
  const unreachedHint = (code: string) => unreached(code, proxied);
  const reply = await send(io, proxied, { ...policy, unreachedHint }, signal);
  const token = reply.status === 200 ? textField(parseJson(reply.body), service.field) : undefined;
  if (token !== undefined) return token;
  const { explainOidc } = await import('../../failures/index.ts');
  const { explanation, ...details } = explainOidc(reply, proxied, service, io.now());
  throw errorOf(explanation, service.source, details);
}

function unreached(code: string, { url, proxy }: Call): string | undefined {
  if (code === 'EAI_AGAIN') return noNameServer;
  const password = code === 'ERR_PROXY_TUNNEL' ? ' Status 407 asks for a name and a password in the variable.' : '';
  return proxy && mendProxy(proxy, url) + password;
}
