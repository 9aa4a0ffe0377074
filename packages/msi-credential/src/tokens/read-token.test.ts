import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogueOf } from '../../test/catalogue.ts';
import { jwt, start } from '../../test/fake-io.ts';
import type { Explanation } from '../codes.ts';
import { explanationOf } from '../errors.ts';
import { readTime, readToken } from './read-token.ts';

const seconds = (text: string) => Date.parse(text) / 1000;

describe('a point in time', () => {
  test.each<[unknown, number | undefined]>([
    ['1788350400', 1788350400],
    [1788350400, 1788350400],
    [' 1788350400 ', 1788350400],
    [1788350400.9, 1788350400.9],
    [1788350400000, 1788350400],
    ['86399', start / 1000 + 86399],
    ['1/16/2020 5:24:12 AM +00:00', 1579152252],
    ['06/20/2019 02:57:58 +00:00', 1560999478],
    ['09/14/2017 00:00:00 PM +00:00', 1505390400],
    ['2024-10-18T19:51:37.0000000+00:00', 1729281097],
    ['2024-10-18T19:51:37Z', 1729281097],
    ['2024-10-18T21:51:37+02:00', 1729281097],
    ['2024-10-18T14:21:37-0530', 1729281097],
    ['2024-10-18 19:51:37', 1729281097],
    ['10/18/2024 19:51:37', 1729281097],
    ['1/12/2025 12:05:06 AM +00:00', 1736640306],
    ['12/1/2025 1:05:06 PM +00:00', 1764594306],
    ['12/1/2025 12:05:06 PM +00:00', seconds('2025-12-01T12:05:06Z')],
    ['1/2/2026 3:4:5 PM +00:00', seconds('2026-01-02T15:04:05Z')],
    ['1/2/2026 15:04:05 PM +00:00', seconds('2026-01-02T15:04:05Z')],
    ['11/24/2026 10:00:00 AM +00:00', seconds('2026-11-24T10:00:00Z')],
    ['18/10/2024 19:51:37 +00:00', undefined],
    ['02/30/2026 10:00:00 +00:00', undefined],
    ['2026-13-01T00:00:00Z', undefined],
    ['2026-01-01T24:61:00Z', undefined],
    ['9999999999999999', undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [-5, undefined],
    ['', undefined],
    ['soon', undefined],
    [null, undefined],
    [{}, undefined],
    [true, undefined],
  ])('%j', (value, expected) => {
    expect(readTime(value, start)).toBe(expected === undefined ? undefined : Math.floor(expected * 1000));
  });

  test('any US date comes back as the moment that it names, in every zone that a process may run in', () => {
    const moment = fc.date({ min: new Date('2002-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(moment, fc.boolean(), (date, windows) => {
        const [year, month, day, hour, minute, second] = (date.toISOString().match(/\d+/g) ?? []).map(Number);
        const clock = windows
          ? `${(((hour ?? 0) + 11) % 12) + 1}:${minute}:${second} ${(hour ?? 0) < 12 ? 'AM' : 'PM'}`
          : `${hour}:${minute}:${second}`;
        expect(readTime(`${month}/${day}/${year} ${clock} +00:00`, start)).toBe(
          Math.floor(date.getTime() / 1000) * 1000,
        );
      }),
    );
  });

  test('no value makes it throw, and what it returns is a plausible time', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const time = readTime(value, start);
        expect(time === undefined || (time >= 978_307_200_000 && time <= 7_258_118_400_000)).toBe(true);
      }),
    );
  });
});

describe('a token answer', () => {
  const ownEnd = start + 3_600_000;
  const token = jwt({ exp: ownEnd / 1000 });
  /** By its own account it ended ten minutes ago. */
  const past = start / 1000 - 600;
  const over = jwt({ exp: past });
  const read = (body: unknown) =>
    readToken(typeof body === 'string' ? body : JSON.stringify(body), start, 'GET http://x');

  test.each<[string, unknown, number]>([
    ['prefers expires_on', { access_token: token, expires_on: start / 1000 + 900, expires_in: '5' }, start + 900_000],
    ['else takes expires_in', { access_token: token, expires_in: '600' }, start + 600_000],
    ['lasts no longer than the token itself: a day more', { access_token: token, expires_on: '1795480000' }, ownEnd],
    ['lasts no longer than the token itself: 2150', { access_token: token, expires_on: '5680281600' }, ownEnd],
    ['lasts no longer than the token itself: a date', { access_token: token, expires_on: '1/1/2150 0:0:0 AM' }, ownEnd],
    ['lasts no longer than the token itself: milliseconds', { access_token: token, expires_in: 86_400_000 }, ownEnd],
    [
      'lasts as long as the token itself where a time in the past is stated',
      { access_token: token, expires_on: past },
      ownEnd,
    ],
    ['keeps the time from now where the clock is ahead', { access_token: over, expires_in: 3599 }, start + 3_599_000],
    [
      'keeps what is stated of a token without a time',
      { access_token: jwt({}), expires_on: '1795480000' },
      1795480000_000,
    ],
    ['also beside an empty expires_on', { access_token: token, expires_on: '', expires_in: 600 }, start + 600_000],
    ["else the token's own exp", { access_token: token, expires_on: 'whenever' }, start + 3_600_000],
  ])('%s', (_, body, expiresOn) => {
    expect(read(body)).toMatchObject({ token: (body as { access_token: string }).access_token, expiresOn });
  });

  test('begins with a byte order mark', () => {
    expect(read(`\uFEFF${JSON.stringify({ access_token: token })}`)).toMatchObject({ token, expiresOn: ownEnd });
  });

  test('tells when the service wants it renewed', () => {
    expect(read({ access_token: token, expires_in: 86400, refresh_in: '43200' }).refreshOn).toBe(start + 43_200_000);
  });

  const unusable: readonly (readonly [string, body: unknown, named: string])[] = [
    ['no JSON', '<html>', 'JSON'],
    ['nothing', '', '200'],
    ['cut off', '{"access_token":"marker-secret', 'JSON'],
    ['a list', [1], 'access_token'],
    ['null', 'null', 'access_token'],
    ['an empty token', { access_token: ' ', expires_in: 5 }, 'access_token'],
    ['a token of the wrong type', { access_token: 5, expires_in: 5 }, 'access_token'],
    ['a token with a line break', { access_token: 'a\nb', expires_in: 5 }, 'access_token'],
    ['no expiry', { access_token: 'opaque-marker-secret' }, 'expires_on'],
    ['an absurd expiry', { access_token: 'opaque', expires_on: '99999999999999999' }, 'expires_on'],
    ['stated for a day more than the token has', { access_token: over, expires_on: '1795480000' }, '2026-11-22'],
    ['over by both accounts', { access_token: over, expires_on: past - 60 }, '2026-11-22'],
    ['an expiry in the past', { access_token: 'opaque', expires_on: '1600000000' }, '2020-09-13'],
  ];
  /** What it is refused with. */
  const refused = (body: unknown) => {
    try {
      return `a token: ${read(body).token}`;
    } catch (error) {
      return error as Error;
    }
  };

  test.each(unusable)('is refused: %s', (_, body, named) => {
    const error = refused(body);
    expect(error).toMatchObject({
      code: 'ERR_RESPONSE_MALFORMED',
      explanation: { cause: expect.stringContaining(named) },
    });
    expect(`${error}${JSON.stringify(error)}`).not.toContain('marker-secret');
  });

  test('the wording of each refusal', async () => {
    const told = unusable.map(([title, body]) => [title, explanationOf(refused(body)) as Explanation] as const);
    await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/read-token.txt');
  });

  test('any body gives a token that is still valid, or a coded error', () => {
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ access_token: fc.anything(), expires_on: fc.anything() }).map((each) => JSON.stringify(each) ?? ''),
    );
    fc.assert(
      fc.property(bodies, (body) => {
        try {
          expect(readToken(body, start, 'GET http://x').expiresOn).toBeGreaterThan(start);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_RESPONSE_MALFORMED' });
        }
      }),
    );
  });
});
