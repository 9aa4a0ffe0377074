import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../docs/testing.md', import.meta.url), 'utf8');

/** How many blocks of code docs/testing.md has; each belongs to a recipe. */
export const blocks = text.match(/```js\n/g)?.length;

/** The files of docs/testing.md for one test runner, by name, taken from the document itself. */
export function recipesFor(runner: 'jest' | 'vitest' | 'node'): Readonly<Record<string, string>> {
  const found = text.matchAll(/<!-- (\w+): (\S+) -->\n```js\n([\s\S]*?)```/g);
  return Object.fromEntries([...found].flatMap(([, who, file, code]) => (who === runner ? [[file, code]] : [])));
}
