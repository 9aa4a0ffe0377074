import { describe, expect, test, vi } from 'vitest';
import { fakeIo } from '../../test/fake-io.ts';
import { AuthenticationError } from '../errors.ts';
import type { AcquiredToken, Attempt, Flight } from '../types.ts';
import { type Acquire, createTokenCache } from './cache.ts';

const hour = 3_600_000;
const minute = 60_000;
const caller = { timeoutMs: 100_000 };

/** A cache with one entry and a source that answers when told to. */
function setUp() {
  const io = fakeIo();
  const cache = createTokenCache(io);
  const waiting: PromiseWithResolvers<AcquiredToken>[] = [];
  const signals: AbortSignal[] = [];
  const acquire = vi.fn((flight: Flight) => {
    const pending = Promise.withResolvers<AcquiredToken>();
    waiting.push(pending);
    signals.push(flight.signal);
    return pending.promise;
  });
  const get = async (options: Parameters<typeof cache.renew>[2] = caller, claims?: string) =>
    (claims === undefined ? cache.peek('key', acquire) : undefined) ?? cache.renew('key', acquire, options, claims);
  /** The oldest request, or the one that is `at` this place in their order. */
  const answer = async (token: string, life = 24 * hour, at = 0) => {
    waiting.splice(at, 1)[0]?.resolve({ token, expiresOn: io.now() + life });
    await io.advance(0);
  };
  const fail = async (error: Error = new AuthenticationError('ERR_REFUSED', 'No.')) => {
    waiting.shift()?.reject(error);
    await io.advance(0);
  };
  return { io, cache, acquire, get, answer, fail, signals };
}

describe('one flight', () => {
  test('serves all who ask while it is under way', async () => {
    const { get, answer, acquire, cache, signals } = setUp();
    const all = Promise.all(Array.from({ length: 100 }, () => get()));
    await answer('one');
    expect(new Set((await all).map(({ token }) => token))).toEqual(new Set(['one']));
    expect(acquire).toHaveBeenCalledTimes(1);
    expect(cache.counters).toEqual({ hits: 0, joined: 99, flights: 1, refreshes: 0, failures: 0 });
    expect(signals[0]?.aborted).toBe(false);
  });

  test('has one timer for all who give up at the same moment, and one of its own', async () => {
    const { io, get, answer, signals } = setUp();
    const all = Promise.allSettled(Array.from({ length: 10_000 }, () => get({ timeoutMs: 1_000 })));
    const patient = get({ timeoutMs: 2_000 });
    expect(io.timers).toBe(3);
    await io.advance(1_000);
    const codes = (await all).map((end) => (end.status === 'rejected' ? end.reason.code : end.status));
    expect(codes.filter((code) => code === 'ERR_TIMEOUT')).toHaveLength(10_000);
    expect(io.timers).toBe(2);
    expect(signals[0]?.aborted).toBe(false);
    await answer('one');
    expect((await patient).token).toBe('one');
    expect(io.timers).toBe(0);
  });

  test('that fails is not remembered: all who waited fail, the next call asks again', async () => {
    const { get, answer, fail, acquire } = setUp();
    const all = Promise.allSettled([get(), get()]);
    await fail();
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const again = get();
    await answer('second');
    expect((await again).token).toBe('second');
    expect(acquire).toHaveBeenCalledTimes(2);
  });

  test('that was asked to wait is remembered for that long', async () => {
    const { io, get, answer, fail, acquire } = setUp();
    const first = get();
    first.catch(() => {});
    await fail(new AuthenticationError('ERR_THROTTLED', 'Slow down.', { retryAfterMs: 10_000 }));
    await expect(first).rejects.toThrow('Slow down');
    await io.advance(9_999);
    await expect(get()).rejects.toThrow('Slow down');
    expect(acquire).toHaveBeenCalledTimes(1);
    await io.advance(1);
    const later = get();
    await answer('later');
    expect((await later).token).toBe('later');
  });

  test("is not ended by one caller's abort", async () => {
    const { get, answer, signals } = setUp();
    const controller = new AbortController();
    const leaving = get({ ...caller, signal: controller.signal });
    const staying = get();
    controller.abort();
    await expect(leaving).rejects.toMatchObject({ name: 'AbortError' });
    expect(signals[0]?.aborted).toBe(false);
    await answer('one');
    expect((await staying).token).toBe('one');
  });

  test('ends when its last caller has left, and the next call starts afresh', async () => {
    const { io, get, answer, signals, acquire } = setUp();
    const controller = new AbortController();
    const aborted = get({ ...caller, signal: controller.signal });
    const late = get({ timeoutMs: 50 });
    late.catch(() => {});
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    await io.advance(50);
    await expect(late).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(signals[0]?.aborted).toBe(true);
    const next = get();
    expect(acquire).toHaveBeenCalledTimes(2);
    await answer('abandoned');
    await answer('fresh');
    expect((await next).token).toBe('fresh');
  });

  test('is not started for a caller that has already aborted', async () => {
    const { get, acquire } = setUp();
    await expect(get({ ...caller, signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    expect(acquire).not.toHaveBeenCalled();
  });

  test('that never ends is given up, so that it cannot block its key for ever', async () => {
    const { io, get, answer, signals } = setUp();
    const stuck = get({ timeoutMs: 1_000_000 });
    stuck.catch(() => {});
    await io.advance(150_000);
    await expect(stuck).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(signals[0]?.aborted).toBe(true);
    const next = get();
    await answer('abandoned');
    await answer('fresh');
    expect((await next).token).toBe('fresh');
  });

  test('with claims is its own, and its token replaces the one that was there', async () => {
    const { get, answer, acquire } = setUp();
    const plain = get();
    await answer('plain');
    await plain;
    const claimed = Promise.all([get(caller, '{"a":1}'), get(caller, '{"a":1}')]);
    expect(acquire).toHaveBeenCalledTimes(2);
    expect(acquire.mock.lastCall?.[1 as 0]).toBe('{"a":1}');
    await answer('claimed');
    expect((await claimed).map(({ token }) => token)).toEqual(['claimed', 'claimed']);
    expect((await get()).token).toBe('claimed');
  });
});

describe('a flight that a later one has overtaken', () => {
  test.each<[string, (world: ReturnType<typeof setUp>) => Promise<void>]>([
    ['does not put its token in the place of the newer one', ({ answer }) => answer('older')],
    ['has nothing asked again when it fails', ({ fail }) => fail()],
  ])('%s', async (_, end) => {
    const world = setUp();
    const { io, cache, get, answer } = world;
    const first = get();
    await answer('first');
    await first;
    await io.advance(13 * hour);
    // Due: this starts a refresh.
    expect((await get()).token).toBe('first');
    const claimed = get(caller, '{"a":1}');
    await answer('newer', 24 * hour, 1);
    expect((await claimed).token).toBe('newer');
    await end(world);
    await io.advance(hour);
    expect((await get()).token).toBe('newer');
    expect(cache.counters.flights).toBe(3);
  });

  test('gives those who wait for it what it brings', async () => {
    const { get, answer } = setUp();
    const plain = get();
    const claimed = get(caller, '{"a":1}');
    await answer('newer', hour, 1);
    await answer('older');
    expect([(await plain).token, (await claimed).token, (await get()).token]).toEqual(['older', 'newer', 'newer']);
  });
});

describe('a clock that is set back', () => {
  test('makes the token due: callers have it at once, and one flight brings a new one', async () => {
    const { io, get, answer, acquire } = setUp();
    const first = get();
    await answer('of the future', hour);
    await first;
    await io.advance(-5 * hour);
    expect((await get()).token).toBe('of the future');
    expect(acquire).toHaveBeenCalledTimes(2);
    await answer('new', hour);
    expect((await get()).token).toBe('new');
    expect(acquire).toHaveBeenCalledTimes(2);
  });

  test('ends the pause after a refresh that failed, but not the next one', async () => {
    const { io, get, answer, fail, acquire } = setUp();
    const first = get();
    await answer('old');
    await first;
    await io.advance(13 * hour);
    await get();
    await fail();
    await io.advance(-hour);
    await get();
    expect(acquire).toHaveBeenCalledTimes(3);
    await fail();
    await get();
    expect(acquire).toHaveBeenCalledTimes(3);
  });

  test('ends the time for which a service asked to be left alone', async () => {
    const { io, get, answer, fail } = setUp();
    const first = get();
    first.catch(() => {});
    await fail(new AuthenticationError('ERR_THROTTLED', 'Slow down.', { retryAfterMs: hour }));
    await expect(get()).rejects.toThrow('Slow down');
    await io.advance(-5 * hour);
    const later = get();
    await answer('later');
    expect((await later).token).toBe('later');
  });
});

test('a service that asks to be left alone for a week is asked again after an hour', async () => {
  const { io, get, answer, fail, acquire } = setUp();
  const first = get();
  await answer('old', 7 * 24 * hour);
  await first;
  await io.advance(4 * 24 * hour);
  await get();
  await fail(new AuthenticationError('ERR_THROTTLED', 'Slow down.', { retryAfterMs: 7 * 24 * hour }));
  await io.advance(hour - 1);
  await get();
  expect(acquire).toHaveBeenCalledTimes(2);
  await io.advance(1);
  await get();
  expect(acquire).toHaveBeenCalledTimes(3);
});

describe('a refresh', () => {
  /** With a token of a day in the cache and the clock moved on. */
  async function aged(ms: number) {
    const all = setUp();
    const first = all.get();
    await all.answer('old');
    await first;
    await all.io.advance(ms);
    return all;
  }

  test('is due after half a day: callers get the old token at once, one flight brings the new one', async () => {
    const { get, answer, acquire } = await aged(13 * hour);
    const tokens = await Promise.all(Array.from({ length: 1000 }, () => get()));
    expect(new Set(tokens.map(({ token }) => token))).toEqual(new Set(['old']));
    expect(acquire).toHaveBeenCalledTimes(2);
    await answer('new');
    expect((await get()).token).toBe('new');
  });

  test('that fails bothers nobody, and is tried again after growing pauses', async () => {
    const { io, get, fail, acquire, cache } = await aged(13 * hour);
    const gaps: number[] = [];
    let last = io.now();
    for (let calls = acquire.mock.calls.length; gaps.length < 10; await io.advance(100)) {
      expect((await get()).token).toBe('old');
      if (acquire.mock.calls.length === calls) continue;
      calls = acquire.mock.calls.length;
      gaps.push(io.now() - last);
      last = io.now();
      await fail();
    }
    expect(gaps.slice(1, 5).every((gap, index) => gap > (gaps[index] ?? 0) * 1.5)).toBe(true);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(300_200);
    expect(cache.counters.failures).toBe(10);
  });

  test('makes callers wait only when the token is within its last seconds', async () => {
    const { io, get, fail, answer } = await aged(24 * hour - minute);
    expect((await get()).token).toBe('old');
    await fail();
    await io.advance(29_000);
    expect((await get()).token).toBe('old');
    await fail();
    await io.advance(2_000);
    const waited = get();
    await answer('new');
    expect((await waited).token).toBe('new');
  });

  test('under way when the token ends is joined by those who now wait, and goes on if they leave', async () => {
    const { io, get, answer, acquire, signals } = await aged(24 * hour - 31_000);
    await get();
    await io.advance(2_000);
    const controller = new AbortController();
    const impatient = get({ ...caller, signal: controller.signal });
    controller.abort();
    await expect(impatient).rejects.toMatchObject({ name: 'AbortError' });
    expect(signals[1]?.aborted).toBe(false);
    const patient = get();
    await answer('new');
    expect((await patient).token).toBe('new');
    expect(acquire).toHaveBeenCalledTimes(2);
  });

  test('leaves no timer behind', async () => {
    const { io, get, answer } = await aged(13 * hour);
    await get();
    await answer('new');
    expect(io.timers).toBe(0);
  });
});

describe('what is kept', () => {
  /** A cache of many keys, whose tokens live for an hour. */
  function many() {
    const io = fakeIo();
    const cache = createTokenCache(io);
    const acquire = vi.fn(async (): Promise<AcquiredToken> => ({ token: 't', expiresOn: io.now() + hour }));
    const ask = (key: string, how: Acquire = acquire) => cache.renew(key, how, caller);
    const askAll = async (prefix: string, count: number) => {
      for (let index = 0; index < count; index += 1) await ask(`${prefix} ${index}`);
    };
    const kept = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, index) => cache.read(`${prefix} ${index}`)).filter((each) => each).length;
    return { io, cache, acquire, ask, askAll, kept };
  }

  test('is dropped when it is over and something new comes', async () => {
    const { io, ask, askAll, kept } = many();
    await askAll('tenant', 1_000);
    await io.advance(hour);
    await ask('another');
    expect(kept('tenant', 1_000)).toBe(0);
  });

  test('are 10,000 tokens at most: the oldest goes, the one that was renewed last stays', async () => {
    const { cache, ask, askAll, kept } = many();
    await askAll('tenant', 10_000);
    await ask('tenant 0');
    await askAll('other', 100);
    expect(kept('tenant', 10_000) + kept('other', 100)).toBe(10_000);
    expect(cache.read('tenant 0')).toBeDefined();
    expect(cache.read('tenant 1')).toBeUndefined();
  });

  test('is a flight for as long as it is under way, however many others come', async () => {
    const { cache, ask, askAll, acquire } = many();
    const pending = Promise.withResolvers<AcquiredToken>();
    const first = ask('first', () => pending.promise);
    await askAll('tenant', 10_100);
    const second = ask('first');
    pending.resolve({ token: 'shared', expiresOn: Number.MAX_SAFE_INTEGER });
    expect([await first, await second].map(({ token }) => token)).toEqual(['shared', 'shared']);
    expect(acquire).toHaveBeenCalledTimes(10_100);
    expect(cache.read('first')).toBeDefined();
  });

  test('is a refusal until its pause is over, and the attempts of a failure for ten minutes', async () => {
    const { io, cache, ask } = many();
    const refused = new AuthenticationError('ERR_THROTTLED', 'Slow down.', { retryAfterMs: hour });
    await ask('refused', () => Promise.reject(refused)).catch(() => {});
    await ask('failed', () => Promise.reject(new Error('No.'))).catch(() => {});
    const kept = async () => {
      await ask(`another ${io.now()}`);
      return ['refused', 'failed'].filter((key) => cache.read(key) !== undefined);
    };
    await io.advance(9 * minute);
    expect(await kept()).toEqual(['refused', 'failed']);
    await io.advance(11 * minute);
    expect(await kept()).toEqual(['refused']);
    await io.advance(hour);
    expect(await kept()).toEqual([]);
  });

  test('are the last ten attempts', async () => {
    const { cache } = many();
    const attempted: Acquire = async (_, claims, record) => {
      record({ outcome: 'token', resource: claims ?? '' } as Attempt);
      return { token: 't', expiresOn: 0 };
    };
    for (let count = 1; count <= 12; count += 1) await cache.renew('key', attempted, caller, String(count));
    const resources = cache.read('key')?.attempts.map(({ resource }) => resource);
    expect(resources).toEqual(['3', '4', '5', '6', '7', '8', '9', '10', '11', '12']);
  });
});
