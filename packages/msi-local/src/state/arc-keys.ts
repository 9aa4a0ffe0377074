import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { noteElsewhere, ownFolder, removeOne } from '../leftovers.ts';
import type { Clock } from './clock.ts';

/** Challenges as no agent writes them: a client must refuse each without reading a file or sending a second request. */
export type HostileChallenge =
  | 'other-directory'
  | 'look-alike'
  | 'dot-dot'
  | 'wrong-extension'
  | 'quoted'
  | 'too-large'
  | 'symlink'
  | 'missing-file'
  | 'no-realm'
  | 'bearer'
  | 'no-header';

/** How Azure Arc's agent behaves. */
export interface ArcOptions {
  /** Where it puts its key files. Default: where the real one does, which needs the right to write there. */
  readonly directory?: string;
  /** `'old'` ignores a user-assigned identity's name and answers with the machine's own identity. Default: `'new'`. */
  readonly agent?: 'old' | 'new';
  /** What it challenges with. Default: a good key file and the documented body. */
  readonly challenge?: 'good' | 'empty-body' | 'plain-text' | HostileChallenge;
}

/** The key files: one for each challenge, good for one answer. */
export interface ArcKeys {
  readonly directory: string;
  readonly options: ArcOptions;
  /** Makes the folder and tries to write to it; returns the system's error code if that fails. */
  prepare(): string | undefined;
  /** A new key file; the value of `WWW-Authenticate` that names it, undefined for none. */
  challenge(): string | undefined;
  /** Takes a key; false for one that is wrong, used or too old. */
  redeem(key: string): boolean;
  /** Removes the files and the folders that were made for them. */
  remove(): void;
}

/** https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication */
function agentsOwn(platform: NodeJS.Platform): string {
  return platform === 'win32' ? 'C:\\ProgramData\\AzureConnectedMachineAgent\\Tokens' : '/var/opt/azcmagent/tokens';
}

/** How long a key waits for its answer; the agent's own limit is not documented. */
const lifetime = 60_000;

export function createArcKeys(options: ArcOptions, clock: Clock): ArcKeys {
  const directory = options.directory ?? agentsOwn(process.platform);
  const keys = new Map<string, { readonly path: string; readonly until: number }>();
  const made = createTrail();
  const drop = (key: string, path: string) => {
    keys.delete(key);
    made.removeFile(path);
  };
  return {
    directory,
    options,
    prepare: () => attempt(() => made.removeFile(made.write(join(made.folder(directory), `${randomUUID()}.key`), ''))),
    challenge() {
      made.folder(directory);
      for (const [key, { path, until }] of keys) if (clock.now() >= until) drop(key, path);
      const key = randomBytes(32).toString('base64url');
      const { header, path } = writeChallenge(options.challenge ?? 'good', directory, key, made);
      if (path !== undefined) keys.set(key, { path, until: clock.now() + lifetime });
      return header;
    },
    redeem(key) {
      const known = keys.get(key);
      if (known) drop(key, known.path);
      return known !== undefined && clock.now() < known.until;
    },
    remove: () => made.remove(),
  };
}

interface Challenge {
  readonly header: string | undefined;
  /** The file whose content will be taken; none for a challenge that nobody may answer. */
  readonly path?: string;
}

function writeChallenge(kind: string, directory: string, key: string, made: Trail): Challenge {
  const name = `${randomUUID()}.key`;
  const usual = join(directory, name);
  const realm = (path: string): Challenge => ({ header: `Basic realm=${path}` });
  const decoy = () => made.write(join(made.folder(`${resolve(directory)}-decoy`), name), key);
  const elsewhere = () => made.write(join(made.temporary(), name), key);
  const hostile: Readonly<Record<HostileChallenge, () => Challenge>> = {
    'other-directory': () => realm(elsewhere()),
    'look-alike': () => realm(decoy()),
    'dot-dot': () => realm(`${directory}/../${basename(dirname(decoy()))}/${name}`),
    'wrong-extension': () => realm(made.write(usual.replace(/key$/, 'txt'), key)),
    quoted: () => ({ header: `Basic realm="${made.write(usual, key)}"` }),
    'too-large': () => realm(made.write(usual, 'k'.repeat(4097))),
    symlink: () => realm(made.link(elsewhere(), usual)),
    'missing-file': () => realm(usual),
    'no-realm': () => ({ header: 'Basic' }),
    bearer: () => ({ header: `Bearer realm=${made.write(usual, key)}` }),
    'no-header': () => ({ header: undefined }),
  };
  if (kind in hostile) return hostile[kind as HostileChallenge]();
  return { ...realm(made.write(usual, key)), path: usual };
}

interface Trail {
  /** Makes a folder with its parents, unless it is there. */
  folder(path: string): string;
  temporary(): string;
  write(path: string, content: string): string;
  link(target: string, path: string): string;
  removeFile(path: string): void;
  remove(): void;
}

/** Remembers what was made, to take away exactly that. It is written down too, in case this process is killed. */
function createTrail(): Trail {
  const files = new Set<string>();
  const folders: string[] = [];
  let own: string | undefined;
  const writeDown = () => {
    own ??= ownFolder();
    noteElsewhere(own, [...files, ...folders]);
  };
  const note = (path: string) => {
    files.add(path);
    writeDown();
    return path;
  };
  const removeFile = (path: string) => {
    files.delete(path);
    rmSync(path, { force: true });
    if (own !== undefined) writeDown();
  };
  return {
    folder(path) {
      const first = mkdirSync(path, { recursive: true });
      if (first !== undefined) for (let one = path; one.length >= first.length; one = dirname(one)) folders.push(one);
      if (first !== undefined) writeDown();
      return path;
    },
    temporary() {
      const path = ownFolder();
      folders.push(path);
      return path;
    },
    write(path, content) {
      writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
      return note(path);
    },
    link(target, path) {
      symlinkSync(target, path);
      return note(path);
    },
    removeFile,
    remove() {
      for (const file of files) removeFile(file);
      // The deepest first.
      for (const folder of folders.sort((a, b) => b.length - a.length)) removeOne(folder);
      folders.length = 0;
      if (own !== undefined) rmSync(own, { recursive: true, force: true });
      own = undefined;
    },
  };
}

function attempt(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}
