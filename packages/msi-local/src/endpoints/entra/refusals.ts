// The refusals of Microsoft Entra's token endpoint: seven fields and an AADSTS number.
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes

import { randomUUID } from 'node:crypto';
import type { Clock } from '../../state/clock.ts';
import { json } from '../json.ts';

/** Why a sign-in fails. */
export interface Refusal {
  readonly status: number;
  /** The OAuth error of RFC 6749 section 5.2, or Entra's own. */
  readonly error: string;
  /** The AADSTS number. */
  readonly code: number;
  readonly text: string;
}

export function refuse(refusal: Refusal, clock: Clock, requested?: Headers): Response {
  const trace = randomUUID();
  const correlation = requested?.get('client-request-id') ?? randomUUID();
  const timestamp = `${new Date(clock.now()).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const description = `AADSTS${refusal.code}: ${refusal.text} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`;
  const body = {
    error: refusal.error,
    error_description: description,
    error_codes: [refusal.code],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
    error_uri: `https://login.microsoftonline.com/error?code=${refusal.code}`,
  };
  return answer(refusal.status, body, { 'x-ms-request-id': trace, 'x-ms-clitelem': `1,${refusal.code},0,,` });
}

/** The answers to paths and methods that the service does not know. */
export const entraRefusals = {
  notFound: () => answer(404, { error: 'not_found', error_description: 'There is nothing at this path.' }),
  methodNotAllowed: () => answer(405, { error: 'invalid_request', error_description: 'AADSTS900561: wrong method.' }),
};

/** No answer of Entra may be stored. */
export const answer = (status: number, body: object, headers?: Record<string, string>): Response =>
  json(status, body, { 'cache-control': 'no-store, no-cache', pragma: 'no-cache', ...headers });
