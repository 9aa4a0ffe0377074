import { styleText } from 'node:util';

/** Where a command writes, and in which manner. */
export interface Terminal {
  /** What was asked for. */
  out(text: string): void;
  /** What accompanies it: progress and failures. */
  err(text: string): void;
  /** Marks text, if this terminal shows colours. */
  paint(style: Style, text: string): string;
  /** Shows that something is at work, once it has taken a moment; the function returned takes it away. */
  busy(what: string): () => void;
}

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red';

/** A moment: what is done sooner needs no sign of life, in ms. */
const momentMs = 300;

/** The process's own: colours only on a terminal, and not where NO_COLOR is set (https://no-color.org). */
export function processTerminal(
  out: NodeJS.WriteStream,
  err: NodeJS.WriteStream,
  noColor: string | undefined,
): Terminal {
  const colours = out.isTTY === true && !noColor;
  return {
    out: (text) => out.write(`${text}\n`),
    err: (text) => err.write(`${text}\n`),
    paint: (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text),
    busy(what) {
      if (!err.isTTY) return () => {};
      const timer = setTimeout(() => err.write(`  ... ${what}`), momentMs);
      timer.unref();
      return () => {
        clearTimeout(timer);
        err.write('\r\u001B[2K');
      };
    },
  };
}
