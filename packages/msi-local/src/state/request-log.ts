import { readJwt } from '../tokens/tokens.ts';
import type { Service } from '../types.ts';

/** What a form said, without what it proved. */
export interface FormRecord {
  /** The names of its fields, in their order. */
  readonly fields: readonly string[];
  /** The field `scope`, or `resource` in version 1. */
  readonly scope?: string;
  /** The header of the client assertion, such as `alg` and `x5t`. Its claims and signature are not kept. */
  readonly assertion?: Readonly<Record<string, unknown>>;
}

/** One request as it arrived. Bodies are never kept: they hold secrets. */
export interface RequestRecord {
  readonly service: Service;
  readonly method: string;
  /** Path and query, byte for byte as they arrived. */
  readonly url: string;
  readonly host: string;
  /** By lower-case name; values that grant access read `[redacted]`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Only with the option `recordForms`, and only where a form was sent. */
  readonly form?: FormRecord;
  /** The status that was answered; 0 while it is not, or when a fault broke the connection. */
  readonly status: number;
  /** A header as it really was, also a secret one, for assertions. It never shows up in printed records. */
  header(name: string): string | undefined;
}

/** The newest 1000 requests, in the order of their arrival. */
export interface RequestLog extends Iterable<RequestRecord> {
  readonly all: readonly RequestRecord[];
  clear(): void;
  /** Notes a request and returns the function that completes it with its status. */
  add(service: Service, url: string, request: Request, form?: FormRecord): (status: number) => void;
}

/** A stand-in can run for days. */
const kept = 1000;

const secretHeaders = new Set(['authorization', 'proxy-authorization', 'cookie', 'secret', 'x-identity-header']);

export function createRequestLog(): RequestLog {
  const records: RequestRecord[] = [];
  return {
    get all() {
      return [...records];
    },
    [Symbol.iterator]: () => [...records][Symbol.iterator](),
    clear: () => void records.splice(0),
    add(service, url, request, form) {
      // Plain objects: a thousand of Headers would weigh some megabytes.
      const real = Object.fromEntries(request.headers);
      const headers = Object.fromEntries(
        Object.entries(real).map(([name, value]) => [name, secretHeaders.has(name) ? '[redacted]' : value]),
      );
      const record = {
        service,
        method: request.method,
        url,
        host: real.host ?? '',
        headers,
        ...(form && { form }),
        status: 0,
        header: (name: string) => real[name.toLowerCase()],
      };
      records.push(record);
      if (records.length > kept) records.shift();
      return (status) => {
        record.status = status;
      };
    },
  };
}

/** Reads a copy of the request; undefined unless it is a form. */
export async function formOf(request: Request): Promise<FormRecord | undefined> {
  const type = request.headers.get('content-type') ?? '';
  if (!type.toLowerCase().startsWith('application/x-www-form-urlencoded')) return undefined;
  const form = new URLSearchParams(await request.clone().text());
  const scope = form.get('scope') ?? form.get('resource');
  const assertion = readJwt(form.get('client_assertion') ?? '', 'padded')?.header;
  return { fields: [...form.keys()], ...(scope !== null && { scope }), ...(assertion && { assertion }) };
}
