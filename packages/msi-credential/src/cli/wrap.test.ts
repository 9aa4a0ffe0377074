import { describe, expect, test } from 'vitest';
import { wrap } from './wrap.ts';

const text = '✗ token        the endpoint answered 500, with nothing that explains it';

describe('a line', () => {
  test('goes on below its text where the terminal ends', () => {
    expect(wrap(text, 45, 15).split('\n')).toEqual([
      '✗ token        the endpoint answered 500,',
      '               with nothing that explains it',
    ]);
  });

  test('loses no word, and is nowhere wider than the terminal', () => {
    for (let width = 40; width < 80; width += 1) {
      const lines = wrap(text, width, 15).split('\n');
      expect(lines.join(' ').split(/\s+/)).toEqual(text.split(/\s+/));
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
    }
  });

  test.each<[string, string, number | undefined]>([
    ['fits', text, 80],
    ['goes into a pipe', text, undefined],
    ['would have no room', text, 30],
    ['is a command to copy', `  - az role assignment create --role "${'x'.repeat(80)}"`, 60],
    ['is one long word', `  https://${'x'.repeat(80)}`, 60],
  ])('stays as it is where it %s', (_, line, width) => {
    expect(wrap(line, width, 15)).toBe(line);
  });

  test('keeps a long word whole and goes on behind it', () => {
    expect(wrap(`  see https://${'x'.repeat(60)} for more`, 40, 2).split('\n')).toEqual([
      '  see',
      `  https://${'x'.repeat(60)}`,
      '  for more',
    ]);
  });
});
