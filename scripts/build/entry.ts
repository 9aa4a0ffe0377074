import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The path of an entry below the root: a file, or the `index` of a folder. */
export function pathOfEntry(folder: string, entry: string, ending: '.ts' | '.d.ts'): string {
  const file = `${folder}/${entry}${ending}`;
  return existsSync(`${root}${file}`) ? file : `${folder}/${entry}/index${ending}`;
}
