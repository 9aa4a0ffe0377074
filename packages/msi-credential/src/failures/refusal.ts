// What a service says when it refuses, as far as it may be repeated, and what that means.
import { type ErrorCode, explain, type Fix } from '../codes.ts';
import type { Failure } from '../errors.ts';
import { retryAfterMs } from '../http/send.ts';
import type { HttpReply } from '../io.ts';
import { field, isProse, page, parseJson, refusalCode, refusalMessage, textField } from '../tokens/read-token.ts';
import { explainAadsts } from './aadsts.ts';
import { redact, traceIdIn } from './redact.ts';

/** A refusal in the service's own words. */
export interface Refusal {
  /** The service's own code. */
  readonly code?: string | undefined;
  /** Status, code, message and ids, as the end of a sentence. */
  readonly text: string;
}

/**
 * Reads a refusal in any of the shapes that Azure's endpoints use: flat OAuth, nested, App Service's, plain text, HTML,
 * nothing. It quotes known fields only, shortened, and without the secrets or anything that could be a token.
 */
export function readRefusal(reply: HttpReply, secrets: readonly string[] = []): Refusal {
  const json = parseJson(reply.body);
  const code = refusalCode(json);
  const { message, correlationId = reply.headers['x-ms-request-id'] ?? reply.headers['x-vss-e2eid'] } = read(json);
  const words = [code, message ?? (code === undefined ? plainText(reply, json) : undefined)];
  const quoted = words.flatMap((part) => redact(part ?? '', { secrets }) || []).join(': ');
  const id = traceIdIn(correlationId, { secrets });
  const edge = edgeRefIn(reply, secrets);
  const pause = /^\d{1,6}$/.exec(reply.headers['retry-after'] ?? '')?.[0];
  const text = [
    quoted === '' ? `${reply.status} with no details` : `${reply.status}, ${quoted}`,
    id && ` (correlation id ${id})`,
    edge && ` (x-msedge-ref ${edge})`,
    pause && `, and asks for a pause of ${pause} s`,
  ];
  return { code: code && redact(code, { secrets }), text: text.filter(Boolean).join('') };
}

function read(json: unknown): { readonly message: string | undefined; readonly correlationId: string | undefined } {
  const error = field(json, 'error');
  const nested = typeof error === 'object' ? error : json;
  // Entra's text ends with ids and the time. The message has one id, the one that support asks for.
  const [description, ending = ''] = textField(json, 'error_description')?.split(/(?=Trace ID: )/) ?? [];
  return {
    message: description ?? refusalMessage(json),
    correlationId:
      textField(nested, 'correlationId') ??
      textField(json, 'CorrelationId') ??
      textField(json, 'correlation_id') ??
      /^.{0,200}Correlation ID: ([\w-]{1,64})/s.exec(ending)?.[1],
  };
}

/** Azure DevOps' support asks for it (MicrosoftDocs/vsts-rest-api-specs#709). In any other shape it may be a secret. */
function edgeRefIn({ headers }: HttpReply, secrets: readonly string[]): string | undefined {
  const shape = /^Ref A: [\dA-F-]{32,36}( Ref B: [\dA-Z]{1,20} Ref C: [\dT:.-]{10,30}Z)?$/i;
  const ref = shape.exec(headers['x-msedge-ref'] ?? '')?.[0];
  return ref === undefined || redact(ref, { secrets }) !== ref ? undefined : ref;
}

function plainText(reply: HttpReply, json: unknown): string | undefined {
  const text = reply.body.trim();
  if (text === '') return undefined;
  // Almost JSON, or a success without a token: it may hold a token, so only its size is shown.
  if (json !== undefined || (reply.status < 300 && !isProse(text)) || /^[{[]|access_token/i.test(text))
    return `${text.length} characters`;
  if (text.startsWith('<')) return `an HTML page (a proxy?), ${text.length} characters`;
  return text;
}

/** A known refusal. A row fits when all of its conditions hold; a row without conditions always fits. */
export interface RefusalRow {
  readonly status?: number | readonly number[] | ((status: number) => boolean);
  /** The service's own code. A pattern sees an empty text where there is no code. */
  readonly code?: string | RegExp;
  readonly body?: RegExp;
  /** Default: `ERR_REFUSED`. */
  readonly gives?: ErrorCode;
  /** What the answer means, as a sentence. */
  readonly cause?: string;
  /** Default: the code's own advice. */
  readonly fix?: readonly Fix[];
}

export const isRedirect = (status: number) => status >= 300 && status < 400;
export const isServerError = (status: number) => status >= 500;

/** What an answer of a managed identity endpoint means where the source has no row of its own. */
export const generalRefusals: readonly RefusalRow[] = [
  { status: 429, gives: 'ERR_THROTTLED' },
  {
    status: isRedirect,
    cause: "Redirects are not followed, because the host's secret would go along.",
    fix: [{ text: "Check the endpoint's address." }],
  },
  {
    body: page,
    cause: "Something else answered in the service's place, such as a proxy.",
    fix: [{ text: "Check the endpoint's address and what stands in between." }],
  },
  {
    status: 404,
    cause: 'Nothing is served at that path.',
    fix: [{ text: "Check the endpoint's address." }],
  },
  {
    status: 400,
    fix: [{ text: "If the answer does not say why, check the path of the endpoint's address and what answers there." }],
  },
  {
    status: isServerError,
    cause: 'The service on this host failed.',
    fix: [{ text: 'If it keeps failing, restart the host.' }],
  },
];

/** What is known besides the answer. */
interface RefusalContext {
  readonly secrets: readonly string[];
  readonly now: number;
  /** What its status should have been, where it is not the one that came. */
  readonly status?: number | undefined;
}

/**
 * Explains a refusal by the first row that fits.
 *
 * @param sender - Who answered, as the beginning of a sentence: `GET http://127.0.0.1/token`.
 * @param rows - The source's own rows first.
 */
export function explainRefusal(
  reply: HttpReply,
  sender: string,
  rows: readonly RefusalRow[],
  { secrets, now, status = reply.status }: RefusalContext,
): Failure {
  const wrapped = entraAnswerIn(reply);
  const { code, text } = readRefusal(wrapped ?? reply, secrets);
  const meant = { ...reply, status };
  const row = (wrapped && rowOfEntra(wrapped)) ?? rows.find((each) => fits(each, meant, code));
  const { gives = 'ERR_REFUSED', cause, fix } = row ?? {};
  const happened = `${sender} answered ${text}.${cause === undefined ? '' : ` ${cause}`}`;
  const explanation = explain(gives, happened, { fix, status: reply.status });
  return { explanation, retryAfterMs: retryAfterMs(reply, now) };
}

/**
 * What Entra said, where a service only passes it on: azure-workload-identity's proxy answers 500 and writes Entra's whole
 * answer behind words of its own (pkg/proxy/proxy.go).
 */
function entraAnswerIn(reply: HttpReply): HttpReply | undefined {
  const body = /\{"error":[\s\S]{0,4000}\}/.exec(reply.body)?.[0];
  return reply.status >= 500 && body !== undefined && numberIn(body) !== undefined ? { ...reply, body } : undefined;
}

const numberIn = (body: string) => /^AADSTS\d{1,9}/.exec(textField(parseJson(body), 'error_description') ?? '')?.[0];

/** Undefined for what passes by itself: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 */
function rowOfEntra({ body }: HttpReply): RefusalRow | undefined {
  if (refusalCode(parseJson(body)) === 'temporarily_unavailable') return undefined;
  const { meaning, fix } = explainAadsts(numberIn(body) ?? '', { source: 'workload-identity' }) ?? {};
  return { cause: `Entra refused.${meaning ? ` ${meaning}.` : ''}`, ...(fix && { fix }) };
}

function fits({ status, code, body }: RefusalRow, reply: HttpReply, serviceCode = ''): boolean {
  return (
    (status === undefined || fitsStatus(status, reply.status)) &&
    (code === undefined || (typeof code === 'string' ? code === serviceCode : code.test(serviceCode))) &&
    (body === undefined || body.test(reply.body))
  );
}

function fitsStatus(condition: NonNullable<RefusalRow['status']>, status: number): boolean {
  if (typeof condition === 'function') return condition(status);
  return typeof condition === 'number' ? condition === status : condition.includes(status);
}
