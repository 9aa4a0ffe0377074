import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { start } from '../../test/fake-io.ts';
import { AuthenticationError, type ErrorDetails } from '../errors.ts';
import {
  accessTokenOf,
  afterFailure,
  afterToken,
  emptyState,
  isUsable,
  isWithin,
  refreshTime,
  type TokenState,
} from './token-state.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const skew = 30 * second;

/** A token that lives that long from the start. */
const tokenFor = (life: number, refreshIn?: number) => {
  const refreshOn = refreshIn && start + refreshIn;
  return accessTokenOf({ token: 't', expiresOn: start + life, refreshOn }, { now: start, random: 0 });
};
const token = tokenFor(24 * hour);
const withToken = afterToken(emptyState, token, 3, start);

describe('a moment is within a span', () => {
  const span = { from: start, until: start + minute };
  test.each([
    ['before it', -1, false],
    ['at its beginning', 0, true],
    ['in it', 1, true],
    ['just before its end', minute - 1, true],
    ['at its end', minute, false],
    ['after it', hour, false],
  ])('%s', (_, ms, expected) => expect(isWithin(span, start + ms)).toBe(expected));

  test('never, if the span is empty', () => {
    expect(isWithin(emptyState.fresh, 0)).toBe(false);
    expect(isWithin({ from: start, until: start }, start)).toBe(false);
  });
});

describe('a token is usable', () => {
  test.each([
    ['when it is new', 0, true],
    ['in its last minute', 24 * hour - minute, true],
    ['just before its last 30 s', 24 * hour - skew - 1, true],
    ['not in its last 30 s', 24 * hour - skew, false],
    ['not after its end', 25 * hour, false],
    // The cache has it renewed then; meanwhile callers get it.
    ['after the clock went back', -hour, true],
  ])('%s', (_, ms, expected) => expect(isUsable(token, start + ms)).toBe(expected));
});

test('a token as clients get it has its end and the time of its refresh, and cannot be changed', () => {
  const times = { expiresOnTimestamp: start + 24 * hour, refreshAfterTimestamp: start + 12 * hour };
  expect(token).toEqual({ token: 't', tokenType: 'Bearer', ...times });
  expect(token).toSatisfy(Object.isFrozen);
});

describe('after a token', () => {
  const failed = afterFailure(withToken, new Error('No.'), true, { now: start + 13 * hour, random: 0 });
  const throttled = afterFailure(emptyState, refusalWith({ retryAfterMs: minute }), false, { now: start, random: 0 });
  test.each<[string, TokenState]>([
    ['the first one', emptyState],
    ['after a failed refresh', failed],
    ['after a refusal', throttled],
  ])('%s: it is fresh, and failures are forgotten', (_, before) => {
    const fresh = { from: start, until: start + 12 * hour };
    expect(afterToken(before, token, 4, start)).toEqual({
      token,
      broughtBy: 4,
      fresh,
      failedRefreshes: 0,
      refusal: undefined,
    });
  });

  test.each([
    ['a later flight', 4, 'new'],
    ['the same flight', 3, 'new'],
    ['a flight that a later one overtook', 2, 'old'],
  ])('of %s', (_, broughtBy, kept) => {
    const after = afterToken(withToken, { ...token, token: 'new' }, broughtBy, start + hour);
    if (kept === 'old') expect(after).toBe(withToken);
    else expect(after).toMatchObject({ token: { token: 'new' }, broughtBy, fresh: { from: start + hour } });
  });

  test.each([
    ['until its refresh', tokenFor(hour), 55 * minute],
    ['not into its last 30 s, whatever the service says', tokenFor(hour, hour - second), hour - skew],
    ['not at all, where it has no time of a refresh', { token: 't', expiresOnTimestamp: start + hour }, -start],
  ])('it is fresh %s', (_, given, ms) => {
    expect(afterToken(emptyState, given, 1, start).fresh).toEqual({ from: start, until: start + ms });
  });
});

/** A service's refusal, as it may ask for a pause. */
function refusalWith(details: ErrorDetails): Error {
  return new AuthenticationError('ERR_THROTTLED', 'Slow down.', details);
}

describe('after a failure', () => {
  const now = start + 13 * hour;
  const error = new Error('No.');

  test.each<[string, TokenState, boolean]>([
    ['without a token', emptyState, true],
    ['of a request with claims, or of one that was overtaken', withToken, false],
  ])('%s nothing is remembered', (_, before, refreshed) => {
    expect(afterFailure(before, error, refreshed, { now, random: 0.5 })).toEqual(before);
  });

  test.each([
    ['2 s after the first one', 0, 0, 2 * second],
    ['4 s after the second one', 1, 0, 4 * second],
    ['8 s after the third one', 2, 0, 8 * second],
    ['256 s after the eighth one', 7, 0, 256 * second],
    ['five minutes after all others', 8, 0, 5 * minute],
    ['five minutes after very many', 2_000, 0, 5 * minute],
    ['half as late again by chance', 1, 0.5, 6 * second],
    ['almost twice as late by chance', 1, 0.99, 7.96 * second],
  ])('of a refresh, the next one is due %s', (_, failedRefreshes, random, pause) => {
    const after = afterFailure({ ...withToken, failedRefreshes }, error, true, { now, random });
    expect(after).toEqual({
      ...withToken,
      failedRefreshes: failedRefreshes + 1,
      fresh: { from: now, until: now + pause },
    });
  });

  test('of a refresh, the pause ends where the token does', () => {
    const late = start + 24 * hour - skew - second;
    const { fresh } = afterFailure({ ...withToken, failedRefreshes: 8 }, error, true, { now: late, random: 0.5 });
    expect(fresh).toEqual({ from: late, until: late + second });
  });

  test.each([
    ['that long', 10 * minute, 0, 10 * minute],
    ['half as long again by chance', 10 * minute, 0.5, 15 * minute],
    ['an hour, if it wants more', 7 * 24 * hour, 0, hour],
    ['up to two hours then', 7 * 24 * hour, 0.5, 1.5 * hour],
  ])('with a pause that the service asks for, nobody asks for %s', (_, retryAfterMs, random, pause) => {
    const refusal = refusalWith({ retryAfterMs });
    const remembered = { error: refusal, from: now, until: now + pause };
    const moment = { now, random };
    expect(afterFailure(emptyState, refusal, false, moment)).toEqual({ ...emptyState, refusal: remembered });
    expect(afterFailure(withToken, refusal, true, moment)).toEqual({
      ...withToken,
      failedRefreshes: 1,
      fresh: { from: now, until: now + pause },
      refusal: remembered,
    });
  });

  test('a shorter pause than our own changes nothing about ours', () => {
    const refusal = refusalWith({ retryAfterMs: second });
    const { fresh } = afterFailure(withToken, refusal, true, { now, random: 0 });
    expect(fresh.until).toBe(now + 2 * second);
  });

  test.each<[string, Error]>([
    ['another error', error],
    ['an error that asks for nothing', refusalWith({})],
    ['one that asks for no time', refusalWith({ retryAfterMs: 0 })],
    // Only our own errors were read from an answer.
    ['an error of somebody else that has the field', Object.assign(new Error('No.'), { retryAfterMs: hour })],
  ])('%s leaves an earlier refusal as it is', (_, later) => {
    const throttled = afterFailure(withToken, refusalWith({ retryAfterMs: hour }), false, { now, random: 0.5 });
    const after = afterFailure(throttled, later, false, { now: now + minute, random: 0.5 });
    expect(after).toEqual(throttled);
  });

  test('the state before it is not touched', () => {
    const before = structuredClone(withToken);
    afterFailure(withToken, refusalWith({ retryAfterMs: hour }), true, { now, random: 0.5 });
    expect(withToken).toEqual(before);
  });
});

describe('the time of the refresh', () => {
  const at = (life: number, random: number, refreshIn?: number) =>
    (refreshTime({ token: 't', expiresOn: start + life, refreshOn: refreshIn && start + refreshIn }, start, random) -
      start) /
    minute;

  test.each([
    ['half of a day', 24 * hour, 0, undefined, 720],
    ['up to a fifth earlier', 24 * hour, 1, undefined, 576],
    ['five minutes before the end of an hour', hour, 0, undefined, 55],
    ['half of a very short life', 4 * minute, 0, undefined, 2],
    ['when the service says', 24 * hour, 0, hour, 60],
    ['not what the service says if that is after the end', hour, 0, 2 * hour, 55],
    ['not what the service says if that is past', hour, 0, -minute, 55],
  ])('%s', (_, life, random, refreshIn, expected) => {
    expect(at(life, random, refreshIn)).toBe(expected);
  });

  test('lies within the life of every token', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 * 24 * hour }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (life, random) => {
          const time = refreshTime({ token: 't', expiresOn: start + life }, start, random);
          expect(time).toBeGreaterThanOrEqual(start);
          expect(time).toBeLessThan(start + life);
        },
      ),
    );
  });
});
