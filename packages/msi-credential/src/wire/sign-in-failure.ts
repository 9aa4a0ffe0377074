// Why an application could not sign in to Entra: the file of its proof, Entra's refusal, somebody else's answer, or none.
import type { ErrorCode, ErrorDetails } from '../errors.ts';
import type { HttpReply } from '../io.ts';
import { explainAadsts, settingsOf } from './aadsts.ts';
import type { Explained } from './azure-identity.ts';
import { chainOf, isUnavailable } from './azure-identity-error.ts';
import { type ConnectionFailure, connectionFailureOf, proxyPassword } from './connection-failure.ts';
import type { Heard, SignIn } from './entra.ts';
import { isGuid, isPath, isTenant, showClientId, showId } from './environment.ts';
import { harmlessCause } from './harmless-cause.ts';
import { redact } from './redact.ts';
import { readRefusal } from './refusal.ts';
import { retryAfterMs } from './send.ts';
import { field, parseJson, textField } from './token-response.ts';

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
  const { url, outcome } = heard;
  // A key that cannot be used is told by no name, neither MSAL's nor @azure/identity's: Node or a library threw it.
  const isOfKey = url === undefined && /^(Type)?Error$/.test(chainOf(error).at(-1)?.name ?? '');
  if (it.file !== undefined && (isOfKey || isOfFile(error))) return unusable(failure, it.file);
  if (url === undefined || outcome === undefined) return unasked(failure);
  if (outcome instanceof Error) return unreached(failure, new URL(url), outcome);
  const json = parseJson(outcome.body);
  if (outcome.status >= 400 && textField(json, 'error') !== undefined) return refused(failure, outcome, now);
  const isFine = new URL(url).pathname.endsWith('/token')
    ? field(json, 'access_token') !== undefined
    : json !== undefined;
  return outcome.status < 300 && isFine ? unasked(failure) : answeredByOther(failure, new URL(url), outcome, now);
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

/** Nothing was sent, or what came back was in order: the trouble is on this side, in a setting most likely. */
function unasked(failure: Failure): Explained {
  const said = redact(failure.error instanceof Error ? failure.error.message : String(failure.error), failure.it);
  const text = `No token for ${failure.who}: ${said}.`;
  if (isUnavailable(failure.error))
    return failed('ERR_SETTING_INVALID', text, failure, { hint: 'Correct what it names.' });
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

const letThrough = (hostname: string, port: string) =>
  `Allow outbound traffic to ${hostname}, port ${port || 443}, or set HTTPS_PROXY where a proxy is needed; if AZURE_AUTHORITY_HOST is set, check it.`;

function unreached(failure: Failure, { origin, hostname, port }: URL, outcome: Error): Explained {
  const reason = (outcome as NodeJS.ErrnoException).code ?? outcome.name;
  const code = connectionFailureOf(reason) === 'no-answer' ? 'ERR_TIMEOUT' : 'ERR_UNREACHABLE';
  const kind = connectionFailureOf(reason);
  const hint = (kind && certificateHints[kind]) ?? letThrough(hostname, port);
  return failed(code, `Entra at ${origin} could not be reached (${reason}), for ${failure.who}.`, failure, { hint });
}

function refused(failure: Failure, reply: HttpReply, now: number): Explained {
  const { it, tenantId, scope, who } = failure;
  const { text } = readRefusal(reply, it.secrets);
  const said = textField(parseJson(reply.body), 'error_description') ?? '';
  const aadsts = /AADSTS\d{1,9}/.exec(said)?.[0] ?? '';
  const known = explainAadsts(aadsts, { clientId: it.application.clientId, tenantId, source: it.source, said, scope });
  const meaning = known ? `: ${known.meaning.charAt(0).toLowerCase()}${known.meaning.slice(1)}` : '';
  const advice = known?.hint ?? (reply.status >= 500 ? outage : undefined);
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

/** A page of a proxy, a gateway's own refusal, an answer that breaks off. */
function answeredByOther(failure: Failure, { origin, hostname, port }: URL, reply: HttpReply, now: number): Explained {
  const { status } = reply;
  const hint =
    status === 407
      ? proxyPassword
      : `Entra answers in another form: a proxy or gateway gave this. Have it let ${hostname}, port ${port || 443}, through, or set HTTPS_PROXY or NO_PROXY to go another way.`;
  const code = status === 429 ? 'ERR_THROTTLED' : status < 300 ? 'ERR_RESPONSE_MALFORMED' : 'ERR_REFUSED';
  const text = `${origin} answered ${readRefusal(reply, failure.it.secrets).text}, to ${failure.who}.`;
  return failed(code, text, failure, {
    status,
    retryAfterMs: retryAfterMs(reply, now),
    ...(status !== 429 && { hint }),
  });
}
