// Requests that name a whole address: plain http, and https from clients that do not ask for a tunnel
// (axios 0.21 to 1.16, https://github.com/axios/axios/issues/10858).
import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestHttp,
  type ServerResponse,
} from 'node:http';
import { type RequestOptions, request as requestHttps } from 'node:https';
import type { ProxyRules } from './proxy.ts';
import { addressOf } from './upstream.ts';
import { outOfReach, readTarget, type Way } from './ways.ts';

type Open = Exclude<Way, { to: 'nowhere' }>;

/** Passes a request on and its answer back. */
export function forward(incoming: IncomingMessage, outgoing: ServerResponse, rules: ProxyRules): void {
  const url = URL.canParse(incoming.url ?? '') ? new URL(incoming.url ?? '') : undefined;
  const scheme = url?.protocol === 'http:' ? 'http' : url?.protocol === 'https:' ? 'https' : undefined;
  const target = url && scheme && readTarget(url.hostname, Number(url.port || { http: 80, https: 443 }[scheme]));
  if (!target || !scheme) return void refuse(outgoing, 400, 'This is a proxy of msi-local.');
  const way = rules.wayTo(target, scheme);
  if (way.to === 'nowhere') return void refuse(outgoing, way.status, way.reason);
  const headers: OutgoingHttpHeaders = { ...passedOn(incoming.headers), host: url.host };
  const credentials = way.to === 'upstream' ? rules.credentialsFor(way.proxy, incoming) : undefined;
  if (credentials) headers['proxy-authorization'] = credentials;
  join(incoming, outgoing, outbound(way, url, rules)({ method: incoming.method, headers }));
}

function refuse(outgoing: ServerResponse, status: number, reason: string): void {
  outgoing.writeHead(status, { 'content-type': 'text/plain' }).end(reason);
}

/** How to send it: to a server here, to the one that was named, or to the caller's own proxy, which gets the whole address. */
function outbound(way: Open, url: URL, { ca }: ProxyRules): (more: RequestOptions) => ClientRequest {
  const send = (tls: boolean, options: object) => (more: RequestOptions) =>
    (tls ? requestHttps : requestHttp)({ ...options, ...more });
  const path = `${url.pathname}${url.search}`;
  const host = url.hostname.replaceAll(/[[\]]/g, '');
  if (way.to === 'upstream') return send(way.proxy.protocol === 'https:', { ...addressOf(way.proxy), path: url.href });
  if (way.to === 'here') return send(way.tls, { host: '127.0.0.1', port: way.port, servername: host, ca, path });
  return send(url.protocol === 'https:', { host, port: url.port || undefined, path, blockList: outOfReach });
}

function join(incoming: IncomingMessage, outgoing: ServerResponse, outbound: ClientRequest): void {
  outbound.on('response', (answer) => {
    const { statusCode = 0 } = answer;
    // Node reads a status such as 099, and writes none.
    if (statusCode < 200) return void outbound.destroy();
    outgoing.writeHead(statusCode, passedOn(answer.headers));
    answer.pipe(outgoing);
  });
  outbound.on('error', () => outgoing.headersSent && outgoing.destroy());
  // A server that changes the protocol unasked has its connection closed, without an error.
  outbound.on('close', () => outgoing.headersSent || outgoing.writeHead(502).end());
  incoming.pipe(outbound);
}

/**
 * What one side says to its neighbour alone stays with us. `Trailer` announces fields after the body; they are not passed on,
 * and Node throws where the body has no room for them.
 */
function passedOn(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const own = ['trailer', 'proxy-authorization', 'proxy-connection'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.includes(name)));
}
