import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

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

// More than any request that Azure accepts here; a vault's value ends at 25 kB.
const maxBody = 1_000_000;

/** Listens on a free port of 127.0.0.1, with TLS if there is a certificate. */
export async function serve(handler: Handler, tls?: { certPem: string; keyPem: string }): Promise<Listening> {
  const scheme = tls ? 'https' : 'http';
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    exchange(handler, scheme, incoming, outgoing).catch(() => incoming.socket.destroy());
  };
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

async function exchange(handler: Handler, scheme: string, incoming: IncomingMessage, outgoing: ServerResponse) {
  const body = await readBody(incoming);
  const request = body === undefined ? undefined : toRequest(scheme, incoming, body);
  if (request === undefined) {
    outgoing.writeHead(body === undefined ? 413 : 400).end();
    return;
  }
  const { response, connection } = await handler(request, incoming.url ?? '/');
  if (connection === 'hang') return;
  if (connection === 'reset' || response === undefined) {
    incoming.socket.resetAndDestroy();
    return;
  }
  const content = Buffer.from(await response.arrayBuffer());
  outgoing.writeHead(response.status, [...response.headers, ['content-length', String(content.length)]].flat());
  if (connection !== 'truncate') {
    outgoing.end(content);
    return;
  }
  outgoing.write(content.subarray(0, Math.floor(content.length / 2)), () => incoming.socket.destroy());
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Undefined when no standard Request can be made of it: a broken Host header, a method that fetch forbids. */
function toRequest(scheme: string, incoming: IncomingMessage, body: Buffer): Request | undefined {
  const method = incoming.method ?? 'GET';
  const url = `${scheme}://${incoming.headers.host ?? 'localhost'}${incoming.url ?? '/'}`;
  const headers = new Headers();
  try {
    for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
      headers.append(incoming.rawHeaders[i] ?? '', incoming.rawHeaders[i + 1] ?? '');
    }
    const content = method === 'GET' || method === 'HEAD' ? null : new Uint8Array(body);
    return new Request(url, { method, headers, body: content });
  } catch {
    return undefined;
  }
}
