import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { jwt } from '../../test/fake-io.ts';
import { createWorld, credentialIn } from '../credential.ts';
import { type Io, realIo } from '../io.ts';

const inAnHour = Math.floor(Date.now() / 1000) + 3_600;
const token = jwt({ exp: inAnHour });
const good = JSON.stringify({ access_token: token, expires_on: String(inAnHour) });

/** The real network, without its pauses; only limits are as long as this. */
const limitMs = 10_000;
const hurried: Io = { ...realIo, after: (ms, action, holds) => realIo.after(ms < limitMs ? 1 : ms, action, holds) };

async function serve(listener: RequestListener, port = 0) {
  const server = createServer(listener);
  await once(server.listen(port, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

function getToken(port: number, io = hurried) {
  const env = { IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/msi/token`, IDENTITY_HEADER: 'host-secret' };
  return credentialIn(createWorld(io), { env }).getToken('https://vault.azure.net/.default');
}

describe('an answer', () => {
  test.each<[string, encoding: string, body: Buffer]>([
    ['compressed by gzip', 'gzip', gzipSync(good)],
    ['compressed by gzip, in capitals', 'GZIP', gzipSync(good)],
    ['compressed by deflate', 'deflate', deflateSync(good)],
    ['compressed by deflate, then by gzip', 'deflate, gzip', gzipSync(deflateSync(good))],
    ['compressed by gzip, and named with nothing', 'gzip, identity', gzipSync(good)],
    ['compressed by brotli', 'br', brotliCompressSync(good)],
    ['not compressed, and said so', 'identity', Buffer.from(good)],
    ['with a byte order mark', 'identity', Buffer.from(`\uFEFF${good}`)],
  ])('%s is read, though no compression was asked for', async (_, encoding, body) => {
    const accepted: unknown[] = [];
    const { port } = await serve(({ headers }, response) => {
      accepted.push(headers['accept-encoding']);
      response.writeHead(200, { 'content-encoding': encoding }).end(body);
    });
    expect(await getToken(port)).toMatchObject({ token });
    expect(accepted).toEqual(['identity']);
  });

  test.each<[string, body: Buffer, told: RegExp]>([
    ['that is too large only when it is decompressed', gzipSync(Buffer.alloc(50_000_000, ' ')), /larger than/],
    ['that is not what it says', Buffer.from(good), /Z_DATA_ERROR/],
  ])('%s is refused', async (_, body, told) => {
    const { port } = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(body),
    );
    await expect(getToken(port)).rejects.toThrow(told);
  });
});

test('an endpoint that begins to listen after some tries gives its token', async () => {
  const listener: RequestListener = (_request, response) => response.end(good);
  const { server, port } = await serve(listener);
  await once(server.close(), 'close');
  let pauses = 0;
  const late: Io = {
    ...realIo,
    after(ms, action, holds) {
      if (ms >= limitMs || ++pauses !== 4) return hurried.after(ms, action, holds);
      serve(listener, port).then(action);
      return () => {};
    },
  };
  expect(await getToken(port, late)).toMatchObject({ token });
  expect(pauses).toBe(4);
});
