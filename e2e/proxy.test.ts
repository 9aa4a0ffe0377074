import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Local, startLocal } from 'msi-local';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatFix } from '../packages/msi-credential/src/codes.ts';
import { createClientCertificate, createServerIdentity } from '../packages/msi-local/src/network/certificates.ts';
import type { Outcome } from './failures/produce.ts';
import type { Wish } from './failures/row.ts';
import { leaksIn, marker } from './secrets.ts';

type Host = Parameters<Local['variables']>[0];
type Changes = Readonly<Record<string, string>>;

let local: Local;
const folder = mkdtempSync(join(tmpdir(), 'proxy-'));
beforeAll(async () => {
  local = await startLocal({ secrets: { 'db-password': marker } });
});
afterAll(async () => {
  await local.stop();
  rmSync(folder, { recursive: true });
});

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const cli = path('../packages/msi-credential/bin/msi-credential.js');
const fail = path('./programs/fail.js');

/** Runs a program to its end, on a host; nothing that it prints has the marker in it. */
async function run(args: readonly string[], host: Host, changes: Changes) {
  // Node itself ends at once, and with the value, when it is told to use such a proxy for everything.
  const env = { ...local.programVariables(host), NODE_USE_ENV_PROXY: '', ...changes };
  const ended = await new Promise<{ exitCode: number; text: string }>((resolve) => {
    execFile(process.execPath, args, { env, timeout: 25_000, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      const exitCode = typeof error?.code === 'number' ? error.code : error ? 1 : 0;
      resolve({ exitCode, text: stdout + stderr });
    });
  });
  expect(leaksIn(ended.text, [marker])).toEqual([]);
  return ended;
}

/** What a program that reads a secret is told when it fails, with all that it could print of the error. */
async function failing(wish: Wish, host: Host, changes: Changes): Promise<Outcome> {
  const program = `import(${JSON.stringify(fail)}).then(({ attempt }) => attempt({ env: process.env, ...${JSON.stringify(wish)} })).then((end) => console.log(JSON.stringify(end ?? {})))`;
  const { exitCode, text } = await run(['-e', program], host, changes);
  expect({ exitCode, text }).toEqual({ exitCode: 0, text: expect.stringMatching(/^\{.*\}\n$/) });
  return JSON.parse(text);
}

/** A proxy that answers every CONNECT in that way, and counts them. */
async function refusing(status: number, body = '') {
  let count = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      count += 1;
      const head = `HTTP/1.1 ${status} No\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n`;
      socket.end(head + body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    get count() {
      return count;
    },
    [Symbol.dispose]: () => void server.close(),
  };
}

const nowhere = '127.0.0.1:1';
/** In both cases, so that no other one is left. */
const by = (url: string) => ({ HTTPS_PROXY: url, https_proxy: url });
const oidc: Changes = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://pipelines.actions.githubusercontent.com/x?y=z' };

describe.concurrent('a variable that cannot be used', () => {
  const values = [`http://me:${marker}%@${nowhere}`, `http://me:${marker}#@${nowhere}`, `${marker}:8080`];
  const [percent] = values as [string, ...string[]];
  test.concurrent.each<[string, string, Host, Wish, Changes, string]>([
    ...values.map((value): [string, string, Host, Wish, Changes, string] => {
      return [value, 'sign-in', 'service-principal', {}, {}, 'ERR_SETTING_INVALID'];
    }),
    ...values.map((value): [string, string, Host, Wish, Changes, string] => {
      return [value, 'a secret', 'app-service', { way: 'secret' }, {}, 'KV_PROXY'];
    }),
    [percent, 'an OIDC token', 'github-actions', {}, oidc, 'ERR_SETTING_INVALID'],
    [percent, "a pod's token", 'aks', {}, {}, 'ERR_SETTING_INVALID'],
  ])('%s: %s', async (value, _, host, wish, changes, code) => {
    const { explanation } = await failing(wish, host, { ...changes, ...by(value) });
    expect(explanation.code).toBe(code);
    expect(explanation.cause).toContain('HTTPS_PROXY');
    expect(formatFix(explanation.fix)).toContain('%25');
  });

  test.concurrent('doctor names it in its step', async () => {
    const { exitCode, text } = await run([cli, 'doctor'], 'app-service', by(percent));
    expect(exitCode).toBe(2);
    expect(text).toMatch(/✗ TLS [\s\S]*HTTPS_PROXY[\s\S]*KV_PROXY/);
  });

  test.concurrent('managed identity takes no notice of it', async () => {
    expect((await run([cli, 'token', '--decode'], 'app-service', by(percent))).exitCode).toBe(0);
  });

  test.concurrent('nor does a sign-in that NO_PROXY spares, where the client can be made', async () => {
    const spared = { NO_PROXY: 'login.microsoftonline.com', AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.com' };
    const names = { NODE_OPTIONS: `--import ${path('./programs/names.js')}` };
    const unresolved = { NAMES: JSON.stringify({ 'login.microsoftonline.com': 'ENOTFOUND' }) };
    const changes = { ...by(percent), ...spared, ...names, ...unresolved, no_proxy: '' };
    expect((await failing({}, 'service-principal', changes)).code).toBe('ERR_UNREACHABLE');
  });
});

describe.concurrent('a proxy that is not there is told, not those behind it', () => {
  const unknown = 'proxy.invalid:3128';
  test.concurrent.each<[string, string, Host, Wish, Changes, string]>([
    ['sign-in', nowhere, 'service-principal', {}, {}, 'ERR_UNREACHABLE'],
    ['sign-in', unknown, 'service-principal', {}, {}, 'ERR_UNREACHABLE'],
    ['an OIDC token', nowhere, 'github-actions', {}, oidc, 'ERR_UNREACHABLE'],
    ['a secret', nowhere, 'app-service', { way: 'client', call: ['getSecret', 'x'] }, {}, 'KV_CONNECTION_REFUSED'],
    ['a secret', unknown, 'app-service', { way: 'client', call: ['getSecret', 'x'] }, {}, 'KV_'],
  ])('%s, by %s', async (_, proxy, host, wish, changes, code) => {
    const { explanation } = await failing(wish, host, { ...changes, ...by(`http://me:${marker}@${proxy}`) });
    expect(explanation.code).toContain(code);
    expect(explanation.cause).toContain(`the proxy of HTTPS_PROXY (${proxy})`);
    expect(formatFix(explanation.fix)).toMatch(/[Cc]heck (host and port in )?HTTPS_PROXY|DNS/);
  });

  test.concurrent('doctor tells it, too', async () => {
    const { exitCode, text } = await run([cli, 'doctor'], 'app-service', by(`http://me:${marker}@${nowhere}`));
    expect(exitCode).toBe(3);
    expect(text.replace(/\s+/g, ' ')).toContain(`the proxy of HTTPS_PROXY (${nowhere}), which leads there`);
  });
});

describe.concurrent.each([403, 407, 502])('a proxy that answers %i to CONNECT is told', (status) => {
  test.concurrent.each<[string, Host, Wish, Changes, string, string]>([
    ['sign-in, with words', 'service-principal', {}, {}, marker, 'ERR_REFUSED'],
    ['a secret, without a word', 'app-service', { way: 'client', call: ['getSecret', 'x'] }, {}, '', 'KV_'],
    ['a secret, with words', 'app-service', { way: 'client', call: ['getSecret', 'x'] }, {}, marker, 'KV_'],
  ])('%s', async (_, host, wish, changes, body, code) => {
    using proxy = await refusing(status, body);
    const { explanation } = await failing(wish, host, { ...changes, ...by(`http://${proxy.address}`) });
    expect(explanation.code).toContain(code);
    expect(explanation.cause).toContain(`the proxy of HTTPS_PROXY (${proxy.address})`);
  });

  test('an OIDC token, after one request', async () => {
    using proxy = await refusing(status);
    const { code, message } = await failing({}, 'github-actions', {
      ...oidc,
      ...by(`http://me:${marker}@${proxy.address}`),
    });
    expect(code).toBe('ERR_UNREACHABLE');
    expect(message).toContain(
      `the proxy of HTTPS_PROXY (${proxy.address}) failed with ERR_PROXY_TUNNEL, status ${status}.`,
    );
    expect(proxy.count).toBe(1);
  });
});

test('doctor goes by the proxy that the client takes: upper case before lower case, that of all as well', async () => {
  using proxy = await refusing(502);
  const ours = local.programVariables('app-service').HTTPS_PROXY ?? '';
  const upper = await run([cli, 'doctor'], 'app-service', {
    HTTPS_PROXY: ours,
    https_proxy: `http://${proxy.address}`,
  });
  expect([upper.exitCode, proxy.count]).toEqual([0, 0]);
  const none = { HTTPS_PROXY: '', https_proxy: '', HTTP_PROXY: ours };
  const all = await run([cli, 'doctor'], 'app-service', { ...none, ALL_PROXY: `http://${proxy.address}` });
  expect(all.text.replace(/\s+/g, ' ')).toContain(`the proxy of ALL_PROXY (${proxy.address}) did not connect to it`);
});

test('a private authority leaves an unusable certificate file what it is', async () => {
  const { caPem, certPem, keyPem } = createServerIdentity(['127.0.0.1']);
  const authority = createTlsServer({ cert: certPem, key: keyPem }, (request, response) => {
    const issuer = `https://${request.headers.host}/${local.world.tenantId}`;
    const endpoints = { authorization_endpoint: `${issuer}/authorize`, jwks_uri: `${issuer}/keys`, issuer };
    response.end(JSON.stringify({ ...endpoints, token_endpoint: `${issuer}/oauth2/v2.0/token` }));
  }).listen(0, '127.0.0.1');
  await once(authority, 'listening');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const encrypted = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'right' });
  const certificate = (await createClientCertificate('local')).certPem;
  const files = {
    nothing: 'x',
    garbage: certificate.replace(/\n.{20}/, '\n!'),
    encrypted: `${encrypted}${certificate}`,
  };
  writeFileSync(join(folder, 'ca.pem'), caPem);
  try {
    for (const [name, content] of Object.entries(files)) {
      const file = join(folder, `${name}.pem`);
      writeFileSync(file, content);
      const outcome = await failing({}, 'service-principal', {
        ...{ AZURE_CLIENT_SECRET: '', AZURE_CLIENT_CERTIFICATE_PATH: file, AZURE_CLIENT_CERTIFICATE_PASSWORD: marker },
        AZURE_AUTHORITY_HOST: `https://127.0.0.1:${(authority.address() as AddressInfo).port}`,
        NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
      });
      expect({ name, code: outcome.code, message: outcome.message }).toMatchObject({
        name,
        code: 'ERR_FILE_UNREADABLE',
      });
    }
  } finally {
    authority.close();
  }
});
