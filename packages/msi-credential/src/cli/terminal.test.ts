import { Writable } from 'node:stream';
import { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { asJson, hang, processTerminal, remedy, type Screen, type Stream } from './terminal.ts';

/** A stream that remembers, and says of itself what a terminal or a pipe says. */
function stream(isTTY: boolean, columns?: number) {
  const written: string[] = [];
  const { getColorDepth } = WriteStream.prototype;
  const write = (text: Buffer, _: unknown, done: () => void) => {
    written.push(text.toString());
    done();
  };
  const self: Stream = Object.assign(new Writable({ write }), { isTTY, getColorDepth, columns: columns as number });
  return { self, written };
}

const [pipe, screen] = [stream(false).self, stream(true, 80).self];
const isPainted = (text: string) => stripVTControlCharacters(text) !== text;

test('data draws nothing on a terminal, and is the same data', () => {
  const data = { name: '\u001B[2J\u009B2J\u202E\u2066\u200F\u007F', ö: '€' };
  const text = asJson(data);
  expect(text).not.toMatch(/(?!\n)\p{Cc}|\p{Bidi_Control}/u);
  expect(text).toContain('"ö": "€"');
  expect(JSON.parse(text)).toEqual(data);
});

describe('colours', () => {
  beforeEach(() => {
    for (const name of ['NO_COLOR', 'FORCE_COLOR', 'NODE_DISABLE_COLORS', 'CI']) vi.stubEnv(name, undefined);
    vi.stubEnv('TERM', 'xterm');
  });
  afterEach(() => void vi.unstubAllEnvs());

  test.each<[string, Stream, Record<string, string>, boolean]>([
    ['on a terminal', screen, {}, true],
    ['in a pipe', pipe, {}, false],
    ['in a pipe where FORCE_COLOR is set', pipe, { FORCE_COLOR: '1' }, true],
    ['where NO_COLOR is set', screen, { NO_COLOR: '1' }, false],
    ['on a terminal that knows none', screen, { TERM: 'dumb' }, false],
  ])('%s', (_, out, env, expected) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    expect(isPainted(processTerminal(out, pipe, env).out.paint('red', 'x'))).toBe(expected);
  });

  // Node.js 22 takes an empty one for set.
  test.skipIf(process.versions.node.startsWith('22.'))('where NO_COLOR is empty, which counts as unset', () => {
    vi.stubEnv('NO_COLOR', '');
    expect(isPainted(processTerminal(screen, pipe, {}).out.paint('red', 'x'))).toBe(true);
  });

  test('belong to the stream that is written to: a log of failures has none', () => {
    const { out, err } = processTerminal(screen, pipe, {});
    expect([isPainted(out.paint('red', 'x')), err.paint('red', 'x')]).toEqual([true, 'x']);
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
    expect(after(400, true)).toEqual({ during: '  ... token', afterwards: '\r\u001B[2K' });
  });

  test.each([
    ['for a step that is done at once', 100, true, {}],
    ['in a pipe', 400, false, {}],
    ['on a terminal that cannot take it away', 400, true, { TERM: 'dumb' }],
  ])('is not shown %s', (_, ms, isTTY, env) => {
    expect(after(ms, isTTY, env)).toEqual({ during: '', afterwards: '' });
  });
});

describe('a text', () => {
  const [label, text] = ['✗ token        ', 'the endpoint answered 500 with no details'];

  test('goes on below itself where the terminal ends', () => {
    const lines = ['✗ token        the endpoint answered 500 with', '               no details'];
    expect(hang(label, text, 45).split('\n')).toEqual(lines);
    expect(stripVTControlCharacters(hang(`\u001B[31m✗\u001B[39m${label.slice(1)}`, text, 45)).split('\n')).toEqual(
      lines,
    );
  });

  test('loses no word, and is nowhere wider than the terminal', () => {
    for (let width = 40; width < 80; width += 1) {
      const lines = hang(label, text, width).split('\n');
      expect(lines.join(' ').split(/\s+/)).toEqual(`${label}${text}`.split(/\s+/));
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
    }
  });

  test.each<[string, string, number | undefined]>([
    ['fits', text, 80],
    ['goes into a pipe', text, undefined],
    ['would have no room', text, 30],
    ['is one long word', `https://${'x'.repeat(80)}`, 60],
    ['is aligned', 'object id       a', 60],
  ])('stays as it is where it %s', (_, line, width) => {
    expect(hang(label, line, width)).toBe(label + line);
  });

  test('keeps a long word whole and goes on behind it', () => {
    const long = `https://${'x'.repeat(60)}`;
    expect(hang('  ', `see ${long} for more`, 40).split('\n')).toEqual(['  see', `  ${long}`, '  for more']);
  });
});

describe('what to do', () => {
  const command = `az role assignment create --role "${'x'.repeat(80)}"`;
  const explanation = {
    code: 'KV_X',
    cause: 'It failed.',
    fix: [{ text: 'Give it a role, then wait until it has reached the vault:', run: command }, { run: 'az login' }],
    docs: 'https://docs.example/#kv_x',
  };

  test.each([40, 60, 80, undefined])('leaves a command on a line of its own, whole: %s', (width) => {
    const narrow: Screen = { print: () => {}, paint: (_, text) => text, width };
    const lines = remedy(explanation, narrow).split('\n');
    expect(lines).toEqual(expect.arrayContaining([`      ${command}`, '      az login']));
    const prose = lines.filter((line) => !line.includes('az '));
    expect(Math.max(...prose.map(({ length }) => length))).toBeLessThanOrEqual(width ?? 80);
  });
});
