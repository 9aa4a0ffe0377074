// Folders of our own in the system's temporary one. A run that was killed could not remove them: the next one does.
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Containers can share the folder, and each counts its processes from 1. */
const prefix = `msi-local-${hostname().replaceAll(/[^\w.-]/g, '')}-`;
const elsewhere = 'elsewhere';

/** A folder that says whose it is. Its user alone can read it. */
export const ownFolder = (): string => mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));

/** Writes down what was made in other places, for the one who finds this folder. */
export function noteElsewhere(folder: string, paths: Iterable<string>): void {
  writeFileSync(join(folder, elsewhere), [...paths].join('\n'), { mode: 0o600 });
}

/** Removes what killed runs of this user have left. */
export function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const [pid] = /^\d+(?=-\w+$)/.exec(name.startsWith(prefix) ? name.slice(prefix.length) : '') ?? [];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const folder = join(tmpdir(), name);
    if (!isOurs(folder)) continue;
    for (const path of readElsewhere(folder)) removeOne(path);
    quietly(() => rmSync(folder, { recursive: true, force: true }));
  }
}

/** The deepest first. */
function readElsewhere(folder: string): string[] {
  const text = quietly(() => readFileSync(join(folder, elsewhere), 'utf8')) ?? '';
  return text
    .split('\n')
    .filter((path) => path !== '')
    .sort((a, b) => b.length - a.length);
}

/** A file, a link, or a folder if it is empty: one that somebody else uses by now stays. */
export function removeOne(path: string): void {
  quietly(() => (lstatSync(path).isDirectory() ? rmdirSync(path) : rmSync(path, { force: true })));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Not a link, and not a folder that another user has made under our name. */
function isOurs(folder: string): boolean {
  const found = quietly(() => lstatSync(folder));
  return found?.isDirectory() === true && (process.getuid === undefined || found.uid === process.getuid());
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

const removals = new Set<() => void>();

/** Does this when the process ends, unless the returned function is called before. */
export function atExit(remove: () => void): () => void {
  if (removals.size === 0) process.on('exit', removeAll);
  removals.add(remove);
  return () => {
    removals.delete(remove);
    if (removals.size === 0) process.off('exit', removeAll);
  };
}

function removeAll(): void {
  for (const remove of removals) quietly(remove);
}
