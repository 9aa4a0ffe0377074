import { stripVTControlCharacters, styleText } from 'node:util';
import type { Explanation, Fix } from '../codes.ts';

/** One of the two places to write to. */
export interface Screen {
  print(text: string): void;
  /** Marks text, if this screen shows colours. */
  paint(style: Style, text: string): string;
  /** How wide lines may be; undefined for a file or a pipe. */
  readonly width: number | undefined;
}

/** Where a command writes, and in which manner. */
export interface Terminal {
  /** What was asked for. */
  readonly out: Screen;
  /** What accompanies it: progress and failures. */
  readonly err: Screen;
  /** Shows that something is at work, once it has taken a moment; the function returned takes it away. */
  busy(what: string): () => void;
}

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red';

/** What is needed of a stream of the process. */
export type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** A moment: what is done sooner needs no sign of life, in ms. */
const momentMs = 300;

/** The process's own. */
export function processTerminal(out: Stream, err: Stream, { TERM }: { readonly TERM?: string | undefined }): Terminal {
  return {
    out: screenOf(out),
    err: screenOf(err),
    busy(what) {
      if (!err.isTTY || TERM === 'dumb') return () => {};
      let shown = false;
      const timer = setTimeout(() => {
        shown = true;
        err.write(`  ... ${what}`);
      }, momentMs);
      timer.unref();
      return () => {
        clearTimeout(timer);
        if (shown) err.write('\r\u001B[2K');
      };
    },
  };
}

function screenOf(stream: Stream): Screen {
  return {
    print: (text) => void stream.write(`${text}\n`),
    // Node decides by stream, TERM, NO_COLOR and FORCE_COLOR: https://nodejs.org/api/util.html#utilstyletextformat-text-options
    paint: (style, text) => styleText(style, text, { stream }),
    // Read anew each time: windows change their size. Zero is what a pseudo terminal says that does not know.
    get width() {
      return (stream.isTTY && stream.columns) || undefined;
    },
  };
}

/** Where less room is left for the text, lines are not broken. */
const leastRoom = 20;

/**
 * Text behind its label; what follows goes on below the text. Words wider than the room stay whole.
 *
 * @param width - In columns; undefined for a file or a pipe, which have none.
 */
export function hang(label: string, text: string, width: number | undefined): string {
  const indent = stripVTControlCharacters(label).length;
  const room = width === undefined || width < indent + leastRoom ? Number.POSITIVE_INFINITY : width - indent;
  const lines = text.split('\n').flatMap((line) => broken(line, room));
  return label + lines.map((line) => line.trimEnd()).join(`\n${' '.repeat(indent)}`);
}

function broken(text: string, room: number): readonly string[] {
  const [first = '', ...words] = text.split(' ');
  const lines = [first];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length <= room) lines.splice(-1, 1, longer);
    else lines.push(word);
  }
  return lines;
}

/** What to do, step by step. A command has a line of its own and is never broken: it is there to be copied. */
export function stepsOf(fix: readonly Fix[], width: number | undefined): string {
  const lines = fix.flatMap(({ text = 'Run:', run }) => [hang('  - ', text, width), ...(run ? [`      ${run}`] : [])]);
  return lines.join('\n');
}

/** What to do, and where more is written. */
export function remedy({ fix, code, docs }: Explanation, { paint, width }: Screen): string {
  const heading = `\n  ${paint('bold', 'What to do')}`;
  return [heading, stepsOf(fix, width), paint('dim', hang('  ', `${code}, ${docs}`, width))].join('\n');
}

/** A failure as data: on the same stream and of the same kind as success. */
export function failureAsJson(error: object, diagnostics?: object): string {
  return asJson({ version: 1, error, diagnostics });
}

/** Data for programs, which no terminal takes for commands: JSON itself escapes only the older ones of these characters. */
export function asJson(data: unknown): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(data, undefined, 2).replace(/[\u007F-\u009F\p{Bidi_Control}]/gu, escaped);
}
