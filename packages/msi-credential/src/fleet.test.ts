import { describe, expect, test } from 'vitest';
import { fakeIo, json, start, tokenReply } from '../test/fake-io.ts';
import { seeded } from '../test/seeded.ts';
import { createWorld, credentialIn } from './credential.ts';
import type { HttpReply, Io } from './io.ts';
import type { Environment } from './types.ts';

const second = 1_000;

/** What a service can do, and how long it asks those to wait who come beyond that. */
interface Limits {
  readonly perSecond: number;
  readonly concurrent: number;
  readonly retryAfter?: string;
}

/** A service that takes 50 ms for a token and answers 429 beyond its limits. */
function limited(io: Io, { perSecond, concurrent, retryAfter }: Limits) {
  const tally = { requests: 0, underWay: 0, second: 0, inSecond: 0 };
  const wait = (ms: number) => new Promise<void>((resolve) => io.after(ms, resolve, false));
  async function answer(): Promise<HttpReply> {
    const now = Math.floor(io.now() / second);
    if (now !== tally.second) Object.assign(tally, { second: now, inSecond: 0 });
    tally.requests += 1;
    if (tally.inSecond >= perSecond || tally.underWay >= concurrent) {
      return json(429, { error: 'too_many_requests' }, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
    }
    tally.inSecond += 1;
    tally.underWay += 1;
    await wait(50);
    tally.underWay -= 1;
    return tokenReply(86_400, io.now());
  }
  return { answer, tally };
}

/** Processes that start at the same moment, each with its own cache; after a failure each asks again five seconds later. */
async function startAtOnce(size: number, env: Environment, limits: Limits) {
  const io = fakeIo();
  const { answer, tally } = limited(io, limits);
  /** When each got its token, in seconds since the start. */
  const served: number[] = [];
  for (let index = 0; index < size; index += 1) {
    const world = createWorld({ ...io, exchange: answer, random: seeded(index) });
    const credential = credentialIn(world, { env });
    const ask = (): Promise<unknown> =>
      credential.getToken('https://vault.azure.net/.default').then(
        () => served.push((io.now() - start) / second),
        () => io.after(5 * second, ask, false),
      );
    ask();
  }
  while (served.length < size && io.now() < start + 300 * second) await io.advance(second);
  return { served, requests: tally.requests };
}

describe('a fleet that starts at the same moment', () => {
  test('of 10,000 has its tokens within 1.5 times what a service of 200 a second needs at least, by at most 4 requests each', async () => {
    const env = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token', IDENTITY_HEADER: 'secret' };
    const limits = { perSecond: 200, concurrent: Number.POSITIVE_INFINITY, retryAfter: '10' };
    const { served, requests } = await startAtOnce(10_000, env, limits);
    expect(served).toHaveLength(10_000);
    expect(served.at(-1)).toBeLessThan(1.5 * 50);
    expect(requests).toBeLessThan(4 * 10_000);
  }, 120_000);

  // https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service#rate-limiting
  test('of 100 on one machine has its tokens within 16 s from a metadata service of 20 a second and 5 at once', async () => {
    const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:1' };
    const { served, requests } = await startAtOnce(100, env, { perSecond: 20, concurrent: 5 });
    expect(served).toHaveLength(100);
    expect(served[98]).toBeLessThan(16);
    expect(requests).toBeLessThan(3 * 100);
  });
});

test('one process that needs 100 tokens at once asks a metadata service for no more than it gives', async () => {
  const io = fakeIo();
  const { answer, tally } = limited(io, { perSecond: 20, concurrent: 5 });
  const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:1' };
  const credential = credentialIn(createWorld({ ...io, exchange: answer }), { env });
  const resources = Array.from({ length: 100 }, (_, index) => `https://resource${index}/.default`);
  await io.settle(Promise.all(resources.map((scope) => credential.getToken(scope))));
  expect(io.now() - start).toBeLessThan(5 * second);
  expect(tally.requests).toBe(100);
});
