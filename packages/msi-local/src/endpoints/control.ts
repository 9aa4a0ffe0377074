// The stand-in's own surface for tests in other processes; no part of Azure's contract, and on an address of its own.
// What it does is what `startLocal` offers in-process: https://nodejs.org/api/http.html serves it, nothing else.

import type { Fault } from '../state/faults.ts';
import type { Endpoint, State } from '../types.ts';

/** `GET /_local/clock` */
export const readClock: Endpoint = (_request, { clock }) => Response.json({ now: new Date(clock.now()).toISOString() });

/** `POST /_local/clock` with `{ freeze?: ISO date or true, advanceMs?: number, reset?: true }` */
export const moveClock: Endpoint = async (request, state) => {
  const { clock } = state;
  const { freeze, advanceMs, reset } = await readObject(request);
  if (reset === true) clock.reset();
  if (freeze === true) clock.freeze();
  if (typeof freeze === 'string') {
    const at = Date.parse(freeze);
    if (Number.isNaN(at)) return Response.json({ error: 'freeze is not a date' }, { status: 400 });
    clock.freeze(at);
  }
  if (typeof advanceMs === 'number') clock.advance(advanceMs);
  return readClock(request, state, {});
};

const services = ['managed-identity', 'oidc', 'entra', 'resource-manager', 'key-vault', 'control'] as const;

/** `POST /_local/faults` with a {@link Fault} */
export const addFault: Endpoint = async (request, { faults }) => {
  const { service: wanted, ...rest } = await readObject(request);
  const service = services.find((one) => one === wanted);
  if (service === undefined)
    return Response.json({ error: `service is one of ${services.join(', ')}` }, { status: 400 });
  const fault: Fault = { ...rest, service };
  faults.add(fault);
  return new Response(null, { status: 204 });
};

/** `DELETE /_local/faults` */
export const clearFaults: Endpoint = (_request, { faults }) => {
  faults.clear();
  return new Response(null, { status: 204 });
};

/** `GET /_local/requests`; secret headers are redacted. */
export const listRequests: Endpoint = (_request, { requests }) => Response.json({ value: requests.all });

/** `DELETE /_local/requests` */
export const clearRequests: Endpoint = (_request, { requests }) => {
  requests.clear();
  return new Response(null, { status: 204 });
};

/** The answers to paths and methods that do not exist. */
export const controlRefusals = {
  notFound: (): Response => Response.json({ error: 'not found' }, { status: 404 }),
  methodNotAllowed: (): Response => Response.json({ error: 'method not allowed' }, { status: 405 }),
};

/**
 * No web page may use it, and nobody who was not told this run's secret. Browsers say where a request comes from, and send
 * JSON to another site only after they have asked (https://fetch.spec.whatwg.org/#cors-safelisted-request-header).
 */
export function refusalOf({ method, headers }: Request, { controlSecret }: State): Response | undefined {
  const refuse = (status: number, error: string) => Response.json({ error }, { status });
  if (headers.has('origin') || (headers.get('sec-fetch-site') ?? 'none') !== 'none')
    return refuse(403, 'not for web pages');
  if (headers.get('authorization') !== `Bearer ${controlSecret}`)
    return refuse(401, 'send the header Authorization: Bearer, with controlSecret of startLocal');
  if (method === 'POST' && !/^application\/json\b/i.test(headers.get('content-type') ?? ''))
    return refuse(415, 'send JSON, with the content type application/json');
  return undefined;
}

async function readObject(request: Request): Promise<Record<string, unknown>> {
  const body: unknown = await request.json().catch(() => undefined);
  return typeof body === 'object' && body !== null ? { ...body } : {};
}
