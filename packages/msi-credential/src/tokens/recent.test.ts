import { describe, expect, test } from 'vitest';
import { recentMap } from './recent.ts';

describe('a map of what was used of late', () => {
  const names = Array.from({ length: 1_000 }, (_, index) => index);

  test('keeps the last names, and no more than it may', () => {
    const map = recentMap<number, number>(10);
    for (const name of names) map.set(name, name);
    const newestFirst = names.toReversed();
    const kept = newestFirst.filter((name) => map.get(name) !== undefined);
    expect(kept).toEqual(newestFirst.slice(0, kept.length));
    expect(kept.length).toBeGreaterThanOrEqual(5);
    expect(kept.length).toBeLessThanOrEqual(10);
  });

  test('keeps a name that is asked for all the time', () => {
    const map = recentMap<number | string, number>(10);
    map.set('in use', 7);
    for (const name of names) {
      map.set(name, name);
      expect(map.get('in use')).toBe(7);
    }
  });

  test('takes a new value for a name, and forgets one that is deleted', () => {
    const map = recentMap<number, string>(10);
    for (const name of [0, 1, 2, 3, 4, 5]) map.set(name, 'old');
    map.set(0, 'new');
    map.set(5, 'new');
    expect([0, 4, 5].map(map.get)).toEqual(['new', 'old', 'new']);
    map.delete(0);
    map.delete(5);
    expect([0, 4, 5].map(map.get)).toEqual([undefined, 'old', undefined]);
  });
});
