import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { finisher } from './shutdown.ts';

async function serving() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const finish = finisher(server);
  const agent = new Agent({ keepAlive: true });
  const { port } = server.address() as AddressInfo;
  const ask = () => once(get({ port, host: '127.0.0.1', agent }), 'response') as Promise<[IncomingMessage]>;
  return { server, port, finish, ask };
}

test('what was begun is answered, and no connection that is kept open holds the process', async () => {
  const { server, finish, ask } = await serving();
  const answered = ask();
  const [, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  const ended = new Promise<void>((resolve) => finish(resolve));
  response.end('answered');
  const [answer] = await answered;
  expect(await text(answer)).toBe('answered');
  await ended;
});

test('a request that never ends does not hold it either', async () => {
  const { server, finish, ask } = await serving();
  const failing = expect(ask()).rejects.toThrow('socket hang up');
  await once(server, 'request');
  await new Promise<void>((resolve) => finish(resolve, 20));
  await failing;
});

test('nor does a connection that a browser opened ahead of need', async () => {
  const { server, port, finish } = await serving();
  const spare = connect(port, '127.0.0.1');
  const closed = once(spare, 'close');
  await once(server, 'connection');
  await new Promise<void>((resolve) => finish(resolve, 600_000));
  await closed;
});
