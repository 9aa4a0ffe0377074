import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { finish } from './shutdown.ts';

async function serving() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent({ keepAlive: true });
  const { port } = server.address() as AddressInfo;
  return { server, ask: () => once(get({ port, host: '127.0.0.1', agent }), 'response') as Promise<[IncomingMessage]> };
}

test('what was begun is answered, and no connection that is kept open holds the process', async () => {
  const { server, ask } = await serving();
  const answered = ask();
  const [, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  const ended = new Promise<void>((resolve) => finish(server, resolve));
  response.end('answered');
  const [answer] = await answered;
  expect(await text(answer)).toBe('answered');
  await ended;
});

test('a request that never ends does not hold it either', async () => {
  const { server, ask } = await serving();
  const failing = expect(ask()).rejects.toThrow('socket hang up');
  await once(server, 'request');
  await new Promise<void>((resolve) => finish(server, resolve, 20));
  await failing;
});
