// What the sources share that prove an application to Entra with somebody else's token.
// https://learn.microsoft.com/entra/workload-id/workload-identity-federation
import type { Fix } from '../../codes.ts';
import { errorOf } from '../../errors.ts';
import type { OidcService } from '../../failures/oidc.ts';
import { mendProxy, proxyTo } from '../../http/proxy.ts';
import { type Call, localServicePolicy, noNameServer, type SendPolicy, send } from '../../http/send.ts';
import { parseJson, textField } from '../../tokens/read-token.ts';
import type { AcquiredToken, Flight, TokenRequest } from '../../types.ts';
import type { Application } from './application.ts';
import { type SignIn, signIn } from './sign-in.ts';

/** Somebody else's token, which proves the application. */
export interface Assertion extends Pick<SignIn, 'source' | 'proof'> {
  get(): Promise<string>;
}

/** Gets a fresh assertion and exchanges it for the application's token. */
export async function acquireWithAssertion(
  application: Application,
  { get, ...names }: Assertion,
  request: TokenRequest,
  flight: Flight,
): Promise<AcquiredToken> {
  const { tenantId, clientId } = application;
  const create: SignIn['create'] = async ({ ClientAssertionCredential }, options) => {
    // Here and not in the callback: `@azure/identity` would wrap its errors, and their codes would be lost.
    const assertion = await get();
    return new ClientAssertionCredential(tenantId, clientId, async () => assertion, options);
  };
  return signIn({ ...names, application, secrets: [], create }, request, flight);
}

/** Neither service documents when to ask again. */
const policy: SendPolicy = {
  ...localServicePolicy,
  mayBeStarting: false,
  networkPausesMs: [500, 1_000, 2_000, 4_000],
  tryTimeoutMs: 15_000,
};

/** How a job asks its build service for an OIDC token, and what the service is called in messages. */
export interface OidcRequest {
  readonly call: Call;
  readonly service: OidcService;
  readonly proof: string;
}

/** Gets an OIDC token of this job for each exchange: it lives for minutes (Azure/login#180). */
export function acquireWithOidcToken(
  application: Application,
  { call, service, proof }: OidcRequest,
  request: TokenRequest,
  flight: Flight,
): Promise<AcquiredToken> {
  const get = () => requestOidcToken(call, service, flight);
  return acquireWithAssertion(application, { source: service.source, proof, get }, request, flight);
}

/** The service is public, so the machine's proxy is used. */
async function requestOidcToken(call: Call, service: OidcService, flight: Flight): Promise<string> {
  const proxied = { ...call, proxy: proxyTo(call.url) };
  const onUnreachable = (code: string) => mendWay(code, proxied);
  const reply = await send(proxied, { ...policy, onUnreachable }, flight);
  const token = reply.status === 200 ? textField(parseJson(reply.body), service.field) : undefined;
  if (token !== undefined) return token;
  const { explainOidc } = await import('../../failures/index.ts');
  const { explanation, ...details } = explainOidc(reply, proxied, service, flight.io.now());
  throw errorOf(explanation, service.source, details);
}

function mendWay(code: string, { url, proxy }: Call): readonly Fix[] | undefined {
  if (code === 'EAI_AGAIN') return [{ text: noNameServer }];
  if (proxy === undefined) return undefined;
  const password = { text: `Status 407 asks for a name and a password in ${proxy.variable}.` };
  return [{ text: mendProxy(proxy, url) }, ...(code === 'ERR_PROXY_TUNNEL' ? [password] : [])];
}
