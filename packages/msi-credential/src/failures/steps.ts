// How tables write the steps of a remedy, in one line each.
import type { Fix } from '../codes.ts';

/** What is known, by the names that stand for it in a table. */
export type Names = Readonly<Record<string, string>>;

/** A step as tables write it: a text with its command between backticks at the end, and `{name}` for what is known. */
export type Step = string | Fix;

/** The steps of a table with what is known. */
export function toFix(steps: readonly Step[], names: Names = {}): readonly Fix[] {
  return steps.map((step) => {
    if (typeof step !== 'string') return step;
    const [, text = '', run] = /^(.*?) ?(?:`([^`]+)`)?$/.exec(step) ?? [];
    return { ...(text && { text: fill(text, names) }), ...(run && { run: fill(run, names) }) };
  });
}

/** Puts what is known into a text. */
export function fill(text: string, names: Names): string {
  return text.replace(/\{(\w+)\}/g, (all, name: string) => names[name] ?? all);
}
