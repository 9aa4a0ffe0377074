// Why an application could not sign in to Entra: its file, Entra's refusal, somebody else's answer, or no answer.
import { type ErrorCode, type Explanation, explain, type Fix } from '../codes.ts';
import type { Failure } from '../errors.ts';
import { retryAfterMs } from '../http/send.ts';
import type { HttpReply } from '../io.ts';
import { isGuid, isPath, isTenant, showClientId, showId } from '../selection/environment.ts';
import { field, parseJson, textField } from '../tokens/read-token.ts';
import type { SourceName } from '../types.ts';
import { explainAadsts } from './aadsts.ts';
import { assertionSent } from './assertion.ts';
import { chainOf, isUnavailable } from './azure-identity-error.ts';
import { harmlessCause } from './harmless-cause.ts';
import { isAboutFile, type ProofFile, unusableFile } from './proof-file.ts';
import { redact } from './redact.ts';
import { isServerError, readRefusal } from './refusal.ts';
import { explainOtherAnswer, explainUnreached } from './sign-in-network.ts';

/** Who signs in to Entra, and with what. */
export interface SignInSubject {
  readonly source: SourceName;
  readonly application: {
    readonly clientId: string;
    readonly tenantId: string;
    readonly authorityHost: string;
    readonly from: Record<'clientId' | 'tenantId' | 'authorityHost', string>;
  };
  /** What it proves itself with, for messages: `GitHub's OIDC token`. */
  readonly proof: string;
  readonly file?: ProofFile;
  /** What no message may repeat, even if an answer does. */
  readonly secrets: readonly string[];
}

/** The last exchange with Entra. */
export interface LastExchange {
  readonly url: string;
  /** The form that was sent, with the secret or the assertion in it. */
  readonly form: unknown;
  readonly outcome: HttpReply | Error;
}

/** A sign-in that failed, and what is known of it. */
export interface FailedSignIn {
  readonly signIn: SignInSubject;
  /** What `@azure/identity` threw. */
  readonly error: unknown;
  /** Undefined if nothing was sent. */
  readonly lastExchange: LastExchange | undefined;
  readonly tenantId: string;
  readonly scope: string;
  readonly now: number;
}

/** What the explanations share. */
interface Context extends FailedSignIn {
  /** What no message may repeat. */
  readonly secrets: readonly string[];
  /** Who was to sign in, where, and with what. */
  readonly subject: string;
  /** False where the value in the file's variable may be a secret. */
  readonly isPathShown: boolean;
}

/**
 * Explains an error of `@azure/identity` by the last exchange with Entra, and by the error's text only where there was none.
 * The error says little: a refused discovery and an untrusted certificate are both "endpoints_resolution_error".
 */
export function explainSignIn(failed: FailedSignIn): Failure {
  const { signIn, error, lastExchange, tenantId, now } = failed;
  const secrets = secretsOf(failed);
  const subject = `application ${showClientId(signIn.application.clientId)} in tenant ${showId(tenantId)}, with ${signIn.proof}`;
  const isPathShown = signIn.file === undefined || isPath(signIn.file.path);
  const explanation = explainWithin({ ...failed, secrets, subject, isPathShown });
  const isAboutPath = explanation.code === 'ERR_FILE_UNREADABLE';
  const outcome = explanation.status === undefined ? undefined : lastExchange?.outcome;
  return {
    explanation,
    // The system's own error quotes the path.
    cause: isAboutPath && !isPathShown ? undefined : harmlessCause(error, { secrets }),
    retryAfterMs: outcome === undefined || outcome instanceof Error ? undefined : retryAfterMs(outcome, now),
  };
}

function explainWithin(context: Context): Explanation<ErrorCode> {
  const { signIn, error, lastExchange, subject } = context;
  if (signIn.file !== undefined && isAboutFile(error)) return unusableFile(context, signIn.file);
  if (lastExchange === undefined) return notRefused(context, false);
  const { outcome } = lastExchange;
  const url = new URL(lastExchange.url);
  const { authorityHost, from } = signIn.application;
  // A discovery document chose it, and a host's name can hold anything.
  const isKept = redact(url.hostname, { secrets: context.secrets }) === url.hostname;
  const request = { subject, authorityHost, setting: from.authorityHost, url: isKept ? url : new URL(authorityHost) };
  if (outcome instanceof Error) return explainUnreached(request, outcome);
  const json = parseJson(outcome.body);
  if (outcome.status >= 400 && isOAuthError(json)) return refused(context, outcome);
  const isToken = url.pathname.endsWith('/token');
  const isComplete = isToken ? field(json, 'access_token') !== undefined : json !== undefined;
  return outcome.status >= 300 || !isComplete ? explainOtherAnswer(request, outcome) : notRefused(context, isToken);
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-5.2; what gateways say of themselves in JSON has another form. */
function isOAuthError(json: unknown): boolean {
  return /^[a-z_]{1,60}$/.test(textField(json, 'error') ?? '');
}

/**
 * The secrets, the proof that was sent, and ids in the wrong shape: they may have changed places with the secret, and Entra
 * repeats ids.
 */
function secretsOf({ signIn, tenantId, lastExchange }: FailedSignIn): string[] {
  const { secrets, application } = signIn;
  const proofs = ['client_secret', 'client_assertion'].flatMap((name) => formOf(lastExchange).getAll(name));
  const ids = [isGuid(application.clientId) ? [] : application.clientId, isTenant(tenantId) ? [] : tenantId];
  return [...secrets, ...proofs, ...ids.flat()];
}

function formOf(exchange: LastExchange | undefined): URLSearchParams {
  return new URLSearchParams(typeof exchange?.form === 'string' ? exchange.form : '');
}

/**
 * Nothing was sent, or the answers were in order: the fault is on this side, most likely in a setting. After the discovery
 * of a private authority and before the token request, the certificate's key is used. An unusable key gives an error
 * without a name of its own, as Node or a library threw it.
 */
function notRefused(context: Context, isTokenRequested: boolean): Explanation<ErrorCode> {
  const { error, signIn, secrets, subject } = context;
  const isAboutKey = !isTokenRequested && /^(Type)?Error$/.test(chainOf(error).at(-1)?.name ?? '');
  if (signIn.file !== undefined && isAboutKey) return unusableFile(context, signIn.file);
  const said = redact(error instanceof Error ? error.message : String(error), { secrets });
  const happened = `No token for ${subject}: ${said}.`;
  return isUnavailable(error)
    ? explain('ERR_SETTING_INVALID', happened, { fix: [{ text: 'Correct the setting that it names.' }] })
    : explain('ERR_REFUSED', happened, {
        fix: [{ text: 'Entra did not refuse. Set AZURE_LOG_LEVEL=verbose to see what @azure/identity does.' }],
      });
}

function refused(context: Context, reply: HttpReply): Explanation<ErrorCode> {
  const { signIn, tenantId, scope, subject, secrets, lastExchange } = context;
  const { source, application } = signIn;
  const { error, error_description, correlation_id } = parseJson(reply.body) as Record<string, unknown>;
  // Entra sends no other field.
  const body = JSON.stringify({ error, error_description, correlation_id });
  const { text } = readRefusal({ ...reply, body }, secrets);
  const number = /AADSTS\d{1,9}/.exec(typeof error_description === 'string' ? error_description : '')?.[0] ?? '';
  const { clientId, from } = application;
  // A request may name another tenant than the configured one, as a vault's challenge does.
  const isOwnTenant = tenantId === application.tenantId;
  const settings = { ...from, tenantId: isOwnTenant ? from.tenantId : 'the tenant of the request' };
  // Whoever answers chooses its words. What we sent is known.
  const assertion = assertionSent(formOf(lastExchange).get('client_assertion') ?? undefined);
  const known = explainAadsts(number, { clientId, tenantId, settings, source, assertion, scope });
  const advice = known?.fix ?? (isServerError(reply.status) ? outage : []);
  const fix = [...checkClientId(signIn), ...advice];
  const code = reply.status === 429 ? 'ERR_THROTTLED' : 'ERR_REFUSED';
  const happened = `Entra refused ${subject}. ${known ? `${known.meaning}. ` : ''}It answered ${text}.`;
  return explain(code, happened, { fix: fix.length === 0 ? undefined : fix, status: reply.status });
}

const outage = [
  { text: 'Entra itself failed. Try again in a few minutes, and look at https://azure.status.microsoft.' },
];

function checkClientId({ application: { clientId, from } }: SignInSubject): readonly Fix[] {
  if (isGuid(clientId)) return [];
  const text = `The client id (from ${from.clientId}) is not a GUID, but application (client) ids are. Check whether it changed places with the secret or the tenant.`;
  return [{ text }];
}
