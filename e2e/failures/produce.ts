import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Local, startLocal } from 'msi-local';
import type { Fix } from '../../packages/msi-credential/src/codes.ts';
import { claimingVersion } from '../node-version.ts';
import { secretsOf } from '../secrets.ts';
import { marker, type Row, type Stage, worlds } from './row.ts';

/** What came of a row: everything of the error that a program can see. */
export interface Outcome {
  readonly code?: string;
  readonly name: string;
  readonly message: string;
  readonly explanation: {
    readonly code: string;
    readonly title: string;
    readonly cause: string;
    readonly fix: readonly Fix[];
    readonly docs: string;
  };
  /** The error, its explanation, the credential and its diagnostics, as `inspect`, JSON and `formatDiagnostics` show them. */
  readonly shown: string;
  /** What must not be in it: all secrets of the row. */
  readonly secrets: readonly string[];
}

const here = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The same program that runs in the child processes. */
const { attempt } = (await import(pathToFileURL(here('../programs/fail.js')).href)) as {
  attempt(wish: object): Promise<unknown>;
};

/** Brings all of them about, and returns what came of each by its title; those of different worlds at the same time. */
export async function produce(rows: readonly Row[]): Promise<ReadonlyMap<string, Outcome | undefined>> {
  const names = Object.keys(worlds) as (keyof typeof worlds)[];
  const found = await Promise.all(
    names.map((name) =>
      produceIn(
        name,
        rows.filter(({ world = 'usual' }) => world === name),
      ),
    ),
  );
  return new Map(found.flat());
}

async function produceIn(name: keyof typeof worlds, rows: readonly Row[]) {
  await using local = await startLocal({ ...worlds[name], secrets: { 'db-password': marker } });
  using folder = temporaryFolder();
  await using strangers = strangersHere();
  using children = childrenOf(local, folder.path);
  const stage = stageOf(local, folder.path, strangers.keep);
  const outcomes: [string, Outcome | undefined][] = [];
  for (const row of rows) outcomes.push([row.title, await produceOne(row, stage, children.ask)]);
  return outcomes;
}

/** One after the other: a fault meets whoever comes next. */
async function produceOne(row: Row, stage: Stage, ask: Ask): Promise<Outcome | undefined> {
  const { local } = stage;
  const host = local.variables(row.host);
  const own = typeof row.env === 'function' ? row.env(stage) : row.env;
  const wish = typeof row.wish === 'function' ? await row.wish(stage) : row.wish;
  const faults = { 'managed-identity': row.endpoint, entra: row.entra, 'key-vault': row.vault } as const;
  for (const [service, fault] of Object.entries(faults)) {
    if (fault) local.faults.add({ service: service as keyof typeof faults, ...fault });
  }
  const undo = row.arrange?.(stage);
  try {
    const asked = { ...wish, env: { ...host, ...own } };
    const outcome = (await (row.place === undefined ? attempt(asked) : ask(row.place, asked))) as Outcome | null;
    return outcome ? { ...outcome, secrets: secretsOf(local, { ...host, ...own }) } : undefined;
  } finally {
    undo?.();
    local.faults.clear();
  }
}

function stageOf(local: Local, folder: string, keep: Stage['keep']): Stage {
  const path = (name: string) => join(folder, name);
  const write = (name: string, content: string) => {
    writeFileSync(path(name), content);
    return path(name);
  };
  const program = (name: string, script: string) => {
    chmodSync(write(name, `#!/bin/sh\n${script}\n`), 0o755);
    return folder;
  };
  return { local, path, write, program, keep };
}

/** All end together. Node.js 22 lacks `AsyncDisposableStack`. */
function strangersHere(): Pick<Stage, 'keep'> & AsyncDisposable {
  const kept: AsyncDisposable[] = [];
  return {
    keep(stranger) {
      kept.push(stranger);
      return stranger;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(kept.map((stranger) => stranger[Symbol.asyncDispose]()));
    },
  };
}

type Place = NonNullable<Row['place']>;
type Ask = (place: Place, wish: object) => Promise<unknown>;

/** Names that go past the proxy, and what the name server says of them. */
const names: Readonly<Record<string, string | readonly string[]>> = {
  'misspelt-vault.vault.azure.net': 'ENOTFOUND',
  'unresolved-vault.vault.azure.net': 'EAI_AGAIN',
  // To a broadcast address no connection can be made: the system says so without sending anything.
  'unrouted-vault.vault.azure.net': ['255.255.255.255'],
  // As of a name with two addresses: the first one does not answer, and no way leads to the second.
  'silent-vault.vault.azure.net': ['127.0.0.1', '255.255.255.255'],
};

/** One process for each place, started when the first row wants it. */
function childrenOf(local: Local, folder: string): { ask: Ask } & Disposable {
  const children = new Map<Place, Child>();
  const start = (place: Place) => {
    const { NODE_EXTRA_CA_CERTS, ...env } = local.programVariables('laptop');
    const options = {
      env: {
        ...env,
        ...(place !== 'untrusting' && { NODE_EXTRA_CA_CERTS }),
        NO_PROXY: [env.NO_PROXY, ...Object.keys(names)].join(),
        NAMES: JSON.stringify(names),
        FAIL_ON_REQUEST: '1',
      },
      execArgv: [
        pathToFileURL(here('../programs/names.js')).href,
        ...(place === 'old' ? [claimingVersion('20.19.0')] : []),
      ].flatMap((module) => ['--import', module]),
      // A backup is bytes, which JSON would not keep.
      serialization: 'advanced' as const,
    };
    const process = fork(place === 'bare' ? bareProgram(folder) : here('../programs/fail.js'), options);
    const ended = once(process, 'exit').then(() => Promise.reject(new Error(`The process of ${place} ended.`)));
    // Somebody waits for it only while a wish is under way.
    ended.catch(() => {});
    children.set(place, { process, ended });
    return { process, ended };
  };
  return {
    async ask(place, wish) {
      const { process, ended } = children.get(place) ?? start(place);
      const answer = once(process, 'message');
      process.send(wish);
      return (await Promise.race([answer, ended]))[0];
    },
    [Symbol.dispose]: () => {
      for (const { process } of children.values()) process.disconnect();
    },
  };
}

interface Child {
  readonly process: ChildProcess;
  readonly ended: Promise<never>;
}

/** Our package as somebody has it who installed it without its dependencies. */
function bareProgram(folder: string): string {
  const installed = join(folder, 'node_modules/msi-credential');
  mkdirSync(installed, { recursive: true });
  cpSync(here('../../packages/msi-credential/dist'), join(installed, 'dist'), { recursive: true });
  copyFileSync(here('../../packages/msi-credential/package.json'), join(installed, 'package.json'));
  copyFileSync(here('../programs/fail.js'), join(folder, 'fail.mjs'));
  return join(folder, 'fail.mjs');
}

function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'failures-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}
