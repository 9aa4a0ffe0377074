import type { MiddlewareHandler } from 'hono';
import type { RequestIdVariables } from 'hono/request-id';

/** One answered request, for whoever reads the logs: nothing of its headers, its query or its answer. */
export interface RequestEntry {
  /** ISO 8601, UTC: when it came in. */
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  /** The caller's `x-request-id` if it is a plain one, else made here; the answer carries it too. */
  readonly id: string;
}

/** Nobody's path here is longer; a scanner's may be. */
const longestPath = 200;

/** Hands an entry to `log` once a request is answered. */
export function logRequests(log: (entry: RequestEntry) => void): MiddlewareHandler<{ Variables: RequestIdVariables }> {
  return async (context, next) => {
    const time = new Date().toISOString();
    const start = performance.now();
    await next();
    log({
      time,
      method: context.req.method,
      path: context.req.path.slice(0, longestPath),
      status: context.res.status,
      durationMs: Math.round((performance.now() - start) * 10) / 10,
      id: context.get('requestId'),
    });
  };
}
