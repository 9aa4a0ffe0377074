// One program of a client's, on one host that msi-local plays, where nothing but loopback can be reached.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLocal } from 'msi-local';
import type { Ran } from '../consumers/page.ts';
import { alone } from '../scripts/alone.ts';
import type { Command } from './client.ts';

const msiLocal = fileURLToPath(new URL('../packages/msi-local/bin/msi-local.js', import.meta.url));
const secret = 'hello';

/** The user-assigned identity by its other ids: no host says them, so programs are told. */
const ids = await (async () => {
  const local = await startLocal();
  const { objectId, resourceId } = local.world.userAssigned;
  await local.stop();
  return { UA_OBJECT_ID: objectId, UA_RESOURCE_ID: resourceId };
})();

/** Runs it with an environment that has nothing of the caller's, and a home that is empty. */
export async function read(host: string, command: Command): Promise<Ran> {
  if (alone === undefined) throw new Error('Clients run only where nothing but loopback can be reached.');
  const [name = '', ...flags] = host.split('+');
  const home = mkdtempSync(join(tmpdir(), 'conformance-home-'));
  const environment = {
    PATH: [dirname(process.execPath), ...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].join(
      delimiter,
    ),
    HOME: home,
    TMPDIR: home,
    LANG: 'C.UTF-8',
    ...ids,
  };
  const arguments_ = ['--as', name, '--secret', `secret=${secret}`, ...flags.map((flag) => `--${flag}`)];
  const [program = '', ...args] = [...alone, process.execPath, msiLocal, 'run', ...arguments_, '--', ...command];
  try {
    return await new Promise((done) => {
      const options = { env: environment, timeout: 180_000, killSignal: 'SIGKILL', maxBuffer: 2 ** 26 } as const;
      const child = execFile(program, args, options, (error, stdout, stderr) => {
        const output = `${stdout}${stderr}${error?.killed ? '\nIt was stopped after 180 seconds.' : ''}`;
        done({ works: error === null && output.includes(`The secret is ${secret}`), output });
      });
      child.stdin?.end();
    });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
