import type { AccessToken } from '@azure/core-auth';
import { describe, expect, test } from 'vitest';
import { fakeIo, start } from '../test/fake-io.ts';
import { type Outage, outagesBetween, service } from '../test/outages.ts';
import { seeded } from '../test/seeded.ts';
import { createWorld, credentialIn } from './credential.ts';
import { isCredentialError } from './errors.ts';
import { pausesWhileStarting } from './http/starting.ts';
import { createTokenCache } from './tokens/cache.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const month = 30 * day;
/** A token this close to its end counts as gone. */
const margin = 30_000;

const resources = ['vault.azure.net', 'storage.azure.com', 'management.azure.com', 'database.windows.net'];
const identities = [undefined, 'a0000000-0000-4000-8000-0000000000c1', 'a0000000-0000-4000-8000-0000000000c2'];
const env = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token', IDENTITY_HEADER: 'secret' };

/** 300 programs' worth of callers: each has its own credential object and asks for one resource as one identity. */
function callersIn(world: ReturnType<typeof createWorld>) {
  return Array.from({ length: 300 }, (_, index) => {
    const resource = `https://${resources[index % resources.length]}`;
    const clientId = identities[Math.floor(index / resources.length) % identities.length];
    const credential = credentialIn(world, { env, clientId });
    return { key: `${resource} ${clientId ?? ''}`, get: () => credential.getToken(`${resource}/.default`) };
  });
}

/** Lives through a month and counts what went against the promise. */
async function live({ seed, lifeMs, spared = false }: { seed: number; lifeMs: number; spared?: boolean }) {
  const random = seeded(seed);
  const io = fakeIo({ random });
  const outages = spared ? [] : outagesBetween(start, start + month, random);
  const { answer, requests, validUntil } = service(io, outages, lifeMs);
  const world = createWorld({ ...io, exchange: answer });
  const callers = callersIn(world);
  const story = { calls: 0, withoutToken: 0, failed: 0, broken: [] as string[], stepsWithoutToken: 0 };
  const fail = (error: unknown) => {
    story.failed += 1;
    if (!isCredentialError(error)) story.broken.push(String(error));
  };

  // Steps of seconds mostly, of five minutes at most: each pause after a failure is met.
  for (; io.now() < start + month; await io.advance(5 * minute * random() ** 2)) {
    const asked = io.now();
    const ready = new Map<object, AccessToken>();
    const due = callers.filter(() => random() < 0.015);
    for (const caller of due) caller.get().then((token) => ready.set(caller, token), fail);
    // Promises go on here, timers do not: whoever has a token after this has not waited for anything.
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    const without = due.filter(({ key }) => (validUntil.get(key) ?? 0) - margin <= asked);
    for (const caller of due) {
      const token = ready.get(caller);
      if (without.includes(caller) || (token && token.expiresOnTimestamp - margin > asked)) continue;
      story.broken.push(`${caller.key} at ${new Date(asked).toISOString()}`);
    }
    story.calls += due.length;
    story.withoutToken += without.length;
    story.stepsWithoutToken += new Set(without.map(({ key }) => key)).size;
  }
  const asked = [...requests.values()].reduce((sum, each) => sum + each, 0);
  return { ...story, requests: asked, keys: requests.size, outages };
}

/** Of one acquisition, while the service does not even listen. */
const mostTries = 1 + [...pausesWhileStarting(() => 0)].length;

/**
 * How often one key is asked for at most: once per token, and, in an outage, all tries for each failed refresh. Of those there
 * are 9 until the least pause has grown from 2 s to 300 s, then one in 300 s.
 */
function mostRequests(firstRefreshMs: number, outages: readonly Outage[]): number {
  const refreshes = 1 + month / firstRefreshMs;
  const failures = outages.map(({ from, until }) => 9 + (until - from) / 300_000);
  return refreshes + mostTries * failures.reduce((sum, each) => sum + each, 0);
}

const lives = [
  { life: '24 h', seed: 1, lifeMs: day, firstRefreshMs: 0.4 * day, perDay: 2.5 },
  { life: '24 h', seed: 2, lifeMs: day, firstRefreshMs: 0.4 * day, perDay: 2.5 },
  { life: '1 h', seed: 3, lifeMs: hour, firstRefreshMs: 0.8 * 55 * minute, perDay: 32.8 },
];

describe('in a month with outages and restarts, 300 callers of 12 keys', () => {
  test.each(lives)(
    'with tokens of $life neither fail nor wait while one is valid; $perDay requests a day and key, 72 more an outage, 96 more an hour of it (seed $seed)',
    async ({ seed, lifeMs, firstRefreshMs }) => {
      const { broken, calls, failed, withoutToken, ...story } = await live({ seed, lifeMs });
      expect(broken).toEqual([]);
      expect(calls).toBeGreaterThan(100_000);
      expect(failed).toBeLessThanOrEqual(withoutToken);
      // Without a token each step of callers may make one flight more: a failure is not remembered.
      const most = story.keys * mostRequests(firstRefreshMs, story.outages) + mostTries * story.stepsWithoutToken;
      expect(story.requests).toBeLessThan(most);
    },
    60_000,
  );

  test.each(lives.slice(1))(
    'with tokens of $life make $perDay requests a day and key where nothing fails',
    async (each) => {
      const { broken, requests, keys } = await live({ ...each, spared: true });
      expect(broken).toEqual([]);
      expect(requests).toBeLessThanOrEqual(keys * Math.ceil(mostRequests(each.firstRefreshMs, [])));
    },
  );
});

/** Programs that start at the same moment and ask all the time: when each of them asks its service again. */
async function comeBack(lifeMs: number, outage = { from: 0, until: 0 }): Promise<number[]> {
  let now = start;
  const back: number[] = [];
  const fleet = Array.from({ length: 1000 }, (_, index) => {
    const cache = createTokenCache({ ...fakeIo(), now: () => now, random: seeded(index), after: () => () => {} });
    let first = true;
    const acquire = async () => {
      const since = now - start;
      if (!first && outage.from <= since && since < outage.until) throw new Error('outage');
      if (!first) back.push(since);
      first = false;
      return { token: 't', expiresOn: now + lifeMs };
    };
    return { cache, acquire };
  });
  await Promise.all(fleet.map(({ cache, acquire }) => cache.renew('key', acquire, { timeoutMs: 1000 })));
  // Before this nobody has anything to do.
  now = Math.min(...fleet.map(({ cache }) => cache.read('key')?.state.fresh.until ?? 0)) - minute;
  for (; back.length < fleet.length; now += 1000) {
    for (const { cache, acquire } of fleet) cache.peek('key', acquire);
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  }
  return back.sort((a, b) => a - b);
}

/** The largest number of these times that lie within any span of that length. */
function mostWithin(times: readonly number[], spanMs: number): number {
  let [most, first] = [0, 0];
  times.forEach((time, index) => {
    while (time - (times[first] ?? 0) >= spanMs) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

describe('a fleet of 1,000 that started at the same moment', () => {
  test.each([
    { life: '24 h', lifeMs: day, earliest: 576, latest: 720, most: 20 },
    { life: '1 h', lifeMs: hour, earliest: 44, latest: 55, most: 130 },
  ])(
    'with tokens of $life comes back after $earliest to $latest minutes, at most $most in any minute',
    async ({ lifeMs, earliest, latest, most }) => {
      const times = await comeBack(lifeMs);
      expect(times[0]).toBeGreaterThanOrEqual(earliest * minute);
      expect(times.at(-1)).toBeLessThanOrEqual(latest * minute + 1000);
      expect(mostWithin(times, minute)).toBeLessThanOrEqual(most);
    },
  );

  test('comes back from an outage of 5 hours within ten minutes, at most 30 in any second', async () => {
    const until = 14 * hour;
    const times = await comeBack(day, { from: 9 * hour, until });
    expect(times[0]).toBeGreaterThanOrEqual(until);
    expect(times.at(-1)).toBeLessThanOrEqual(until + 601_000);
    expect(mostWithin(times, 1000)).toBeLessThanOrEqual(30);
  });
});
