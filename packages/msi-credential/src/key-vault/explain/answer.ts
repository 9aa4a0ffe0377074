// What came back: as data, and in words.

import { redact } from '../../failures/redact.ts';
import { isGuid } from '../../selection/environment.ts';
import { type ErrorFacts, read } from './read-error.ts';

/** What came back, as far as anything did; of Entra where the credential is why. */
export interface ErrorAnswer {
  /** The HTTP status. */
  readonly status?: number;
  /** The service's own code, `Forbidden`. */
  readonly code?: string;
  /** The service's more precise code, `ForbiddenByRbac`. */
  readonly innerCode?: string;
  /** Key Vault's `x-ms-request-id`, for support. */
  readonly requestId?: string;
  /** Entra's, for support. */
  readonly correlationId?: string;
  /** Entra's, for support. */
  readonly traceId?: string;
}

/** `Malformed backup blob`, `invalid_client`; no system's code, nor anything that could be a secret. */
const isCode = (text: unknown) =>
  typeof text === 'string' && text.length <= 60 && /^[A-Za-z]+([ _][a-z]+)*$/.test(text);

const isId = (text: unknown) => typeof text === 'string' && isGuid(text);

const fits: Readonly<Record<keyof ErrorAnswer, (value: unknown) => boolean>> = {
  status: Number.isInteger,
  code: isCode,
  innerCode: isCode,
  requestId: isId,
  correlationId: isId,
  traceId: isId,
};

const names = Object.keys(fits) as readonly (keyof ErrorAnswer)[];

/** Only what has its form is kept: the answer may be anybody's. */
function answerFrom(readField: (name: keyof ErrorAnswer) => unknown): ErrorAnswer | undefined {
  const fit = names.map((name) => [name, readField(name)] as const).filter(([name, value]) => fits[name](value));
  return fit.length === 0 ? undefined : Object.fromEntries(fit);
}

/** What the error holds of it. */
export function answerOf({ status, code, inner, words, header }: ErrorFacts): ErrorAnswer | undefined {
  const entra = /^([a-z_]{1,40})(?:: Error\(s\): | Status code: )/.exec(words)?.[1];
  const found = {
    status,
    code: entra ?? (status === undefined ? undefined : code),
    innerCode: inner,
    requestId: header('x-ms-request-id'),
    correlationId: /\bCorrelation ID: ([0-9a-f-]{36})/i.exec(words)?.[1],
    traceId: /\bTrace ID: ([0-9a-f-]{36})/i.exec(words)?.[1],
  };
  return answerFrom((name) => found[name]);
}

/** That of an explanation that was made before, perhaps by another copy of this package. */
export function answerIn(explanation: unknown): ErrorAnswer | undefined {
  return answerFrom((name) => read(explanation, 'answer', name));
}

/** In one line: `403 Forbidden, ForbiddenByRbac, x-ms-request-id ...`. */
export function describeAnswer(answer: ErrorAnswer): string {
  const { status, code, innerCode, requestId, correlationId, traceId } = answer;
  const parts = [
    [status, code].filter((part) => part !== undefined).join(' '),
    innerCode,
    requestId && `x-ms-request-id ${requestId}`,
    correlationId && `correlation id ${correlationId}`,
    traceId && `trace id ${traceId}`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** The service's own words as the rest of a cause, for what no table knows; empty where there are none. */
export function quote({ said, secrets }: ErrorFacts, who = 'It'): string {
  const text = redact(said ?? '', { secrets });
  return text === '' ? '' : ` ${who} said: ${text}.`;
}
