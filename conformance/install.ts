// Clients are installed once, into a folder that later runs find again.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Client, type Command, stampOf } from './client.ts';

/** Outside the repository, whose own node_modules would otherwise supply what a client forgot to name. */
const cache = process.env.CONFORMANCE_CACHE ?? join(tmpdir(), 'conformance-clients');
/** All installations of a run together; what is not there by then is left out. */
const deadline = Date.now() + 15 * 60_000;

export const folderOf = ({ name, shares }: Client) => join(cache, shares ?? name);

/** Undefined once it is there, else why it is not. */
export async function install(client: Client): Promise<string | undefined> {
  const folder = folderOf(client);
  const mark = join(folder, '.installed');
  const stamp = createHash('sha256').update(stampOf(client)).digest('hex');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === stamp) return undefined;
  const missing = client.needs.filter((program) => !isOnPath(program));
  if (missing.length > 0) return `${missing.join(', ')} not found`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const command of client.install(folder)) {
    const problem = await complete(command, folder);
    if (problem !== undefined) return problem;
  }
  writeFileSync(mark, stamp);
  return undefined;
}

const isOnPath = (program: string) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

async function complete([program = '', ...args]: Command, cwd: string): Promise<string | undefined> {
  const timeout = deadline - Date.now();
  if (timeout <= 0) return 'not installed within 15 minutes';
  return new Promise((done) => {
    execFile(program, args, { cwd, timeout, killSignal: 'SIGKILL', maxBuffer: 2 ** 26 }, (error, _, stderr) => {
      if (error === null) done(undefined);
      else if (error.killed) done('not installed within 15 minutes');
      else
        done(
          `${program} ${args[0] ?? ''}: ${(stderr || error.message).trim().split('\n').slice(-2).join(' ').slice(0, 240)}`,
        );
    });
  });
}
