import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  request as send,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { type Listening, listen } from './http.ts';

/** Where the proxy leads a connection. */
export interface ProxyRules {
  /** The local port that plays this name; undefined for names that are not ours. */
  portOf(hostname: string): number | undefined;
  /** Names that do not resolve. */
  isUnknown(hostname: string): boolean;
  /** Names to which nothing may go. */
  isForbidden(hostname: string): boolean;
  /** The caller's own proxy for everything else. */
  readonly upstream: URL | undefined;
  /** Hosts that the caller's own settings keep from that proxy. */
  isDirect(hostname: string): boolean;
}

/** A CONNECT proxy (RFC 9110 section 9.3.6) that leads some names to this machine and lets all others pass untouched. */
export async function serveProxy(rules: ProxyRules): Promise<Listening> {
  const open = new Set<Duplex>();
  const server = createServer((incoming, outgoing) => forward(incoming, outgoing, rules));
  server.on('connection', (socket: Socket) => keep(open, socket));
  server.on('connect', (request, client, head) => {
    client.on('error', () => client.destroy());
    const target = readTarget(request.url ?? '');
    if (target === undefined) {
      client.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      return;
    }
    if (rules.isUnknown(target.hostname)) {
      client.end(unreachable);
      return;
    }
    if (rules.isForbidden(target.hostname)) {
      const reason = forbidden(target.hostname);
      client.end(`HTTP/1.1 403 Forbidden\r\nContent-Length: ${reason.length}\r\n\r\n${reason}`);
      return;
    }
    keep(open, tunnel(target, rules, client, head));
  });
  const port = await listen(server);
  return {
    port,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of open) socket.destroy();
      }),
  };
}

function keep(open: Set<Duplex>, socket: Duplex): void {
  open.add(socket);
  socket.once('close', () => open.delete(socket));
}

/** What a proxy says that could not connect, whatever kept it. */
const unreachable = 'HTTP/1.1 502 Bad Gateway\r\n\r\n';

const forbidden = (hostname: string) =>
  `msi-local does not play ${hostname}, and lets nothing through to the real Azure. Allow it with --pass-through ${hostname}.`;

interface Target {
  readonly hostname: string;
  readonly port: number;
}

function readTarget(authority: string): Target | undefined {
  const [, hostname, port] = /^(\[[^\]]+\]|[^:/]+):(\d{1,5})$/.exec(authority) ?? [];
  if (hostname === undefined || Number(port) > 65_535) return undefined;
  return { hostname: hostname.replaceAll(/[[\]]/g, ''), port: Number(port) };
}

function tunnel(target: Target, rules: ProxyRules, client: Duplex, head: Buffer): Socket {
  const ours = target.port === 443 ? rules.portOf(target.hostname) : undefined;
  const upstream = ours === undefined && !rules.isDirect(target.hostname) ? rules.upstream : undefined;
  const join = (server: Socket, greeting: string) => {
    client.write(greeting);
    if (head.length > 0) server.write(head);
    server.pipe(client);
    client.pipe(server);
  };
  const server = upstream
    ? dial(upstream)
    : ours === undefined
      ? connect(target.port, target.hostname)
      : connect(ours, '127.0.0.1');
  let joined = false;
  const ready = upstream?.protocol === 'https:' ? 'secureConnect' : 'connect';
  server.once(ready, () => {
    joined = true;
    // The caller's proxy answers the CONNECT itself, and its answer goes to the program as it is.
    if (upstream) server.write(connectRequest(target, upstream));
    join(server, upstream ? '' : 'HTTP/1.1 200 Connection established\r\n\r\n');
  });
  server.on('error', () => (joined ? client.destroy() : client.end(unreachable)));
  client.once('close', () => server.destroy());
  server.once('close', () => joined && client.end());
  return server;
}

function dial(proxy: URL): Socket {
  const host = proxy.hostname.replaceAll(/[[\]]/g, '');
  if (proxy.protocol !== 'https:') return connect(Number(proxy.port || 80), host);
  return connectTls({ host, port: Number(proxy.port || 443), servername: host });
}

function connectRequest({ hostname, port }: Target, proxy: URL): string {
  const authority = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization(proxy)}\r\n`;
}

function authorization(proxy: URL): string {
  if (proxy.username === '') return '';
  const user = `${decoded(proxy.username)}:${decoded(proxy.password)}`;
  return `Proxy-Authorization: Basic ${Buffer.from(user).toString('base64')}\r\n`;
}

/** As it is where a % in it encodes nothing: the URL was written so. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Some clients send plain http through the https proxy as well, with the whole URL in the request line. */
function forward(incoming: IncomingMessage, outgoing: ServerResponse, rules: ProxyRules): void {
  const url = URL.canParse(incoming.url ?? '') ? new URL(incoming.url ?? '') : undefined;
  if (url?.protocol !== 'http:') {
    outgoing.writeHead(400).end('This is a proxy of msi-local.');
    return;
  }
  if (rules.isForbidden(url.hostname)) return void outgoing.writeHead(403).end(forbidden(url.hostname));
  const upstream = rules.isDirect(url.hostname) ? undefined : rules.upstream;
  const headers = withoutTrailer(incoming.headers);
  const viaHttp = upstream?.protocol === 'http:' ? upstream : undefined;
  const to = viaHttp
    ? { host: viaHttp.hostname, port: viaHttp.port || 80, path: url.href }
    : { host: url.hostname, port: url.port || 80, path: `${url.pathname}${url.search}` };
  const [, credentials] = /: (.*)\r/.exec(viaHttp ? authorization(viaHttp) : '') ?? [];
  if (credentials) headers['proxy-authorization'] = credentials;
  const outbound = send({ ...to, method: incoming.method, headers }, (answer) => {
    const { statusCode = 0 } = answer;
    // Node reads a status such as 099, and writes none.
    if (statusCode < 200) return void outbound.destroy();
    outgoing.writeHead(statusCode, withoutTrailer(answer.headers));
    answer.pipe(outgoing);
  });
  outbound.on('error', () => outgoing.headersSent && outgoing.destroy());
  // A server that changes the protocol unasked has its connection closed, without an error.
  outbound.on('close', () => outgoing.headersSent || outgoing.writeHead(502).end());
  incoming.pipe(outbound);
}

/** It announces fields after the body. They are not passed on, and Node throws where the body has no room for them. */
function withoutTrailer(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'trailer'));
}
