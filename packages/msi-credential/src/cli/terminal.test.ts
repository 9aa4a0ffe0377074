import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { asJson, processTerminal, type Stream } from './terminal.ts';

/** A stream that remembers, and says of itself what a terminal or a pipe says. */
function stream(isTTY: boolean, columns?: number) {
  const written: string[] = [];
  const self = {
    isTTY,
    ...(columns !== undefined && { columns }),
    write: (text: string) => Boolean(written.push(text)),
  } as Stream;
  return { self, written };
}

const [pipe, screen] = [stream(false).self, stream(true, 80).self];
const escapeCode = '\u001B';

test('data draws nothing on a terminal, and is the same data', () => {
  const data = { name: '\u001B[2J\u009B2J\u202E\u2066\u200F\u007F', ö: '€' };
  const text = asJson(data);
  expect(text).not.toMatch(/(?!\n)\p{Cc}|\p{Bidi_Control}/u);
  expect(text).toContain('"ö": "€"');
  expect(JSON.parse(text)).toEqual(data);
});

describe('colours', () => {
  test.each<[string, Stream, Record<string, string>, boolean]>([
    ['on a terminal', screen, {}, true],
    ['in a pipe', pipe, {}, false],
    ['where NO_COLOR is set', screen, { NO_COLOR: '1' }, false],
    ['where NO_COLOR is empty, which counts as unset', screen, { NO_COLOR: '' }, true],
    ['on a terminal that knows none', screen, { TERM: 'dumb' }, false],
  ])('%s', (_, out, env, expected) => {
    expect(processTerminal(out, pipe, env).out.paint('red', 'x').includes(escapeCode)).toBe(expected);
  });

  test('belong to the stream that is written to: a log of failures has none', () => {
    const { out, err } = processTerminal(screen, pipe, {});
    expect([out.paint('red', 'x').includes(escapeCode), err.paint('red', 'x')]).toEqual([true, 'x']);
  });
});

test.each([
  ['a terminal', stream(true, 80), 80],
  ['a terminal that does not know it', stream(true, 0), undefined],
  ['a pipe', stream(false, 80), undefined],
])('the width of %s', (_, { self }, width) => {
  expect(processTerminal(self, pipe, {}).out.width).toBe(width);
});

describe('a sign of life', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** What is on the screen of failures after a step of so many ms, and when it is over. */
  function after(ms: number, isTTY: boolean, env = {}) {
    const { self, written } = stream(isTTY);
    const done = processTerminal(pipe, self, env).busy('token');
    vi.advanceTimersByTime(ms);
    const during = written.join('');
    done();
    return { during, afterwards: written.join('').slice(during.length) };
  }

  test('is shown for a step that takes longer than a moment, and taken away', () => {
    expect(after(400, true)).toEqual({ during: '  ... token', afterwards: `\r${escapeCode}[2K` });
  });

  test.each([
    ['for a step that is done at once', 100, true, {}],
    ['in a pipe', 400, false, {}],
    ['on a terminal that cannot take it away', 400, true, { TERM: 'dumb' }],
  ])('is not shown %s', (_, ms, isTTY, env) => {
    expect(after(ms, isTTY, env)).toEqual({ during: '', afterwards: '' });
  });
});
