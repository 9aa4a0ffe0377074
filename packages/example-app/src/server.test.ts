import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Local, startLocal } from 'msi-local';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const server = fileURLToPath(new URL('server.ts', import.meta.url));
const denied = /marker|\n\s+at |node_modules|eyJ/;

interface App extends AsyncDisposable {
  /** A URL without its path, or the path of a socket. */
  readonly at: string;
  get(path: string): Promise<{ status: number; text: string }>;
}

/** Starts the app with the variables of a host and these; undefined takes one away. */
async function startApp(local: Local, changes: NodeJS.ProcessEnv = {}): Promise<App> {
  const env = { ...process.env, ...local.variables('app-service'), HOST: 'localhost', PORT: '0', ...changes };
  const child = spawn(process.execPath, [server], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const at = await firstLine(child);
  const get = async (path: string) => {
    if (!at.startsWith('http')) return overSocket(at, path);
    const response = await fetch(at + path);
    return { status: response.status, text: await response.text() };
  };
  const stop = () => new Promise<void>((resolve) => child.once('exit', () => resolve()) && child.kill());
  return { at, get, [Symbol.asyncDispose]: stop };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The app ended with ${code}.`)));
    if (child.stdout === null) return;
    createInterface(child.stdout).once('line', (line) => resolve(line.replace('Listening on ', '')));
  });
}

function overSocket(socketPath: string, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path }, async (response) => {
      resolve({ status: response.statusCode ?? 0, text: await text(response) });
    });
    sent.on('error', reject).end();
  });
}

describe('the app', () => {
  let local: Local;
  beforeAll(async () => {
    local = await startLocal({ secrets: { secret: 'xyzzy', other: 'plugh' } });
  });
  afterAll(() => local[Symbol.asyncDispose]());

  test('answers the ping, the secret, whose token read it, and where the page is', async () => {
    await using app = await startApp(local);
    expect(await app.get('/ping')).toEqual({ status: 200, text: 'Hello World!!!' });
    const { status, text } = await app.get('/');
    expect(status).toBe(200);
    expect(text).toMatch(
      /^Your secret value is: xyzzy\.\nRead by app-service, object id [\w-]{36}, application id [\w-]{36}\n$/,
    );
    expect((await app.get('/nowhere')).status).toBe(404);
    const page = await app.get('/identity');
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/xyzzy|eyJ/);
  });

  test('reads the secret and the vault that the settings name, and takes a path as the port', async () => {
    const path =
      process.platform === 'win32' ? String.raw`\\.\pipe\example-app` : join(tmpdir(), `example-app-${process.pid}`);
    const changes = { SECRET_NAME: 'other', KEY_VAULT_URL: '', PORT: path };
    await using app = await startApp(local, changes);
    expect(app.at).toBe(path);
    expect((await app.get('/')).text).toContain('plugh');
  });

  test('goes on after requests that are hardly any', async () => {
    await using app = await startApp(local, { HOST: '127.0.0.1' });
    const paths = ['/', '/identity', '//[', 'http://[', '*'];
    const heads = paths.flatMap((path) => [
      `TRACE ${path} HTTP/1.1\r\nHost: a`,
      `OPTIONS ${path} HTTP/1.1\r\nHost: [`,
      `GET ${path} HTTP/1.1\r\nHost: a b\xff\r\nConnection: Upgrade\r\nUpgrade: websocket`,
    ]);
    for (const head of [...heads, 'CONNECT a:443 HTTP/1.1\r\nHost: a']) {
      const socket = connect(Number(new URL(app.at).port), '127.0.0.1');
      socket.write(`${head}\r\n\r\n`, 'latin1');
      await Promise.race([once(socket, 'data'), once(socket, 'close')]);
      socket.destroy();
    }
    expect((await app.get('/ping')).status).toBe(200);
  });

  const laptop = {
    HOST: '',
    WEBSITE_SITE_NAME: undefined,
    APPSETTING_WEBSITE_SITE_NAME: undefined,
    WEBSITE_INSTANCE_ID: undefined,
    IDENTITY_ENDPOINT: undefined,
    IDENTITY_HEADER: undefined,
    MSI_ENDPOINT: undefined,
    MSI_SECRET: undefined,
  };
  // On Linux all of 127.0.0.0/8 is loopback: a server of `localhost` does not hear what is sent to 127.0.0.2, an open one does.
  test.skipIf(process.platform !== 'linux').each<[string, NodeJS.ProcessEnv, boolean]>([
    ['on your own machine to localhost only, with the page', laptop, false],
    ['on Azure to all addresses, without the page', { HOST: '' }, true],
  ])('listens %s', async (_, changes, isOpen) => {
    await using app = await startApp(local, changes);
    expect((await app.get('/identity')).status).toBe(isOpen ? 404 : 200);
    const elsewhere = fetch(`http://127.0.0.2:${new URL(app.at).port}/ping`).then(
      ({ status }) => status,
      () => 'refused',
    );
    expect(await elsewhere).toBe(isOpen ? 200 : 'refused');
  });

  test.concurrent.each<[string, NodeJS.ProcessEnv, number, string]>([
    ['no vault', { KEY_VAULT_URL: '', KEY_VAULT_URI: ' ' }, 503, 'KV_URL_MISSING'],
    ['a bare name', { KEY_VAULT_URL: 'my-vault' }, 503, 'KV_URL_INVALID'],
    ["a bare name, the stand-in's own", { KEY_VAULT_URL: 'local' }, 503, 'KV_URL_INVALID'],
    [
      'the identifier of a secret',
      { KEY_VAULT_URL: 'https://local.vault.azure.net/secrets/secret' },
      503,
      'Write https://local.vault.azure.net here',
    ],
    ['a placeholder', { KEY_VAULT_URL: 'https://$(vault).vault.azure.net' }, 503, 'KV_URL_INVALID'],
    ['quotes', { KEY_VAULT_URL: '"https://my-vault.vault.azure.net"' }, 503, 'KV_URL_INVALID'],
    ['a reference', { KEY_VAULT_URL: '@Microsoft.KeyVault(VaultName=v;SecretName=s)' }, 503, 'KV_URL_INVALID'],
    ['what is no URL', { KEY_VAULT_URL: 'https://[' }, 503, 'KV_URL_INVALID'],
    ['http', { KEY_VAULT_URL: 'http://my-vault.vault.azure.net' }, 503, 'KV_URL_INSECURE'],
    [
      'no identity',
      { IDENTITY_ENDPOINT: '', IDENTITY_HEADER: '', MSI_ENDPOINT: '', MSI_SECRET: '' },
      503,
      'ERR_HOST_WITHOUT_IDENTITY',
    ],
    ['a secret that is not there', { SECRET_NAME: 'nobody' }, 502, 'KV_SECRET_NOT_FOUND'],
    ['a name that no secret has', { SECRET_NAME: 'a/b' }, 502, 'KV_'],
  ])('explains %s at / and at /identity', async (_, changes, status, code) => {
    await using app = await startApp(local, changes);
    const failure = await app.get('/');
    expect(failure.status).toBe(status);
    expect(failure.text).toContain(code);
    expect(failure.text).not.toMatch(denied);
    expect((await app.get('/identity')).status).toBe(200);
    expect((await app.get('/ping')).status).toBe(200);
  });
});

test('a vault that hangs is a 502 within seconds, and the app goes on', async () => {
  await using local = await startLocal({ secrets: { secret: 'marker' } });
  local.faults.add({ service: 'key-vault', connection: 'hang', times: 99 });
  await using app = await startApp(local);
  const begin = performance.now();
  const { status, text } = await app.get('/');
  expect([status, performance.now() - begin < 15_000]).toEqual([502, true]);
  expect(text).not.toMatch(denied);
  expect((await app.get('/ping')).status).toBe(200);
});
