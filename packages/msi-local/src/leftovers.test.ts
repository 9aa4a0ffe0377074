import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

// Real processes, since it is about how they end.

let temp: string;
beforeEach(() => {
  temp = mkdtempSync(join(tmpdir(), 'leftovers-test-'));
  mkdirSync(join(temp, 'tmp'));
});
afterEach(() => rmSync(temp, { recursive: true }));

const own = new URL('../dist/index.js', import.meta.url).href;
const left = () => readdirSync(join(temp, 'tmp'));

/** A program that plays Azure Arc with a key file that waits for its answer; then it does this. */
async function program(end: string, signal?: NodeJS.Signals): Promise<number | null> {
  const script = `
    import { startLocal } from ${JSON.stringify(own)};
    const local = await startLocal({ arc: { directory: ${JSON.stringify(join(temp, 'agent', 'tokens'))} } });
    const { IDENTITY_ENDPOINT } = local.variables('arc');
    await fetch(IDENTITY_ENDPOINT + '?api-version=2020-06-01&resource=https://vault.azure.net', { headers: { metadata: 'true' } });
    console.log('ready');
    ${end}`;
  const env = { PATH: process.env.PATH, TMPDIR: join(temp, 'tmp'), TEMP: join(temp, 'tmp') };
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  if (signal) child.kill(signal);
  const [code] = await once(child, 'exit');
  return code;
}

const forever = 'setInterval(() => {}, 1000);';

it('the next start removes what a killed run has left, also the key files of Azure Arc', async () => {
  await program(forever, 'SIGKILL');
  expect(left().length).toBeGreaterThan(0);
  expect(readdirSync(join(temp, 'agent', 'tokens'))).toHaveLength(1);
  await program('await local.stop();');
  expect([left(), existsSync(join(temp, 'agent'))]).toEqual([[], false]);
});

it('files in the folder of Azure Arc that are not ours stay', async () => {
  await program(forever, 'SIGKILL');
  const others = join(temp, 'agent', 'tokens', 'of-the-agent.key');
  writeFileSync(others, '');
  await program('await local.stop();');
  expect(readdirSync(join(temp, 'agent', 'tokens'))).toEqual(['of-the-agent.key']);
});

it.each(['process.exit(3);', 'throw new Error("expected by the test");'])(
  'a program that ends with %s leaves nothing',
  async (end) => {
    await program(end);
    expect([left(), existsSync(join(temp, 'agent'))]).toEqual([[], false]);
  },
);

it('what belongs to a run that still runs, to another machine or to nobody stays', async () => {
  const elsewhere = join(temp, 'elsewhere');
  mkdirSync(elsewhere);
  const names = [`msi-local-${hostname()}-${process.pid}-abcdef`, 'msi-local-other-1-abcdef', 'msi-local-abcdef'];
  for (const name of names) mkdirSync(join(temp, 'tmp', name));
  symlinkSync(elsewhere, join(temp, 'tmp', `msi-local-${hostname()}-999999999-abcdef`));
  await program('await local.stop();');
  expect(left().sort()).toEqual([...names, `msi-local-${hostname()}-999999999-abcdef`].sort());
});
