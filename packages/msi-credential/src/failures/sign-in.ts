// Why an application could not sign in to Entra: the file of its proof, Entra's refusal, somebody else's answer, or none.

import { type ErrorCode, formatFix } from '../codes.ts';
import type { ErrorDetails } from '../errors.ts';
import { mendProxy, proxyFor, showProxy } from '../http/proxy.ts';
import { noNameServer, retryAfterMs } from '../http/send.ts';
import type { HttpReply, NamedProxy } from '../io.ts';
import { isGuid, isPath, isTenant, showClientId, showId } from '../selection/environment.ts';
import { knownCloud } from '../sources/application/clouds.ts';
import type { Heard, SignIn } from '../sources/application/sign-in.ts';
import type { Explained } from '../sources/azure-identity.ts';
import { field, parseJson, textField } from '../tokens/read-token.ts';
import { explainAadsts, settingsOf } from './aadsts.ts';
import { chainOf, isUnavailable } from './azure-identity-error.ts';
import { type ConnectionFailure, connectionFailureOf, isProxyLost, proxySignIn } from './connection.ts';
import { harmlessCause } from './harmless-cause.ts';
import { redact } from './redact.ts';
import { readRefusal } from './refusal.ts';

/** A sign-in that has failed, and what is known of it. */
interface Failure {
  readonly error: unknown;
  readonly it: SignIn;
  readonly tenantId: string;
  readonly scope: string;
  /** Who was to sign in, where, and with what. */
  readonly who: string;
}

/**
 * Explains an error of `@azure/identity` by what was heard from Entra, and by its text only where nothing was: a refused
 * discovery and an untrusted certificate, say, are one "endpoints_resolution_error" in it.
 *
 * @param asked - The tenant that was asked, and for what.
 */
export function explainSignIn(
  error: unknown,
  signIn: SignIn,
  { tenantId, scope }: Pick<Failure, 'tenantId' | 'scope'>,
  heard: Heard,
  now: number,
): Explained {
  const it = { ...signIn, secrets: secretsOf(signIn, tenantId, heard) };
  const who = `application ${showClientId(it.application.clientId)} in tenant ${showId(tenantId)}, with ${it.proof}`;
  const failure = { error, it, tenantId, scope, who };
  if (it.file !== undefined && isOfFile(error)) return unusable(failure, it.file);
  const { url, outcome } = heard;
  if (url === undefined || outcome === undefined) return unasked(failure);
  if (outcome instanceof Error) return unreached(failure, new URL(url), outcome);
  const json = parseJson(outcome.body);
  if (outcome.status >= 400 && isOAuthError(json)) return refused(failure, outcome, now);
  const isOfToken = new URL(url).pathname.endsWith('/token');
  const isFine = isOfToken ? field(json, 'access_token') !== undefined : json !== undefined;
  if (outcome.status >= 300 || !isFine) return answeredByOther(failure, new URL(url), outcome, now);
  return unasked(failure, isOfToken);
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-5.2; what gateways say of themselves in JSON is in another form. */
function isOAuthError(json: unknown): boolean {
  return /^[a-z_]{1,60}$/.test(textField(json, 'error') ?? '');
}

/** With what was sent, and with ids that are none: they may have changed places with the secret, and Entra repeats them. */
function secretsOf({ secrets, application: { clientId } }: SignIn, tenantId: string, { sent }: Heard): string[] {
  const form = new URLSearchParams(typeof sent === 'string' ? sent : '');
  const proofs = ['client_secret', 'client_assertion'].flatMap((name) => form.getAll(name));
  return [...secrets, ...proofs, ...(isGuid(clientId) ? [] : [clientId]), ...(isTenant(tenantId) ? [] : [tenantId])];
}

function failed(code: ErrorCode, text: string, { error, it }: Failure, details: ErrorDetails): Explained {
  return { code, text, details: { cause: harmlessCause(error, it), ...details } };
}

/** It could not be opened or read, or is empty; `@azure/identity` wraps the one and lets the other through as it is. */
function isOfFile(error: unknown): boolean {
  return chainOf(error).some((each) => readErrorCode(each) !== undefined || isEmptyFile(each));
}

/** Not any `read`: that is the system call of a connection that is cut, too. */
function readErrorCode(error: Error): string | undefined {
  const { syscall, code } = error as NodeJS.ErrnoException;
  return syscall === 'open' || code === 'EISDIR' ? code : undefined;
}

function isEmptyFile({ message }: Error): boolean {
  return message.includes('No content on the file');
}

function unusable(failure: Failure, { variable, path, hint }: NonNullable<SignIn['file']>): Explained {
  const chain = chainOf(failure.error);
  const code = chain.map(readErrorCode).find((each) => each !== undefined);
  const what =
    code === undefined
      ? chain.some(isEmptyFile)
        ? 'is empty'
        : `cannot be used (${redact(String(chain[0]?.message), failure.it)})`
      : `could not be read (${code})`;
  if (isPath(path))
    return failed('ERR_FILE_UNREADABLE', `The file that ${variable} names ${what}: ${path}.`, failure, { hint });
  // The system's own error would quote it.
  const text = `The file that ${variable} names ${what}; its value is not shown, as it may be no path (${path.length} characters).`;
  return failed('ERR_FILE_UNREADABLE', text, failure, { hint, cause: undefined });
}

/**
 * Nothing was sent, or what came back was in order: the trouble is on this side, in a setting most likely. Before the token
 * is asked for, but after the discovery of a private authority, the key is at work: one that cannot be used is told by no
 * name, neither MSAL's nor `@azure/identity`'s, as Node or a library threw it.
 */
function unasked(failure: Failure, tokenWasAsked = false): Explained {
  const { error, it } = failure;
  const isOfKey = !tokenWasAsked && /^(Type)?Error$/.test(chainOf(error).at(-1)?.name ?? '');
  if (it.file !== undefined && isOfKey) return unusable(failure, it.file);
  const said = redact(error instanceof Error ? error.message : String(error), it);
  const text = `No token for ${failure.who}: ${said}.`;
  if (isUnavailable(error)) return failed('ERR_SETTING_INVALID', text, failure, { hint: 'Correct what it names.' });
  const hint = 'Entra did not refuse. AZURE_LOG_LEVEL=verbose shows what @azure/identity does.';
  return failed('ERR_REFUSED', text, failure, { hint });
}

const trust =
  'Its certificate is not trusted here, as behind a firewall that inspects TLS: start the program with NODE_EXTRA_CA_CERTS=/path/to/ca.pem.';

const certificateHints: Partial<Record<ConnectionFailure, string>> = {
  untrusted: trust,
  'self-signed': trust,
  'other-name':
    'Somebody else answers at that name, a proxy or a hosts entry: look where it leads (nslookup), and check AZURE_AUTHORITY_HOST.',
  'out-of-date': 'Check the clock of this machine (`timedatectl`); if it is right, a proxy shows an old certificate.',
  'not-tls': 'What answers does not speak TLS, a proxy most likely: check HTTPS_PROXY and AZURE_AUTHORITY_HOST.',
};

/** How the way to it is opened. */
function openWay({ it }: Failure, url: URL, proxy: NamedProxy | undefined): string {
  const open = proxy
    ? mendProxy(proxy, url)
    : `Allow outbound traffic to ${url.hostname}, port ${url.port || 443}, or set HTTPS_PROXY where a proxy is needed.`;
  return open + authorityNames(it, url.hostname);
}

/** A private authority may be a mistyped one. */
function authorityNames({ application }: SignIn, hostname: string): string {
  const known = knownCloud(application.authorityHost) !== undefined;
  return known ? '' : ` AZURE_AUTHORITY_HOST (or the option authorityHost) names ${hostname}: see that it is right.`;
}

function unreached(failure: Failure, url: URL, outcome: Error): Explained {
  const reason = (outcome as NodeJS.ErrnoException).code ?? outcome.name;
  const kind = connectionFailureOf(reason);
  const code = kind === 'no-answer' ? 'ERR_TIMEOUT' : 'ERR_UNREACHABLE';
  const proxy = proxyOf(url);
  const lost = proxy !== undefined && isProxyLost(proxy, kind, outcome.message);
  const whom = lost ? `Entra at ${url.origin}, by ${showProxy(proxy)},` : `Entra at ${url.origin}`;
  const dns = kind === 'no-name-server' ? `${noNameServer} ` : '';
  const hint = (kind && certificateHints[kind]) ?? dns + openWay(failure, url, proxy);
  return failed(code, `${whom} could not be reached (${reason}), for ${failure.who}.`, failure, { hint });
}

/** One that cannot be used has been told before anything was asked. */
function proxyOf(url: URL): NamedProxy | undefined {
  const choice = proxyFor(url);
  return 'problem' in choice ? undefined : choice.proxy;
}

function refused(failure: Failure, reply: HttpReply, now: number): Explained {
  const { it, tenantId, scope, who } = failure;
  const { error, error_description, correlation_id } = parseJson(reply.body) as Record<string, unknown>;
  // Nothing else of it is Entra's own.
  const body = JSON.stringify({ error, error_description, correlation_id });
  const { text } = readRefusal({ ...reply, body }, it.secrets);
  const said = typeof error_description === 'string' ? error_description : '';
  const aadsts = /AADSTS\d{1,9}/.exec(said)?.[0] ?? '';
  const known = explainAadsts(aadsts, { clientId: it.application.clientId, tenantId, source: it.source, said, scope });
  const meaning = known ? `: ${known.meaning.charAt(0).toLowerCase()}${known.meaning.slice(1)}` : '';
  const advice = (known && formatFix(known.fix)) ?? (reply.status >= 500 ? outage : undefined);
  const hint = [notAnId(it), advice].filter((each) => each !== undefined).join(' ') || undefined;
  const details = { status: reply.status, retryAfterMs: retryAfterMs(reply, now), hint };
  const code = reply.status === 429 ? 'ERR_THROTTLED' : 'ERR_REFUSED';
  return failed(code, `Entra refused ${who}${meaning}. It answered ${text}.`, failure, details);
}

function notAnId({ source, application: { clientId } }: SignIn): string | undefined {
  if (isGuid(clientId)) return undefined;
  return `${settingsOf(source).clientId} is not a GUID, as application (client) ids are: see whether it has changed places with the secret or the tenant.`;
}

const outage = 'Entra itself failed: try again in some minutes, and look at https://azure.status.microsoft.';

/** A page of a proxy, a gateway's own refusal, an answer that breaks off: of its words none is repeated. */
function answeredByOther(failure: Failure, url: URL, reply: HttpReply, now: number): Explained {
  const { status } = reply;
  const proxy = proxyOf(url);
  const whom = proxy
    ? `In place of ${url.origin}, ${showProxy(proxy)}${status === 407 ? '' : ' or a gateway behind it'}`
    : url.origin;
  const { hostname, port } = url;
  const another = `set ${proxy ? 'NO_PROXY' : 'HTTPS_PROXY or NO_PROXY'} to go another way.${authorityNames(failure.it, hostname)}`;
  const opened = `Entra answers in another form: a proxy or gateway gave this. Have it let ${hostname}, port ${port || 443}, through, or ${another}`;
  const hint = status === 407 ? proxySignIn(proxy) : opened;
  const code = status === 429 ? 'ERR_THROTTLED' : status < 300 ? 'ERR_RESPONSE_MALFORMED' : 'ERR_REFUSED';
  return failed(code, `${whom} answered ${status} ${describeBody(reply)}, to ${failure.who}.`, failure, {
    status,
    retryAfterMs: retryAfterMs(reply, now),
    ...(status !== 429 && { hint }),
  });
}

function describeBody({ headers, body }: HttpReply): string {
  if (body === '') return 'with an empty body';
  const type = /^[\w.+-]{1,40}\/[\w.+-]{1,60}/.exec(headers['content-type'] ?? '')?.[0];
  return `with ${body.length} characters ${type === undefined ? 'of no named type' : `of ${type}`}`;
}
