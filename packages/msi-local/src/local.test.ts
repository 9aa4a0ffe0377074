import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { type Local, startLocal } from './index.ts';
import { listen } from './network/http.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

async function start(options = {}): Promise<Local> {
  const local = await startLocal(options);
  cleanups.push(() => local.stop());
  return local;
}

async function getToken(local: Local): Promise<Response> {
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER = '' } = local.variables('app-service');
  const url = `${IDENTITY_ENDPOINT}?api-version=2019-08-01&resource=https://vault.azure.net`;
  return fetch(url, { headers: { 'x-identity-header': IDENTITY_HEADER } });
}

/** The proxy as the stand-in's own programs are told it. */
const ownProxy = (local: Local) => local.variables('app-service').HTTPS_PROXY ?? '';

/** Opens a tunnel and gives the proxy's first line with the socket. */
async function tunnel(proxy: string, authority: string): Promise<{ line: string; socket: Socket }> {
  const { port, username, password } = new URL(proxy);
  const socket = connect(Number(port), '127.0.0.1');
  cleanups.push(() => void socket.destroy());
  const login =
    username && `Proxy-Authorization: Basic ${Buffer.from(`${username}:${password}`).toString('base64')}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${login}\r\n`);
  const [chunk] = await new Promise<Buffer[]>((done, fail) =>
    socket.once('data', (...data) => done(data)).once('error', fail),
  );
  return { line: String(chunk).split('\r\n')[0] ?? '', socket };
}

/** A TCP server that answers whatever it hears with the same greeting, and keeps what it heard. */
async function greeter(hello: string) {
  const heard: string[] = [];
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      heard.push(String(data));
      socket.write(hello);
    });
  });
  const port = await listen(server);
  cleanups.push(() => void server.close());
  return { port, heard };
}

describe('the proxy', () => {
  it('leads the vault and Entra to the stand-in, under a certificate for their names', async () => {
    const local = await start();
    for (const host of ['contoso.vault.azure.net', 'login.microsoftonline.com', 'x.vault.azure.cn']) {
      const { line, socket } = await tunnel(local.addresses.proxy, `${host}:443`);
      expect(line).toBe('HTTP/1.1 200 Connection established');
      const tls = connectTls({ socket, servername: host, ca: readFileSync(local.ca) });
      await new Promise((done, fail) => tls.once('secureConnect', done).once('error', fail));
      expect(tls.authorized).toBe(true);
      tls.destroy();
    }
  });

  it('does not connect to a vault that is not among those that were named', async () => {
    const local = await start({ vaults: ['contoso', 'Fabrikam'] });
    const answered = async (host: string) => (await tunnel(local.addresses.proxy, `${host}:443`)).line;
    const connected = 'HTTP/1.1 200 Connection established';
    for (const host of ['contoso.vault.azure.net', 'fabrikam.vault.azure.cn', 'login.microsoftonline.com'])
      expect(await answered(host)).toBe(connected);
    expect(await answered('local.vault.azure.net')).toBe('HTTP/1.1 502 Bad Gateway');
    expect(local.variables('laptop').KEY_VAULT_URL).toBe('https://contoso.vault.azure.net');
  });

  it('lets every other host pass to where it was going', async () => {
    const local = await start();
    const other = await greeter('hello from outside');
    const { line, socket } = await tunnel(local.addresses.proxy, `127.0.0.1:${other.port}`);
    expect(line).toBe('HTTP/1.1 200 Connection established');
    const greeting = new Promise((done) => socket.once('data', done));
    socket.write('who is there?');
    expect(String(await greeting)).toBe('hello from outside');
  });

  it("goes through the caller's own proxy, with its credentials, where one was set", async () => {
    const upstream = await greeter('HTTP/1.1 200 from upstream\r\n\r\n');
    const local = await start({ inherited: { HTTPS_PROXY: `http://user:pa%20ss@127.0.0.1:${upstream.port}` } });
    const { line } = await tunnel(ownProxy(local), 'example.com:443');
    expect(line).toBe('HTTP/1.1 200 from upstream');
    await expect.poll(() => upstream.heard.join('')).toContain('CONNECT example.com:443 HTTP/1.1\r\n');
    const credentials = Buffer.from('user:pa ss').toString('base64');
    expect(upstream.heard.join('')).toContain(`Proxy-Authorization: Basic ${credentials}`);
  });

  it.each(['100%', 'pa%zzss'])('hands on the password %s, which encodes nothing, as it is', async (password) => {
    const upstream = await greeter('HTTP/1.1 200 from upstream\r\n\r\n');
    const local = await start({ inherited: { HTTPS_PROXY: `http://user:${password}@127.0.0.1:${upstream.port}` } });
    await tunnel(ownProxy(local), 'example.com:443');
    const credentials = Buffer.from(`user:${password}`).toString('base64');
    await expect.poll(() => upstream.heard.join('')).toContain(`Proxy-Authorization: Basic ${credentials}`);
  });

  it('answers 502 when the other host cannot be reached', async () => {
    const local = await start();
    const { line } = await tunnel(local.addresses.proxy, '127.0.0.1:1');
    expect(line).toBe('HTTP/1.1 502 Bad Gateway');
  });

  it('passes plain http on as well', async () => {
    const local = await start();
    const server = createServer((request, response) => response.end(`got ${request.url}`));
    const port = await listen(server);
    cleanups.push(() => void server.close());
    const proxyPort = Number(new URL(local.addresses.proxy).port);
    const body = await new Promise<string>((done, fail) =>
      httpRequest({ port: proxyPort, host: '127.0.0.1', path: `http://127.0.0.1:${port}/x?y=1` }, (response) => {
        response.once('data', (data) => done(String(data)));
      })
        .once('error', fail)
        .end(),
    );
    expect(body).toBe('got /x?y=1');
  });
});

const host = 'Host: a\r\n';
/** What is asked for through the proxy: a server that answers `ok`, unless the row says what it answers. */
const oddities: readonly [title: string, request: string, expected: number | 'no answer', answer?: string][] = [
  ['fields announced after no body', `TRACE {url} HTTP/1.1\r\n${host}Trailer: x\r\n`, 200],
  ['another protocol', `GET {url} HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: x\r\n`, 200],
  ['a header beyond ASCII', `GET {url} HTTP/1.1\r\n${host}X-A: \xff\r\n`, 200],
  ['an address that is none', `GET http://[ HTTP/1.1\r\n${host}`, 400],
  ['what is asked of the whole server', `OPTIONS * HTTP/1.1\r\n${host}`, 400],
  ['a tunnel to nowhere', `CONNECT :443 HTTP/1.1\r\n${host}`, 400],
  ['a tunnel to a port that is none', `CONNECT a:99999 HTTP/1.1\r\n${host}`, 400],
  ['a status below 100', `GET {url} HTTP/1.1\r\n${host}`, 502, 'HTTP/1.1 099 X\r\n\r\n'],
  ['no status', `GET {url} HTTP/1.1\r\n${host}`, 502, 'HTTP/1.1 000 X\r\n\r\n'],
  [
    'a protocol that nobody asked for',
    `GET {url} HTTP/1.1\r\n${host}`,
    502,
    'HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
  ],
  [
    'an answer that announces fields after its body',
    `GET {url} HTTP/1.1\r\n${host}`,
    200,
    'HTTP/1.1 200 OK\r\nTrailer: x\r\nContent-Length: 0\r\n\r\n',
  ],
];

/** Sends this as it is, and gives the status of the answer. */
async function statusOf(port: number, head: string): Promise<number | 'no answer'> {
  const socket = connect(port, '127.0.0.1');
  cleanups.push(() => void socket.destroy());
  socket.write(`${head}\r\n`, 'latin1');
  const answer = await Promise.race([once(socket, 'data').then(String), once(socket, 'close').then(() => '')]);
  return answer === '' ? 'no answer' : Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
}

describe('a stand-in survives', () => {
  it.each(oddities)('%s, through its proxy', async (_, request, expected, reply) => {
    const { port } = await greeter(reply ?? 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    const local = await start();
    const head = request.replace('{url}', `http://127.0.0.1:${port}/`);
    expect(await statusOf(Number(new URL(local.addresses.proxy).port), head)).toBe(expected);
    expect((await getToken(local)).status).toBe(200);
  });

  it.each<[string, string, number | 'no answer']>([
    ['a method that no Request can have', `TRACE / HTTP/1.1\r\n${host}`, 404],
    ['a tunnel', `CONNECT a:443 HTTP/1.1\r\n${host}`, 'no answer'],
    ['what is asked of the whole server', `OPTIONS * HTTP/1.1\r\n${host}`, 400],
    ['a host that is none', 'GET / HTTP/1.1\r\nHost: [\r\n', 400],
    ['an address that is none', `GET //[ HTTP/1.1\r\n${host}`, 404],
    ['a whole address that is none', `GET http://[ HTTP/1.1\r\n${host}`, 400],
    ['a header beyond ASCII', `GET / HTTP/1.1\r\n${host}X-A: \xff\r\n`, 404],
    ['another protocol', `GET / HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: x\r\n`, 404],
  ])('%s', async (_, head, expected) => {
    const local = await start();
    const { port } = new URL(local.variables('app-service').IDENTITY_ENDPOINT ?? '');
    expect(await statusOf(Number(port), head)).toBe(expected);
    expect((await getToken(local)).status).toBe(200);
  });
});

describe('faults', () => {
  it('meet the next requests of their service, then it is well again', async () => {
    const local = await start();
    local.faults.add({
      service: 'managed-identity',
      times: 2,
      status: 503,
      body: 'down',
      headers: { 'retry-after': '1' },
    });
    const [first, second, third] = [await getToken(local), await getToken(local), await getToken(local)];
    expect([first.status, second.status, third.status]).toEqual([503, 503, 200]);
    expect([first.headers.get('retry-after'), await first.text()]).toEqual(['1', 'down']);
  });

  it('meet the path that they name, and leave the others alone', async () => {
    const local = await start();
    local.faults.add({ service: 'managed-identity', path: '/elsewhere', status: 503 });
    local.faults.add({ service: 'managed-identity', path: '/token', status: 504 });
    expect([(await getToken(local)).status, (await getToken(local)).status]).toEqual([504, 200]);
  });

  it.each(['reset', 'truncate'] as const)('can break the connection: %s', async (connection) => {
    const local = await start();
    local.faults.add({ service: 'managed-identity', connection });
    await expect(getToken(local).then((response) => response.text())).rejects.toThrow();
  });

  it('can leave a request without an answer until the stand-in stops', async () => {
    const local = await start();
    local.faults.add({ service: 'managed-identity', connection: 'hang' });
    const waiting = getToken(local);
    waiting.catch(() => undefined);
    await expect.poll(() => local.requests.all.length).toBe(1);
    await local.stop();
    await expect(waiting).rejects.toThrow();
  });
});

describe('the request log', () => {
  it('notes what arrived, and never prints what grants access', async () => {
    const local = await start();
    await getToken(local);
    const secret = local.variables('app-service').IDENTITY_HEADER ?? '';
    const [request] = local.requests;
    expect(request).toMatchObject({ service: 'managed-identity', method: 'GET', status: 200 });
    expect(request?.url).toBe('/msi/token?api-version=2019-08-01&resource=https://vault.azure.net');
    expect(request?.header('X-IDENTITY-HEADER')).toBe(secret);
    expect(JSON.stringify(local.requests.all)).not.toContain(secret);
    expect(inspect(local.requests.all, { depth: 9, showHidden: true })).not.toContain(secret);
  });
});

describe('the control address', () => {
  const call = (local: Local, method: string, path: string, body?: object) =>
    fetch(`${local.addresses.control}/_local/${path}`, {
      method,
      headers: { authorization: `Bearer ${local.controlSecret}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });

  it('moves the clock, sets faults and shows the requests', async () => {
    const local = await start();
    const moved = await call(local, 'POST', 'clock', { freeze: '2030-01-01T00:00:00Z', advanceMs: 1000 });
    expect(await moved.text().then(JSON.parse)).toEqual({ now: '2030-01-01T00:00:01.000Z' });
    expect(local.clock.now()).toBe(Date.parse('2030-01-01T00:00:01Z'));
    expect((await call(local, 'POST', 'faults', { service: 'managed-identity', status: 500 })).status).toBe(204);
    expect((await getToken(local)).status).toBe(500);
    expect((await (await call(local, 'GET', 'requests')).text().then(JSON.parse)).value.length).toBeGreaterThan(2);
    expect((await call(local, 'POST', 'faults', { service: 'dns' })).status).toBe(400);
  });
});

/** The certificate behind an https address, and whether these roots vouch for it. */
async function certificateOf(url: string, ca: Buffer) {
  const { hostname, port } = new URL(url);
  const tls = connectTls({
    host: '127.0.0.1',
    port: Number(port),
    servername: hostname,
    ca,
    rejectUnauthorized: false,
  });
  await new Promise((done, fail) => tls.once('secureConnect', done).once('error', fail));
  const [certificate, authorized, problem] = [tls.getPeerCertificate(), tls.authorized, tls.authorizationError];
  tls.destroy();
  return { certificate, authorized, problem: String(problem) };
}

/** A GET over TLS that trusts the stand-in's authority. */
const getTls = (url: string, ca: Buffer, headers: Record<string, string>) =>
  new Promise<string>((done, fail) =>
    httpsRequest(url, { ca, headers, host: '127.0.0.1', servername: 'localhost' }, (response) => {
      response.once('data', (data) => done(String(data)));
    })
      .once('error', fail)
      .end(),
  );

describe('a host that needs more than variables', () => {
  it('Service Fabric has a certificate that nobody vouches for, with the thumbprint that it names', async () => {
    const local = await start();
    const { IDENTITY_ENDPOINT = '', IDENTITY_SERVER_THUMBPRINT } = local.variables('service-fabric');
    const { certificate, authorized, problem } = await certificateOf(IDENTITY_ENDPOINT, readFileSync(local.ca));
    expect([authorized, problem]).toEqual([false, 'DEPTH_ZERO_SELF_SIGNED_CERT']);
    expect(certificate.fingerprint.replaceAll(':', '').toLowerCase()).toBe(IDENTITY_SERVER_THUMBPRINT);
    expect(IDENTITY_SERVER_THUMBPRINT).toMatch(/^[0-9a-f]{40}$/);
  });

  it("a pipeline's OIDC service has one that the private authority signed", async () => {
    const local = await start();
    const ca = readFileSync(local.ca);
    const { SYSTEM_OIDCREQUESTURI = '' } = local.variables('azure-pipelines');
    expect((await certificateOf(SYSTEM_OIDCREQUESTURI, ca)).authorized).toBe(true);
    const github = local.variables('github-actions');
    const url = `${github.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=api://AzureADTokenExchange`;
    const body = await getTls(url, ca, { authorization: `Bearer ${github.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` });
    expect(JSON.parse(body)).toEqual({ count: expect.any(Number), value: expect.stringMatching(/^ey/) });
    expect(local.requests.all).toMatchObject([{ service: 'oidc', method: 'GET', status: 200 }]);
    expect(JSON.stringify(local.requests.all)).not.toContain(github.ACTIONS_ID_TOKEN_REQUEST_TOKEN);
  });

  it('no two hosts share an endpoint, save those of App Service', async () => {
    const local = await start();
    const origins = (['app-service', 'container-apps', 'azure-ml', 'cloud-shell', 'vm'] as const).map((host) => {
      const set = local.variables(host);
      return new URL(set.IDENTITY_ENDPOINT ?? set.MSI_ENDPOINT ?? set.AZURE_POD_IDENTITY_AUTHORITY_HOST ?? '').origin;
    });
    expect(new Set(origins).size).toBe(origins.length);
    expect(new URL(local.variables('functions').IDENTITY_ENDPOINT ?? '').origin).toBe(origins[0]);
  });

  it('tells each token that it has issued', async () => {
    const local = await start();
    const { access_token } = (await (await getToken(local)).json()) as { access_token: string };
    const pod = readFileSync(local.variables('aks').AZURE_FEDERATED_TOKEN_FILE ?? '', 'utf8');
    expect(local.issued).toEqual([access_token, pod]);
  });

  it('a pod has a token file, which is rewritten when it is renewed and gone at the end', async () => {
    const local = await start();
    const { AZURE_FEDERATED_TOKEN_FILE: path = '' } = local.variables('aks');
    const before = readFileSync(path, 'utf8');
    expect(before).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(local.variables('aks').AZURE_FEDERATED_TOKEN_FILE).toBe(path);
    expect(readFileSync(path, 'utf8')).toBe(before);
    const renewed = local.rotateSecret('aks');
    expect(readFileSync(path, 'utf8')).toBe(renewed);
    expect(renewed).not.toBe(before);
    await local.stop();
    expect(existsSync(path)).toBe(false);
  });

  it('Arc has key files in its folder while it runs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'local-test-'));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const local = await start({ arc: { directory: join(folder, 'tokens') } });
    expect(readdirSync(folder)).toEqual([]);
    const { IDENTITY_ENDPOINT } = local.variables('arc');
    const url = `${IDENTITY_ENDPOINT}?api-version=2020-06-01&resource=https://vault.azure.net`;
    await fetch(url, { headers: { metadata: 'true' } });
    expect(readdirSync(join(folder, 'tokens'))).toHaveLength(1);
    await local.stop();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('Arc says what to do where its folder cannot be made', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'local-test-'));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'file'), '');
    const directory = join(folder, 'file', 'tokens');
    const local = await start({ arc: { directory } });
    expect(() => local.variables('arc')).toThrow(`sudo install -d -m 700 -o "$(id -un)" ${directory}`);
    expect(() => local.variables('arc')).toThrow(expect.objectContaining({ name: 'ConfigError' }));
    expect(local.variables('app-service')).toHaveProperty('IDENTITY_ENDPOINT');
  });
});

describe('stopping', () => {
  it('closes the servers and removes the files', async () => {
    const local = await start();
    expect(existsSync(local.ca)).toBe(true);
    await local.stop();
    expect(existsSync(local.ca)).toBe(false);
    await expect(getToken(local)).rejects.toThrow();
  });

  it('happens by itself at the end of an `await using` block', async () => {
    let path = '';
    {
      await using local = await startLocal();
      path = local.ca;
    }
    expect(existsSync(path)).toBe(false);
  });
});
