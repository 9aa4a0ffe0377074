// Why a build service gave its job no OIDC token: its own refusal, a sign-in page, or somebody else's answer.
import type { ErrorCode } from '../codes.ts';
import { showEndpoint } from '../http/endpoint.ts';
import { type Call, retryAfterMs } from '../http/send.ts';
import type { HttpReply } from '../io.ts';
import type { OidcService } from '../sources/application/client-assertion.ts';
import type { Explained } from '../sources/azure-identity.ts';
import { proxySignIn } from './connection.ts';
import { readRefusal } from './refusal.ts';

/** Explains an answer without a token. */
export function explainOidc(reply: HttpReply, call: Call, service: OidcService, now: number): Explained {
  const { status } = reply;
  const refusal = readRefusal(reply, [service.secret]);
  const edge = edgeRef.exec(reply.headers['x-msedge-ref'] ?? '')?.[0].replaceAll(service.secret, '***');
  const said = edge === undefined ? refusal.text : `${refusal.text} (x-msedge-ref ${edge})`;
  return {
    code: codeOf(status),
    text: `The OIDC service of ${service.title} (${call.method} ${showEndpoint(call.url)}) answered ${said}.`,
    details: { status, retryAfterMs: retryAfterMs(reply, now), hint: hintFor(reply, call, service) },
  };
}

function codeOf(status: number): ErrorCode {
  if (status === 429) return 'ERR_THROTTLED';
  return status < 300 ? 'ERR_RESPONSE_MALFORMED' : 'ERR_REFUSED';
}

/** Azure DevOps' support asks for it (MicrosoftDocs/vsts-rest-api-specs#709). In no other shape: it may be the job's token. */
const edgeRef = /^Ref A: [\dA-F-]{32,36}( Ref B: [\dA-Z]{1,20} Ref C: [\dT:.-]{10,30}Z)?$/i;

function hintFor({ status, body }: HttpReply, { url, proxy }: Call, service: OidcService): string | undefined {
  const { title, variables, hint, statusPage } = service;
  const token = `${title} did not accept ${variables.secret}, which is good for one job and while it runs: run the job anew.`;
  if (status === 429) return undefined;
  if (status === 407) return proxySignIn(proxy);
  if (status >= 500) return `${title} failed, or a gateway on the way: run the job anew, and look at ${statusPage}.`;
  if (status >= 300 && status < 400)
    return `It leads elsewhere, to a sign-in page as a rule, and is not followed. ${token}`;
  if (status === 404) return `Check that nothing overrides ${variables.url}. ${hint}`;
  if (status === 401) return `${token} ${hint}`;
  if (!/^\s*</.test(body)) return hint;
  const gateway = `${proxy ? `the proxy of ${proxy.variable}` : 'a proxy'} or a gateway, which has to let ${url.hostname}, port 443, through`;
  return status < 300
    ? `A page came in place of a token: one to sign in at, or one of ${gateway}. ${token}`
    : `A page came in place of an answer: it is of ${gateway}. ${hint}`;
}
