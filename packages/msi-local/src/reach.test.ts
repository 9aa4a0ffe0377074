import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, Agent as HttpAgent, type IncomingHttpHeaders, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { BlockList, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { hostKinds } from './environment.ts';
import { type Local, type LocalOptions, startLocal } from './index.ts';
import { listen } from './network/http.ts';

// What programs reach through the proxy, and what they do not.

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

async function start(options: LocalOptions = {}): Promise<Local> {
  const local = await startLocal(options);
  cleanups.push(() => local.stop());
  return local;
}

/** A server that says `elsewhere` to everything, also to tunnels, and keeps what it heard. */
async function recorder() {
  const heard: { line: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    heard.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    response.end('elsewhere');
  });
  server.on('connect', (request, socket) => {
    heard.push({ line: `CONNECT ${request.url}`, headers: request.headers });
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
  });
  const port = await listen(server);
  cleanups.push(() => server.close());
  return { heard, port, lines: () => heard.map(({ line }) => line) };
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The whole address in the request line, as for plain http. */
function askWhole(proxy: string, url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const { port } = new URL(proxy);
  return answerTo(requestHttp({ host: '127.0.0.1', port, path: url, headers: { host: 'of.another', ...headers } }));
}

async function answerTo(sent: ReturnType<typeof requestHttp>): Promise<Answer> {
  // Node 22 tells that there is no tunnel twice.
  sent.on('error', () => {});
  sent.end();
  const [response] = await once(sent, 'response');
  const body = (await response.toArray()).join('');
  return { status: response.statusCode, headers: response.headers, body };
}

/** What a proxy answers first to the request for a tunnel, and what comes through it for `then`. */
async function tunnel(proxy: string, authority: string, then = '', headers = ''): Promise<string> {
  const socket = connect(Number(new URL(proxy).port), '127.0.0.1');
  cleanups.push(() => socket.destroy());
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${headers}\r\n`);
  const [first] = await once(socket, 'data');
  if (then === '') return String(first);
  socket.write(then);
  return String((await once(socket, 'data'))[0]);
}

const metadataUrl =
  'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net';

describe('a machine', () => {
  it('has its metadata service at the address that programs have built in', async () => {
    const local = await start();
    const { HTTP_PROXY = '', NO_PROXY } = local.variables('vm');
    expect(NO_PROXY).toBe('localhost,127.0.0.1,::1');
    const { status, headers, body } = await askWhole(HTTP_PROXY, metadataUrl, { metadata: 'true' });
    expect([status, headers.server]).toEqual([200, expect.stringContaining('IMDS/')]);
    expect(local.issued).toEqual([JSON.parse(body).access_token]);
    expect(local.requests.all).toMatchObject([{ service: 'managed-identity', host: '169.254.169.254', status: 200 }]);
  });

  it('has it at the end of a tunnel as well', async () => {
    const { HTTP_PROXY = '' } = (await start()).variables('vm');
    const { pathname, search } = new URL(metadataUrl);
    const request = `GET ${pathname}${search} HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n`;
    expect(await tunnel(HTTP_PROXY, '169.254.169.254:80', request)).toMatch(/^HTTP\/1\.1 400 [\s\S]*IMDS\//);
  });
});

describe('a name that is played here', () => {
  it.each([
    ['https://local.vault.azure.net/secrets/a?api-version=7.4', 401, 'AKV10000'],
    ['https://login.microsoftonline.com/common/discovery/instance', 200, 'tenant_discovery_endpoint'],
    ['https://management.azure.com/subscriptions?api-version=2022-12-01', 401, 'AuthenticationFailed'],
  ])('answers a request for the whole of %s', async (url, status, words) => {
    const answer = await askWhole((await start()).addresses.proxy, url);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(words);
  });
});

describe("the caller's own proxy", () => {
  const withPassword = (port: number) => {
    const proxy = `http://user:100%@127.0.0.1:${port}`;
    return { HTTPS_PROXY: proxy, HTTP_PROXY: proxy };
  };
  const own = `Basic ${Buffer.from('user:100%').toString('base64')}`;
  const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`;

  it('gets its password for our own programs, and for nobody else', async () => {
    const { heard, port } = await recorder();
    const local = await start({ inherited: withPassword(port) });
    const { HTTPS_PROXY = '', HTTP_PROXY } = local.variables('laptop');
    const { username, password } = new URL(HTTPS_PROXY);
    expect([HTTP_PROXY, username]).toEqual([HTTPS_PROXY, 'msi-local']);
    for (const shown of [basic(`${username}:${password}`), basic('msi-local:guessed'), undefined]) {
      const headers: Record<string, string> = shown === undefined ? {} : { 'proxy-authorization': shown };
      await tunnel(HTTPS_PROXY, 'example.com:443', '', shown && `Proxy-Authorization: ${shown}\r\n`);
      await askWhole(HTTPS_PROXY, 'http://example.com/', headers);
      await askWhole(HTTPS_PROXY, 'https://example.com/', headers);
    }
    const sent = heard.map(({ headers }) => headers['proxy-authorization']);
    expect(sent).toEqual([own, own, own, ...Array(6).fill(undefined)]);
  });

  it('leaves our address without a password where it has none', async () => {
    const { port } = await recorder();
    const local = await start({ inherited: { HTTPS_PROXY: `http://127.0.0.1:${port}` } });
    expect(local.variables('app-service').HTTPS_PROXY).toBe(local.addresses.proxy);
  });

  it('is the one for the scheme, and gets whole addresses as they are', async () => {
    const [plain, secure] = [await recorder(), await recorder()];
    const inherited = { HTTP_PROXY: `http://127.0.0.1:${plain.port}`, HTTPS_PROXY: `http://127.0.0.1:${secure.port}` };
    const { proxy } = (await start({ inherited })).addresses;
    await tunnel(proxy, 'example.com:443');
    for (const url of ['http://example.com/x?y=1', 'https://example.com/z']) await askWhole(proxy, url);
    expect(plain.lines()).toEqual(['GET http://example.com/x?y=1']);
    expect(secure.lines()).toEqual(['CONNECT example.com:443', 'GET https://example.com/z']);
    expect(plain.heard[0]?.headers.host).toBe('example.com');
  });
});

it("a server hears nothing of what a program says to its proxy, and its own name in place of the proxy's", async () => {
  const { heard, port } = await recorder();
  const { proxy } = (await start()).addresses;
  const headers = { 'proxy-authorization': 'Basic c2VjcmV0', 'proxy-connection': 'keep-alive', 'x-kept': 'yes' };
  expect((await askWhole(proxy, `http://127.0.0.1:${port}/`, headers)).body).toBe('elsewhere');
  expect(heard[0]?.headers).toMatchObject({ host: `127.0.0.1:${port}`, 'x-kept': 'yes' });
  expect(Object.keys(heard[0]?.headers ?? {}).filter((name) => name.startsWith('proxy-'))).toEqual([]);
});

/** Whatever the code does wrong, this test connects to nothing but this machine. */
const abroad = new BlockList();
abroad.addRange('0.0.0.0', '126.255.255.255', 'ipv4');
abroad.addRange('128.0.0.0', '255.255.255.255', 'ipv4');
const noNames = (name: string, _options: object, done: (error: Error, address: string) => void) =>
  done(new Error(`${name} is looked up`), '');

/** A request as Node makes it for a program with these variables. */
function ask(url: string, proxyEnv: Record<string, string>, ca: Buffer): Promise<Answer> {
  const guard = { blockList: abroad, lookup: noNames, headers: { metadata: 'true' } };
  return url.startsWith('https:')
    ? answerTo(requestHttps(url, { ...guard, agent: new HttpsAgent({ proxyEnv, ca }) }))
    : answerTo(requestHttp(url, { ...guard, agent: new HttpAgent({ proxyEnv }) }));
}

describe('no request leaves this machine', () => {
  it.each(hostKinds)('from a program on %s', async (host) => {
    const upstream = await recorder();
    const proxy = `http://127.0.0.1:${upstream.port}`;
    const directory = mkdtempSync(join(tmpdir(), 'reach-test-'));
    cleanups.push(() => rmSync(directory, { recursive: true }));
    const local = await start({
      vaults: ['local'],
      arc: { directory },
      // A caller who keeps everything from its proxy must not keep it from us.
      inherited: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: '*,169.254.169.254' },
    });
    const variables = local.programVariables(host);
    const reach = (url: string) => ask(url, variables, readFileSync(local.ca));
    const metadata = await reach(metadataUrl);
    if (host === 'vm')
      expect([metadata.status, metadata.headers.server]).toEqual([200, expect.stringContaining('IMDS/')]);
    else
      expect([metadata.status, metadata.body]).toEqual([
        403,
        expect.stringMatching(/no metadata service.*unreachable/),
      ]);
    expect((await reach('https://management.azure.com/subscriptions?api-version=2022-12-01')).status).toBe(401);
    await expect(reach('https://foreign.vault.azure.net/secrets')).rejects.toThrow('502');
    await expect(reach('https://graph.microsoft.com/v1.0/me')).rejects.toThrow('403');
    expect(upstream.lines()).toEqual([]);
  });
});

const room = 'ip link set lo up; mkdir -p /var/opt; mount -t tmpfs tmpfs /var/opt; exec "$@"';
/** Network and mounts of its own: only loopback, and a folder for Azure Arc's key files. */
const alone = [
  ['-n', '-m'],
  ['-r', '-n', '-m'],
]
  .map((flags) => [...flags, '--propagation', 'private', 'sh', '-c', room, 'room'])
  .find((args) => spawnSync('unshare', [...args, 'true'], { stdio: 'ignore' }).status === 0);

const program = `
import { inspect } from 'node:util';
const refused = (error) => /Proxy response \\((\\d{3})\\)/.exec(inspect(error))?.[1] ?? error;
const said = [];
for (const url of ['http://169.254.169.254/metadata/instance', 'https://management.azure.com/', 'https://foreign.vault.azure.net/'])
  said.push(await fetch(url).then(({ status }) => status, refused));
console.log(process.argv[1] + ': ' + said.join(' '));
`;

it.skipIf(alone === undefined)(
  'a program that knows nothing of this gets its answers where there is no network (needs unshare)',
  { timeout: 60_000 },
  () => {
    const bin = fileURLToPath(new URL('../bin/msi-local.js', import.meta.url));
    const runs =
      'for host in $HOSTS; do "$NODE" "$BIN" run --as $host --vault local -- "$NODE" --input-type=module -e "$PROGRAM" $host; done';
    const env = {
      PATH: process.env.PATH,
      NODE: process.execPath,
      BIN: bin,
      PROGRAM: program,
      HOSTS: hostKinds.join(' '),
    };
    const { stdout, stderr } = spawnSync('unshare', [...(alone ?? []), 'sh', '-c', runs], { env, encoding: 'utf8' });
    const expected = hostKinds.map((host) => `${host}: ${host === 'vm' ? '404' : '403'} 401 502`);
    expect(stdout.trim().split('\n'), stderr).toEqual(expected);
  },
);
