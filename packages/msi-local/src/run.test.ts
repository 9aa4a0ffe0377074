import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// Stories with the built command line and real processes.

const root = fileURLToPath(new URL('../../..', import.meta.url));
const bin = join(root, 'packages/msi-local/bin/msi-local.js');
let temp: string;
let scripts: string;

beforeAll(() => {
  temp = mkdtempSync(join(tmpdir(), 'run-test-'));
  // Inside the workspace, so that the Azure SDKs of its root resolve.
  mkdirSync(join(root, 'e2e/.tmp'), { recursive: true });
  scripts = mkdtempSync(join(root, 'e2e/.tmp/run-'));
  writeFileSync(join(scripts, 'story.mjs'), story);
});
afterAll(() => {
  for (const folder of [temp, scripts]) rmSync(folder, { recursive: true, force: true });
});

const story = `
import { ClientCertificateCredential, ClientSecretCredential, ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
const e = process.env;
const credential = e.AZURE_CLIENT_SECRET
  ? new ClientSecretCredential(e.AZURE_TENANT_ID, e.AZURE_CLIENT_ID, e.AZURE_CLIENT_SECRET)
  : e.AZURE_CLIENT_CERTIFICATE_PATH
    ? new ClientCertificateCredential(e.AZURE_TENANT_ID, e.AZURE_CLIENT_ID, e.AZURE_CLIENT_CERTIFICATE_PATH)
    : new ManagedIdentityCredential();
const client = new SecretClient(e.KEY_VAULT_URL, credential);
try {
  await client.setSecret('written', 'by the SDK');
  const names = [];
  for await (const one of client.listPropertiesOfSecrets()) names.push(one.name);
  const values = [(await client.getSecret('greeting')).value, (await client.getSecret('written')).value];
  console.log(JSON.stringify({ names, values }));
} catch (error) {
  console.log(JSON.stringify({ status: error.statusCode, inner: error.details?.error?.innerError?.code }));
}
`;

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

function start(args: string[], env: Record<string, string> = {}): ChildProcess {
  const inherited = { PATH: process.env.PATH ?? '', TMPDIR: temp, ...env };
  return spawn(process.execPath, [bin, ...args], { cwd: root, env: inherited, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function ended(child: ChildProcess): Promise<Ended> {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (data) => (out += data));
  child.stderr?.on('data', (data) => (err += data));
  const [code] = await once(child, 'close');
  return { code, out, err };
}

const run = (args: string[], env?: Record<string, string>) => ended(start(['run', ...args], env));
const node = (script: string) => ['--', process.execPath, '-e', script];
const leftovers = () => readdirSync(temp).filter((name) => name.startsWith('msi-local-'));

describe('the unmodified Azure SDKs under `run`', () => {
  const seen = { names: ['greeting', 'written'], values: ['hello', 'by the SDK'] };
  it.each([
    ['app-service', []],
    ['service-principal', []],
    ['service-principal', ['--certificate']],
  ])('write, list and read secrets as %s %j', async (host, flags) => {
    const command = ['--', process.execPath, join(scripts, 'story.mjs')];
    const { out, err } = await run(['--as', host, ...flags, '--secret', 'greeting=hello', ...command]);
    expect(out, err).not.toBe('');
    expect(JSON.parse(out)).toEqual(seen);
  });

  it.each([
    ['ForbiddenByRbac', ['--deny']],
    ['ForbiddenByPolicy', ['--deny', '--access-policies']],
  ])('are refused with %s under %j', async (inner, flags) => {
    const { out, err } = await run([...flags, '--', process.execPath, join(scripts, 'story.mjs')]);
    expect(out, err).not.toBe('');
    expect(JSON.parse(out)).toEqual({ status: 403, inner });
  });
});

const purge = `
import { ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
const client = new SecretClient(process.env.KEY_VAULT_URL, new ManagedIdentityCredential());
try {
  await (await client.beginDeleteSecret('greeting', { intervalInMs: 10 })).pollUntilDone();
  await (await client.beginRecoverDeletedSecret('greeting', { intervalInMs: 10 })).pollUntilDone();
  await (await client.beginDeleteSecret('greeting', { intervalInMs: 10 })).pollUntilDone();
  await client.purgeDeletedSecret('greeting');
  console.log('purged');
} catch (error) {
  console.log(error.statusCode);
}
`;

it.each([
  ['get,delete,recover,purge', 'purged'],
  ['get,delete', '403'],
])('a program with the permissions %s deletes, recovers and purges: %s', async (permissions, said) => {
  writeFileSync(join(scripts, 'purge.mjs'), purge);
  const command = ['--', process.execPath, join(scripts, 'purge.mjs')];
  const { out, err } = await run(['--permissions', permissions, '--secret', 'greeting=hello', ...command]);
  expect(out.trim(), err).toBe(said);
});

describe('run', () => {
  it('passes the exit code on and removes its files', async () => {
    const { code } = await run(node('process.exit(7)'));
    expect(code).toBe(7);
    expect(leftovers()).toEqual([]);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('passes %s on and ends with %i', async (signal, expected) => {
    const child = start(['run', ...node('setInterval(() => {}, 1000); console.log("ready")')]);
    const end = ended(child);
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill(signal);
    expect((await end).code).toBe(expected);
    expect(leftovers()).toEqual([]);
  });

  it('leaves the last word to a command that handles the signal itself', async () => {
    const script = 'process.on("SIGTERM", () => process.exit(3)); setInterval(() => {}, 1000); console.log("ready")';
    const child = start(['run', ...node(script)]);
    const end = ended(child);
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill('SIGTERM');
    expect((await end).code).toBe(3);
  });

  it('ends with 127 and says so when there is no such command', async () => {
    const { code, err } = await run(['--', 'no-such-command']);
    expect(code).toBe(127);
    expect(err).toBe('msi-local: The command "no-such-command" was not found.\n');
    expect(leftovers()).toEqual([]);
  });

  it('ends with 126 when the command is no program', async () => {
    expect((await run(['--', temp])).code).toBe(126);
    expect(leftovers()).toEqual([]);
  });

  it.each([
    [['--as', 'moon', '--', 'true'], 'The known ones are: app-service'],
    [['--secret', 'a_b=1', '--', 'true'], 'cannot name a secret'],
    [['--vault', 'a--b', '--', 'true'], 'cannot name a vault'],
    [[], 'missing required argument'],
  ])('ends with 125 on its own mistakes: %j', async (args, message) => {
    const { code, err } = await run(args);
    expect(code).toBe(125);
    expect(err).toContain(message);
  });

  it('gives the command the variables of its host, none of another, and the rest as they were', async () => {
    const inherited = { AZURE_CLIENT_SECRET: 'mine', IMDS_ENDPOINT: 'http://arc', MSI_SECRET: 'old', OTHER: 'kept' };
    const { out } = await run(['--as', 'laptop', ...node('console.log(JSON.stringify(process.env))')], inherited);
    const env = JSON.parse(out);
    expect(env).toMatchObject({ OTHER: 'kept', KEY_VAULT_URL: 'https://local.vault.azure.net' });
    for (const name of ['AZURE_CLIENT_SECRET', 'IMDS_ENDPOINT', 'MSI_SECRET']) expect(env).not.toHaveProperty(name);
    expect(existsSync(env.NODE_EXTRA_CA_CERTS)).toBe(false);
  });

  it('leads the command to the first vault that was named', async () => {
    const { out } = await run([
      '--vault',
      'contoso',
      '--vault',
      'other',
      ...node('console.log(process.env.KEY_VAULT_URL)'),
    ]);
    expect(out.trim()).toBe('https://contoso.vault.azure.net');
  });

  it("hands over the command's own flags untouched", async () => {
    const { out } = await run([
      '--',
      process.execPath,
      '-p',
      'process.argv.slice(1).join()',
      '--',
      '--as',
      'x',
      '--secret',
    ]);
    expect(out.trim()).toBe('--as,x,--secret');
  });
});
