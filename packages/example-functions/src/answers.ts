import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Diagnostics } from 'msi-credential';
import type { Failure } from './failure.ts';

/** The secret and whose token it was read with. */
export function secretAnswer(
  request: HttpRequest,
  value: string | undefined,
  { selected, principal }: Diagnostics,
): HttpResponseInit {
  const lines = [
    `Your secret value is: ${value}.`,
    `Source: ${selected?.source} (${selected?.reason})`,
    ...(principal?.objectId ? [`Object id: ${principal.objectId}`] : []),
  ];
  return answer(request, 200, { value, source: selected?.source, reason: selected?.reason, principal }, lines);
}

/** Why there is no secret, and what to do. */
export function failureAnswer(request: HttpRequest, { status, ...error }: Failure): HttpResponseInit {
  const { title, cause, fix, docs } = error;
  const steps = fix.map((step) => `  - ${step}`);
  return answer(request, status, { error }, [`${title}. ${cause}`, ...steps, ...(docs ? [`See ${docs}`] : [])]);
}

/** JSON for programs that ask for it, text for people. */
function answer(request: HttpRequest, status: number, json: object, lines: readonly string[]): HttpResponseInit {
  // The secret must not stay in a cache on the way.
  const headers = { 'cache-control': 'no-store', vary: 'accept' };
  if (request.headers.get('accept')?.includes('application/json')) return { status, headers, jsonBody: json };
  const body = `${lines.join('\n')}\n`;
  return { status, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' }, body };
}
