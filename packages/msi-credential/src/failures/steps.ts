// How tables write the steps of a remedy.
import type { Fix } from '../codes.ts';

/** What is known, by the names that stand for it in a table. */
export type Names = Readonly<Record<string, string>>;

/** A step as tables write it, with `{name}` for what is known; a string is a step without a command. */
export type Step = string | Fix;

/** The steps of a table with what is known. */
export function toFix(steps: readonly Step[], names: Names = {}): readonly Fix[] {
  return steps.map((step) => {
    const { text, run } = typeof step === 'string' ? { text: step } : step;
    return { ...(text && { text: fill(text, names) }), ...(run && { run: fill(run, names) }) };
  });
}

/** Puts what is known into a text. */
export function fill(text: string, names: Names): string {
  return text.replace(/\{(\w+)\}/g, (all, name: string) => (Object.hasOwn(names, name) ? (names[name] ?? all) : all));
}
