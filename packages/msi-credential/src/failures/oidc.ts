// Why a build service gave its job no OIDC token: its own refusal, a sign-in page, or somebody else's answer.
import type { Fix } from '../codes.ts';
import type { Failure } from '../errors.ts';
import { showEndpoint } from '../http/endpoint.ts';
import type { Call } from '../http/send.ts';
import type { HttpReply } from '../io.ts';
import { page } from '../tokens/read-token.ts';
import type { SourceName } from '../types.ts';
import { proxySignIn } from './connection.ts';
import { explainRefusal, isRedirect, isServerError, type RefusalRow } from './refusal.ts';

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

/** Explains an answer without a token. */
export function explainOidc(reply: HttpReply, call: Call, service: OidcService, now: number): Failure {
  const sender = `The OIDC service of ${service.title} (${call.method} ${showEndpoint(call.url)})`;
  return explainRefusal(reply, sender, refusalsOf(service, call), { secrets: [service.secret], now });
}

/** Neither service documents the bodies of its refusals, so the status decides. */
function refusalsOf({ title, variables, fix, statusPage }: OidcService, { url, proxy }: Call): readonly RefusalRow[] {
  const isSuccess = (status: number) => status < 300;
  const rejected = `${title} did not accept ${variables.secret}`;
  const runAgain = { text: `${variables.secret} is valid only while its job runs. Run the job again.` };
  const sender = proxy ? `the proxy of ${proxy.variable}` : 'a proxy';
  const letThrough = { text: `If ${sender} or a gateway sent the page, let ${url.hostname}, port 443, through.` };
  return [
    { status: 429, gives: 'ERR_THROTTLED' },
    { status: 407, fix: [{ text: proxySignIn(proxy) }] },
    {
      status: isServerError,
      cause: `${title} or a gateway on the way failed.`,
      fix: [{ text: `Run the job again, and look at ${statusPage}.` }],
    },
    {
      status: isRedirect,
      cause: `Redirects are not followed. This one usually leads to a sign-in page, because ${rejected}.`,
      fix: [runAgain],
    },
    { status: 404, fix: [{ text: `Check that nothing overrides ${variables.url}.` }, ...fix] },
    { status: 401, cause: `${rejected}.`, fix: [runAgain, ...fix] },
    {
      status: isSuccess,
      body: page,
      gives: 'ERR_RESPONSE_MALFORMED',
      cause: `A page came instead of a token. If it is a sign-in page, ${rejected}.`,
      fix: [runAgain, letThrough],
    },
    { status: isSuccess, gives: 'ERR_RESPONSE_MALFORMED', fix },
    { body: page, cause: 'A page came instead of an answer.', fix: [letThrough, ...fix] },
    { fix },
  ];
}
