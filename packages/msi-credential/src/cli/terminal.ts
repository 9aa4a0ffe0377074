import { styleText } from 'node:util';
import type { Diagnostics } from '../types.ts';

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

/** A failure as data: on the same stream and of the same kind as success. */
export function failureAsJson(error: unknown, diagnostics?: Diagnostics): string {
  return asJson({ version: 1, error, diagnostics });
}

/** Data for programs, which no terminal takes for commands: JSON itself escapes only the older ones of these characters. */
export function asJson(data: unknown): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(data, undefined, 2).replace(/[\u007F-\u009F\p{Bidi_Control}]/gu, escaped);
}

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red';

/** What is needed of a stream of the process. */
export type Stream = Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number };

/** A moment: what is done sooner needs no sign of life, in ms. */
const momentMs = 300;

/** The process's own: colours only on a terminal that knows them, and not where NO_COLOR is set (https://no-color.org). */
export function processTerminal(
  out: Stream,
  err: Stream,
  { NO_COLOR, TERM }: Readonly<Record<string, string | undefined>>,
): Terminal {
  const plain = Boolean(NO_COLOR) || TERM === 'dumb';
  return {
    out: screenOf(out, plain),
    err: screenOf(err, plain),
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

function screenOf(stream: Stream, plain: boolean): Screen {
  const colours = stream.isTTY === true && !plain;
  return {
    print: (text) => void stream.write(`${text}\n`),
    paint: (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text),
    // Read anew each time: windows change their size. Zero is what a pseudo terminal says that does not know.
    get width() {
      return (stream.isTTY && stream.columns) || undefined;
    },
  };
}
