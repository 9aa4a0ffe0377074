import { once } from 'node:events';
import { request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Local, startLocal } from '../index.ts';
import { listen } from './http.ts';

// Behind the stand-in there is a proxy that answers everything itself: nothing leaves this machine.

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

async function start(passThrough: readonly string[]) {
  const heard: string[] = [];
  const upstream = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      heard.push(String(data).split('\r\n')[0] ?? '');
      socket.write('HTTP/1.1 200 upstream\r\nContent-Length: 0\r\n\r\n');
    });
    cleanups.push(() => socket.destroy());
  });
  const port = await listen(upstream);
  cleanups.push(() => upstream.close());
  const proxy = `http://127.0.0.1:${port}`;
  const local = await startLocal({ passThrough, inherited: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy } });
  cleanups.push(() => local.stop());
  return { local, heard };
}

const portOf = ({ addresses }: Local) => Number(new URL(addresses.proxy).port);

async function tunnel(local: Local, host: string): Promise<{ answer: string; socket: Socket }> {
  const socket = connect(portOf(local), '127.0.0.1');
  cleanups.push(() => socket.destroy());
  socket.write(`CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}:443\r\n\r\n`);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return { answer: String(chunk), socket };
}

async function plain(local: Local, url: string) {
  const sent = request({ host: '127.0.0.1', port: portOf(local), path: url, headers: { host: new URL(url).host } });
  sent.end();
  const [response] = await once(sent, 'response');
  const body = (await response.toArray()).join('');
  return { status: response.statusCode as number, body };
}

describe('a host of Azure that is not played here', () => {
  it.each([
    ...['graph.microsoft.com', 'account.blob.core.windows.net', 'management.usgovcloudapi.net', 'GRAPH.microsoft.com'],
  ])('%s is out of reach, and the answer has the way out', async (host) => {
    const { local, heard } = await start(['example.azure.com']);
    const { answer } = await tunnel(local, host);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toContain(`--pass-through ${host.toLowerCase()}`);
    const { status, body } = await plain(local, `http://${host}/`);
    expect([status, body]).toEqual([403, expect.stringContaining('--pass-through')]);
    expect(heard).toEqual([]);
  });

  it.each([
    ['graph.microsoft.com', 'graph.microsoft.com'],
    ['windows.net', 'account.blob.core.windows.net'],
    ['*.blob.core.windows.net', 'account.blob.core.windows.net'],
    ['none', 'registry.npmjs.org'],
  ])('with --pass-through %s, %s is reached', async (named, host) => {
    const { local, heard } = await start([named]);
    expect((await tunnel(local, host)).answer).toContain('200 upstream');
    expect((await plain(local, `http://${host}/`)).status).toBe(200);
    expect(heard).toEqual([`CONNECT ${host}:443 HTTP/1.1`, `GET http://${host}/ HTTP/1.1`]);
  });
});
