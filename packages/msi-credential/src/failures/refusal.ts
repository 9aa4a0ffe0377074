// What a service said when it said no, as far as it may be repeated.
import type { ErrorCode } from '../codes.ts';
import type { HttpReply } from '../io.ts';
import { field, parseJson, refusalCode, textField } from '../tokens/read-token.ts';
import { redact, traceIdIn } from './redact.ts';

/** The code and the advice of ours. */
export interface Meaning {
  readonly code?: ErrorCode;
  readonly hint?: string;
}

/** One refusal. */
export interface Refusal {
  /** The service's own code. */
  readonly code?: string;
  /** One sentence for people: status, code, message, correlation id. */
  readonly text: string;
}

/**
 * Reads a refusal in any of the shapes that Azure's endpoints use (flat OAuth, nested, App Service's, plain text, HTML,
 * nothing). Only known fields are quoted, shortened, and without anything that could be a token or the host's secret.
 */
export function readRefusal(reply: HttpReply, secrets: readonly string[] = []): Refusal {
  const json = parseJson(reply.body);
  const error = field(json, 'error');
  const nested = typeof error === 'object' ? error : json;
  const code = refusalCode(json);
  const description = textField(json, 'error_description');
  // Entra ends with ids and the time in its text, too: the id that support asks for is told once.
  const end = description?.indexOf('Trace ID: ') ?? -1;
  const message =
    (end < 0 ? description : description?.slice(0, end)) ??
    textField(nested, 'message') ??
    textField(json, 'ExceptionMessage') ??
    (code === undefined ? plainText(reply, json) : undefined);
  const found =
    textField(nested, 'correlationId') ??
    textField(json, 'correlation_id') ??
    /^.{0,200}Correlation ID: ([\w-]{1,64})/s.exec(end < 0 ? '' : (description ?? '').slice(end))?.[1] ??
    reply.headers['x-ms-request-id'] ??
    reply.headers['x-vss-e2eid'];
  const id = traceIdIn(found, { secrets });
  const parts = [code, message].filter((part) => part !== undefined).flatMap((part) => redact(part, { secrets }) || []);
  const said = parts.length === 0 ? 'with nothing that explains it' : parts.join(': ');
  const trace = id === undefined ? '' : ` (correlation id ${id})`;
  const asked = /^\d{1,6}$/.exec(reply.headers['retry-after'] ?? '')?.[0];
  const pause = asked === undefined ? '' : `, and asks for a pause of ${asked} s`;
  return {
    ...(code !== undefined && { code: redact(code, { secrets }) }),
    text: `${reply.status}, ${said}${trace}${pause}`,
  };
}

function plainText(reply: HttpReply, json: unknown): string | undefined {
  const text = reply.body.trim();
  if (text === '') return undefined;
  // What is almost JSON, or a success that was not one, may hold a token: its size is all that is told.
  if (json !== undefined || reply.status < 300 || /^[{[]|access_token/i.test(text)) return `${text.length} characters`;
  if (text.startsWith('<')) return `an HTML page (a proxy?), ${text.length} characters`;
  return text;
}

/** What a refusal of any of them means where its protocol says no more. */
export function meaningOf(reply: HttpReply): Meaning {
  if (reply.status === 429) return { code: 'ERR_THROTTLED' };
  if (reply.status >= 300 && reply.status < 400) {
    return {
      hint: "Redirects are not followed, because the host's secret would go along: check the endpoint's address.",
    };
  }
  if (/^\s*</.test(reply.body)) {
    return {
      hint: "Something else answered in the service's place, such as a proxy: check the endpoint's address, and what stands in between.",
    };
  }
  if (reply.status === 404) return { hint: "Nothing is served at that path: check the endpoint's address." };
  if (reply.status === 400) {
    return {
      hint: "Where the answer does not say why, check the path of the endpoint's address, and what answers there.",
    };
  }
  if (reply.status >= 500) return { hint: 'The service on this host failed; if it goes on, restart the host.' };
  return {};
}
