import type { HttpReply, HttpRequest } from '../src/io.ts';
import { ExchangeError } from '../src/io.ts';
import { type FakeIo, json, tokenReply } from './fake-io.ts';

const minute = 60_000;
const hour = 60 * minute;

/** A time in which the service gives no token. */
export interface Outage {
  readonly from: number;
  readonly until: number;
  readonly kind: 'refused' | 'hang' | '500' | '429';
  readonly retryAfter: string;
}

/**
 * Outages by chance over so long a time: a few minutes mostly, the length of a restart often, many hours sometimes,
 * and now and then longer than any token lives.
 */
export function outagesBetween(from: number, until: number, random: () => number): Outage[] {
  const outages: Outage[] = [];
  const kinds = ['refused', 'hang', '500', '429'] as const;
  for (let time = from + random() * 6 * hour; time < until; ) {
    const restart = random() < 0.5;
    const length = restart ? (5 + 55 * random()) * 1000 : minute * 2 ** (random() * 11);
    const kind = restart ? 'refused' : (kinds[Math.floor(random() * 4)] ?? '500');
    outages.push({ from: time, until: time + length, kind, retryAfter: String(Math.floor(random() * 600)) });
    time += length + random() * 24 * hour;
  }
  return outages;
}

/** A managed identity endpoint with these outages. Each answer takes its time; a token lives so long. */
export function service(io: FakeIo, outages: readonly Outage[], lifeMs: number) {
  const wait = (ms: number) => new Promise<void>((resolve) => io.after(ms, resolve, false));
  const requests = new Map<string, number>();
  const validUntil = new Map<string, number>();
  const keyOf = ({ searchParams }: URL) => `${searchParams.get('resource')} ${searchParams.get('client_id') ?? ''}`;
  const outageAt = (time: number) => outages.find(({ from, until }) => from <= time && time < until);

  async function answer(request: HttpRequest): Promise<HttpReply> {
    const key = keyOf(request.url);
    requests.set(key, (requests.get(key) ?? 0) + 1);
    const outage = outageAt(io.now());
    await wait(outage?.kind === 'hang' ? request.timeoutMs : 100);
    if (request.signal.aborted) throw request.signal.reason;
    if (outage === undefined) {
      validUntil.set(key, Math.floor(io.now() / 1000) * 1000 + lifeMs);
      return tokenReply(lifeMs / 1000, io.now());
    }
    if (outage.kind === 'hang') throw new ExchangeError('timeout', 'no answer');
    if (outage.kind === 'refused') throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    return json(Number(outage.kind), {}, outage.kind === '429' ? { 'retry-after': outage.retryAfter } : {});
  }
  return { answer, requests, validUntil };
}
