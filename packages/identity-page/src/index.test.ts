import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { getKeyVaultCredential } from 'msi-credential';
import { describe, expect, test, vi } from 'vitest';
import { type IdentityPageOptions, identityListener, identityPage } from './index.ts';

const laptop = { AZURE_TENANT_ID: 'a', AZURE_CLIENT_ID: 'b' };
const appService = { WEBSITE_SITE_NAME: 'shop' };
const everybody = () => true;

const ask = (options: IdentityPageOptions, path = '/identity', init?: RequestInit) =>
  identityPage(options)(new Request(`https://service.example${path}`, init));

describe('who may see the page', () => {
  test.each<[string, IdentityPageOptions, number]>([
    ['everybody on a machine of their own', { env: laptop }, 200],
    ['nobody on a recognised host', { env: appService }, 404],
    ['whom the service lets in', { env: appService, authorize: async () => true }, 200],
    ['not whom it does not', { env: laptop, authorize: () => false }, 404],
  ])('%s', async (_, options, status) => expect((await ask(options)).status).toBe(status));

  test('decides about style and script as well, from the request', async () => {
    const authorize = ({ headers }: Request) => headers.get('x-user') === 'admin';
    const path = '/identity?asset=style.css';
    expect((await ask({ env: appService, authorize }, path)).status).toBe(404);
    expect((await ask({ env: appService, authorize }, path, { headers: { 'x-user': 'admin' } })).status).toBe(200);
  });

  test('a failing decision shows nothing', async () => {
    const authorize = () => Promise.reject(new Error('sign-in is down'));
    await expect(ask({ env: laptop, authorize })).rejects.toThrow('sign-in is down');
  });
});

describe('an answer', () => {
  test('lets nothing run, load or be framed that is not its own, and is not kept', async () => {
    const { headers } = await ask({ env: laptop });
    const policy = headers.get('content-security-policy')?.split('; ') ?? [];
    expect(policy.filter((each) => !/^[a-z]+(-[a-z]+)* '(none|self)'$/.test(each))).toEqual([]);
    // What the first of them does not cover is named as well.
    const closed = ['default-src', 'base-uri', 'form-action', 'frame-ancestors'].map((each) => `${each} 'none'`);
    expect(policy).toEqual(expect.arrayContaining(closed));
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  test.each([
    ['style.css', 200, 'text/css; charset=utf-8'],
    ['page.js', 200, 'text/javascript; charset=utf-8'],
    ['icon.svg', 200, 'image/svg+xml'],
    ['../index.ts', 404, 'text/plain'],
  ])('%s', async (name, status, type) => {
    const response = await ask({ env: laptop }, `/identity?asset=${encodeURIComponent(name)}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, type]);
  });

  test('is only for reading', async () => {
    expect((await ask({ env: laptop }, '/identity', { method: 'POST' })).status).toBe(405);
  });

  test.each([
    ['no identity', appService, 'ERR_HOST_WITHOUT_IDENTITY'],
    ['half a service principal', laptop, 'ERR_'],
  ])('explains %s', async (_, env, code) => {
    const text = await (await ask({ env, authorize: everybody })).text();
    expect(text).toContain(code);
    expect(text).toContain('Try again');
  });
});

test('many visitors make one check-up', async () => {
  const credential = getKeyVaultCredential({ env: { IDENTITY_ENDPOINT: 'http://127.0.0.1:9/', IDENTITY_HEADER: 'x' } });
  const check = vi.fn(async () => credential.diagnostics);
  const played = { getToken: credential.getToken, check, diagnostics: credential.diagnostics };
  const page = identityPage({ credential: played, env: {}, authorize: everybody });
  const visit = () => page(new Request('https://service.example/identity'));
  await Promise.all([visit(), visit(), visit()]);
  expect(check).toHaveBeenCalledOnce();
  await visit();
  expect(check).toHaveBeenCalledTimes(2);
});

describe("Node's form", () => {
  async function get(options: IdentityPageOptions, path: string, method = 'GET') {
    const server = createServer(identityListener(options)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
      const response = await fetch(url, { method, headers: { 'x-user': 'me' } });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } finally {
      server.close();
    }
  }

  test('answers as the other one', async () => {
    const { status, headers, text } = await get({ env: laptop }, '/identity');
    expect([status, headers.get('x-frame-options')]).toEqual([200, 'DENY']);
    expect(text).toContain('</html>');
  });

  test('hands the request with its headers to the decision', async () => {
    const authorize = ({ headers }: Request) => headers.get('x-user') === 'me';
    expect((await get({ env: appService, authorize }, '/')).status).toBe(200);
  });

  test('has no text for HEAD, and takes addresses that are none', async () => {
    expect(await get({ env: laptop }, '/', 'HEAD')).toMatchObject({ status: 200, text: '' });
    expect((await get({ env: laptop }, '//[')).status).toBe(200);
  });

  const host = 'Host: a';
  test.each<[string, string, number | 'no answer']>([
    ['a method that no Request can have', `TRACE / HTTP/1.1\r\n${host}`, 404],
    ['a tunnel', `CONNECT a:443 HTTP/1.1\r\n${host}`, 'no answer'],
    ['what is asked of the whole server', `OPTIONS * HTTP/1.1\r\n${host}`, 405],
    ['a host that is none', 'GET / HTTP/1.1\r\nHost: [', 200],
    ['a host of odd characters', 'GET / HTTP/1.1\r\nHost: a b\xff"<>', 200],
    ['no host, as in HTTP/1.0', 'GET / HTTP/1.0\r\nA: b', 200],
    ['an address that is none', `GET //[ HTTP/1.1\r\n${host}`, 200],
    ['a whole address that is none', `GET http://[ HTTP/1.1\r\n${host}`, 200],
    ['a query that decodes to nothing', `GET /?asset=%zz HTTP/1.1\r\n${host}`, 404],
    ['a header beyond ASCII', `GET / HTTP/1.1\r\n${host}\r\nX-A: \xff\x80`, 200],
    ['a header with the name of a prototype', `GET / HTTP/1.1\r\n${host}\r\n__proto__: b`, 200],
    ['another protocol', `GET / HTTP/1.1\r\n${host}\r\nConnection: Upgrade\r\nUpgrade: websocket`, 200],
    ['a body that never comes', `GET / HTTP/1.1\r\n${host}\r\nContent-Length: 5`, 200],
  ])('survives %s', async (_, head, expected) => {
    const server = createServer(identityListener({ env: laptop })).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(`${head}\r\n\r\n`, 'latin1');
    const answer = await Promise.race([once(socket, 'data').then(String), once(socket, 'close').then(() => '')]);
    socket.destroy();
    server.close();
    expect(answer === '' ? 'no answer' : Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])).toBe(expected);
  });

  test('takes path and query of a whole address, as a proxy sends it, and not its host', async () => {
    const urls: string[] = [];
    const authorize = ({ url }: Request) => urls.push(url) > 0;
    const server = createServer(identityListener({ env: appService, authorize })).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const asked = request({ port, host: '127.0.0.1', path: 'http://service.example/x?asset=style.css' }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    server.close();
    expect([answer.statusCode, urls]).toEqual([200, ['http://localhost/x?asset=style.css']]);
  });

  test('answers 500 without words of the error where the decision fails', async () => {
    const authorize = () => Promise.reject(new Error('marker-secret'));
    const { status, text } = await get({ env: laptop, authorize }, '/');
    expect(status).toBe(500);
    expect(text).not.toContain('marker-secret');
  });
});
