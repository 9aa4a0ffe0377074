import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';

/** What a handler wants done: an answer, and possibly a way to spoil it. */
export interface Reply {
  readonly response?: Response;
  readonly connection?: 'reset' | 'hang' | 'truncate' | undefined;
}

/** Answers one request; `url` is the request's target, byte for byte. */
export type Handler = (request: Request, url: string) => Promise<Reply>;

/** A server that listens on 127.0.0.1. */
export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1, with TLS if there is a certificate. */
export async function serve(handler: Handler, tls?: { certPem: string; keyPem: string }): Promise<Listening> {
  const listener = getRequestListener(
    // These servers speak HTTP/1.1 only; the library's types also know HTTP/2.
    (request, { incoming, outgoing }) =>
      exchange(handler, request, incoming as IncomingMessage, outgoing as ServerResponse),
    // The global Request and Response belong to the program that imports us.
    { overrideGlobalObjects: false },
  );
  const server = tls ? createTlsServer({ cert: tls.certPem, key: tls.keyPem }, listener) : createServer(listener);
  const port = await listen(server);
  return {
    port,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Binds a server to a free port of 127.0.0.1. */
export async function listen(server: import('node:net').Server): Promise<number> {
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => done());
  });
  return (server.address() as AddressInfo).port;
}

async function exchange(handler: Handler, request: Request, incoming: IncomingMessage, outgoing: ServerResponse) {
  const { response, connection } = await handler(request, incoming.url ?? '/');
  if (response && connection === undefined) return response;
  if (response && connection === 'truncate') await truncate(response, outgoing);
  else if (connection !== 'hang') reset(incoming.socket);
  return RESPONSE_ALREADY_SENT;
}

/** A TLS socket cannot be reset itself; for its client an end without a word is the same. */
function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

/** Promises the whole body, sends half of it and closes. */
async function truncate(response: Response, outgoing: ServerResponse): Promise<void> {
  const content = Buffer.from(await response.arrayBuffer());
  outgoing.writeHead(response.status, [...response.headers, ['content-length', String(content.length)]].flat());
  outgoing.write(content.subarray(0, Math.floor(content.length / 2)), () => outgoing.destroy());
}
