import { existsSync, readFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { type Local, startLocal } from './index.ts';
import { listen } from './wire/http.ts';

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

/** Opens a tunnel and gives the proxy's first line with the socket. */
async function tunnel(proxy: string, authority: string): Promise<{ line: string; socket: Socket }> {
  const socket = connect(Number(new URL(proxy).port), '127.0.0.1');
  cleanups.push(() => void socket.destroy());
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
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
    const { line } = await tunnel(local.addresses.proxy, 'example.com:443');
    expect(line).toBe('HTTP/1.1 200 from upstream');
    await expect.poll(() => upstream.heard.join('')).toContain('CONNECT example.com:443 HTTP/1.1\r\n');
    const credentials = Buffer.from('user:pa ss').toString('base64');
    expect(upstream.heard.join('')).toContain(`Proxy-Authorization: Basic ${credentials}`);
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
    fetch(`${local.addresses.control}/_local/${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });

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

  it('is not there under another name, so that no web page can reach it', async () => {
    const local = await start();
    const port = Number(new URL(local.addresses.control).port);
    const status = await new Promise((done) =>
      httpRequest(
        { host: '127.0.0.1', port, path: '/_local/clock', headers: { host: `evil.example:${port}` } },
        (response) => done(response.statusCode),
      ).end(),
    );
    expect(status).toBe(404);
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
