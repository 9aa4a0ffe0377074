import { readFileSync } from 'node:fs';
import type { HttpReply } from '../src/io.ts';
import type { SelectOptions } from '../src/types.ts';
import { jwt, start } from './fake-io.ts';

/** One exchange of a golden file; see `protocols/README.md`. */
export interface GoldenExchange {
  readonly title: string;
  readonly scripted?: boolean;
  readonly variables: Readonly<Record<string, string>>;
  readonly identity: Pick<SelectOptions, 'clientId' | 'objectId' | 'resourceId'>;
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
  readonly outcome: string;
}

export interface GoldenFile {
  readonly protocol: string;
  readonly sources: readonly string[];
  readonly captured: string;
  readonly exchanges: readonly GoldenExchange[];
}

export function readGolden(name: string): GoldenFile {
  return JSON.parse(readFileSync(new URL(`../../../protocols/${name}.json`, import.meta.url), 'utf8'));
}

export const expiry = start + 86_400_000;

const values: Readonly<Record<string, string>> = {
  '{origin}': 'http://127.0.0.1:41741',
  '{secret}': 'golden-secret-of-the-host',
  '{token}': jwt({ oid: 'golden', exp: expiry / 1000 }),
  '{unix}': String(expiry / 1000),
  '{us-date}': '11/24/2026 00:00:00 +00:00',
  '{guid}': '0d5c5b1a-6a1e-4a5a-9d51-0c7c7fbb2c11',
  '{text}': 'some text',
};

/** Puts values where the golden file has placeholders. */
export function fill<T>(golden: T): T {
  let text = JSON.stringify(golden);
  for (const [placeholder, value] of Object.entries(values)) text = text.replaceAll(placeholder, value);
  return JSON.parse(text);
}

export function replyOf({ reply }: GoldenExchange): HttpReply {
  return { ...reply, body: typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body) };
}
