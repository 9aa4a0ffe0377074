import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { forward } from './forward.ts';
import { type Listening, listen } from './http.ts';
import { connectRequest, dial } from './upstream.ts';
import { outOfReach, readTarget, type Target, type Way } from './ways.ts';

/** What a proxy goes by. */
export interface ProxyRules {
  wayTo(target: Target, scheme: 'http' | 'https'): Way;
  /** What to show to the caller's own proxy for the one who sent this request. */
  credentialsFor(proxy: URL, request: IncomingMessage): string | undefined;
  /** The authority that vouches for what is played here. */
  readonly ca: string;
}

/** A proxy (RFC 9110 section 9.3.6) that leads some names to this machine and lets all others pass untouched. */
export async function serveProxy(rules: ProxyRules): Promise<Listening> {
  const open = new Set<Duplex>();
  const server = createServer((incoming, outgoing) => forward(incoming, outgoing, rules));
  server.on('connection', (socket: Socket) => keep(open, socket));
  server.on('connect', (request, client, head) => {
    client.on('error', () => client.destroy());
    const target = readAuthority(request.url ?? '');
    const way = target && rules.wayTo(target, 'https');
    if (way === undefined) client.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    else if (way.to === 'nowhere') client.end(refusal(way));
    else keep(open, join(way, target as Target, client, head, rules, request));
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

function readAuthority(authority: string): Target | undefined {
  const [, hostname, port] = /^(\[[^\]]+\]|[^:/@]+):(\d{1,5})$/.exec(authority) ?? [];
  return hostname === undefined ? undefined : readTarget(hostname, Number(port));
}

/** What a proxy says that could not connect, whatever kept it. */
const unreachable = 'HTTP/1.1 502 Bad Gateway\r\n\r\n';

function refusal({ status, reason }: Extract<Way, { to: 'nowhere' }>): string {
  if (status === 502) return unreachable;
  return `HTTP/1.1 ${status} Forbidden\r\nContent-Type: text/plain\r\nContent-Length: ${reason.length}\r\n\r\n${reason}`;
}

function join(
  way: Exclude<Way, { to: 'nowhere' }>,
  target: Target,
  client: Duplex,
  head: Buffer,
  rules: ProxyRules,
  request: IncomingMessage,
): Socket {
  const server = connectionOf(way, target);
  const upstream = way.to === 'upstream' ? way.proxy : undefined;
  let joined = false;
  server.once(upstream?.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
    joined = true;
    // The caller's proxy answers the CONNECT itself, and its answer goes to the program as it is.
    if (upstream) server.write(connectRequest(target, rules.credentialsFor(upstream, request)));
    else client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) server.write(head);
    server.pipe(client);
    client.pipe(server);
  });
  server.on('error', () => (joined ? client.destroy() : client.end(unreachable)));
  client.once('close', () => server.destroy());
  server.once('close', () => joined && client.end());
  return server;
}

function connectionOf(way: Exclude<Way, { to: 'nowhere' }>, { hostname, port }: Target): Socket {
  if (way.to === 'upstream') return dial(way.proxy);
  if (way.to === 'here') return connect(way.port, '127.0.0.1');
  return connect({ host: hostname, port, blockList: outOfReach });
}
