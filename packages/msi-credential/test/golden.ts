import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { HttpReply, HttpRequest } from '../src/io.ts';
import type { SelectOptions } from '../src/types.ts';
import { fileError } from './ask.ts';
import { forever, jwt, start } from './fake-io.ts';

/** One request and its reply. `origin` is where it goes, if not to the host's own endpoint. */
export interface Leg {
  readonly origin?: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly query?: Readonly<Record<string, string>>;
    readonly headers: Readonly<Record<string, string>>;
    readonly form?: Readonly<Record<string, string>>;
  };
  readonly reply: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
}

/** A file of a golden exchange: its text, or what is wrong with it. */
type GoldenFile = string | { readonly size?: number; readonly link?: string };

/** One exchange of a golden file; see `protocols/README.md`. */
export interface GoldenRow extends Partial<Leg> {
  readonly title: string;
  readonly scripted?: boolean;
  /** Who sends this request; undefined: our client does. */
  readonly client?: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly identity: Pick<SelectOptions, 'clientId' | 'objectId' | 'resourceId'>;
  /** In place of `request` and `reply`, where there are several. */
  readonly legs?: readonly Leg[];
  readonly files?: Readonly<Record<string, GoldenFile>>;
  readonly scope?: string;
  readonly outcome: string;
}

/** When the tokens of the golden files end. */
export const expiry = start + 86_400_000;

const thumbprint = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334';

/** What stands for each placeholder; with its quotes, where the value has none. */
const values: Readonly<Record<string, string>> = {
  '"{unix-number}"': String(expiry / 1000),
  '"{seconds-number}"': '86400',
  '"{number}"': '3',
  '{origin}': 'http://127.0.0.1:41741',
  '{secret}': 'golden-secret-of-the-host',
  '{token}': jwt({ oid: 'golden', exp: expiry / 1000 }),
  '{unix}': String(expiry / 1000),
  '{us-date}': '11/24/2026 00:00:00 +00:00',
  '{guid}': '0d5c5b1a-6a1e-4a5a-9d51-0c7c7fbb2c11',
  '{text}': 'some text',
  '{seconds}': '86400',
  '{key}': 'golden-key-of-the-agent',
  '{assertion}': 'golden.assertion.of-the-host',
  '{thumbprint}': thumbprint,
  '{THUMB:PRINT}': thumbprint.toUpperCase().replace(/..(?=.)/g, '$&:'),
};

/** The rows of a golden file, with their titles. */
export function goldenRows(protocol: string): readonly (readonly [title: string, GoldenRow])[] {
  let text = readFileSync(new URL(`../../../protocols/${protocol}.json`, import.meta.url), 'utf8');
  for (const [placeholder, value] of Object.entries(values)) text = text.replaceAll(placeholder, value);
  const rows = JSON.parse(text).exchanges as GoldenRow[];
  return rows.filter(({ client }) => client === undefined).map((row) => [row.title, row]);
}

/** The requests of a row, in their order. */
export function legsOf({ legs, request, reply }: GoldenRow): readonly Leg[] {
  if (legs) return legs;
  return request && reply ? [{ request, reply }] : [];
}

export function replyOf({ reply }: Leg): HttpReply {
  return { ...reply, body: typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body) };
}

/** What the legs are answered with. What the stand-in only gives when told to may be a failure, which is tried again. */
export function answersTo(legs: readonly Leg[], { scripted }: GoldenRow) {
  const replies = legs.map(replyOf);
  return scripted ? [...replies, ...replies.slice(-1).map(forever)] : replies;
}

/** What reading the files of a row gives; one that is too large and a link are refused by `io`. */
export function filesOf({ files = {} }: GoldenRow): Record<string, string | Error> {
  const read = (file: GoldenFile) => {
    if (typeof file === 'string') return file;
    return file.link === undefined ? new Error(`${file.size} bytes, more than 4096`) : fileError('ELOOP');
  };
  return Object.fromEntries(Object.entries(files).map(([path, file]) => [path, read(file)]));
}

/** Fails unless the requests are those of the legs. */
export function expectRequests(actual: readonly HttpRequest[], legs: readonly Leg[]): void {
  for (const [index, { request }] of legs.entries()) {
    const { method, headers, url, body } = actual[index] as HttpRequest;
    expect({ method, headers }).toMatchObject({ method: request.method, headers: request.headers });
    expect(url.pathname).toBe(request.path);
    expect([...url.searchParams].sort()).toEqual(Object.entries(request.query ?? {}).sort());
    if (request.form) expect(Object.fromEntries(new URLSearchParams(body))).toEqual(request.form);
  }
}
