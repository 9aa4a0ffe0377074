import type { Service } from '../types.ts';

/** What goes wrong with the next requests of one service. */
export interface Fault {
  readonly service: Service;
  /** Only requests whose path ends so, such as `/oauth2/v2.0/token`; all by default. */
  readonly path?: string;
  /** How many requests it meets; 1 by default. */
  readonly times?: number;
  /** Answer with this status instead of the real answer. */
  readonly status?: number;
  /** Body of that answer; an object is sent as JSON. Without a status, 200. */
  readonly body?: string | object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Real milliseconds to wait before anything else. */
  readonly delayMs?: number;
  /** What happens to the connection: reset at once, kept open without an answer, or cut after half the body. */
  readonly connection?: 'reset' | 'hang' | 'truncate';
}

/** Faults that wait for their requests, first in, first out, per service. */
export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** The fault that the next request of this service meets, taken off the list. */
  take(service: Service, path: string): Fault | undefined;
}

export function createFaults(): Faults {
  let waiting: { readonly fault: Fault; left: number }[] = [];
  return {
    add: (fault) => void waiting.push({ fault, left: fault.times ?? 1 }),
    clear: () => {
      waiting = [];
    },
    take(service, path) {
      const next = waiting.find(({ fault }) => fault.service === service && path.endsWith(fault.path ?? ''));
      if (next === undefined) return undefined;
      next.left -= 1;
      if (next.left <= 0) waiting = waiting.filter((one) => one !== next);
      return next.fault;
    },
  };
}

/** The answer that a fault puts in place of the real one, if it does. */
export function scriptedResponse(fault: Fault): Response | undefined {
  if (fault.status === undefined && fault.body === undefined) return undefined;
  const json = typeof fault.body === 'object';
  const text = json ? JSON.stringify(fault.body) : fault.body;
  const headers = new Headers(json ? { 'content-type': 'application/json; charset=utf-8' } : {});
  for (const [name, value] of Object.entries(fault.headers ?? {})) headers.set(name, value);
  // Bytes, not a string: a string would bring a content-type that nobody asked for.
  return new Response(text === undefined ? null : new TextEncoder().encode(text), {
    status: fault.status ?? 200,
    headers,
  });
}
