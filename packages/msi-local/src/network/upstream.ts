// The caller's own proxy, behind ours.
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Target } from './ways.ts';

/** Opens a connection to the proxy. */
export function dial(proxy: URL): Socket {
  const { host, port } = addressOf(proxy);
  return proxy.protocol === 'https:' ? connectTls({ host, port, servername: host }) : connect(port, host);
}

export const addressOf = (proxy: URL) => ({
  host: proxy.hostname.replaceAll(/[[\]]/g, ''),
  port: Number(proxy.port || (proxy.protocol === 'https:' ? 443 : 80)),
});

/** The request for a tunnel (RFC 9110 section 9.3.6). */
export function connectRequest({ hostname, port }: Target, credentials: string | undefined): string {
  const authority = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
  const own = credentials === undefined ? '' : `Proxy-Authorization: ${credentials}\r\n`;
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${own}\r\n`;
}

/** What `Proxy-Authorization` says for a proxy whose address has a name and a password; undefined for any other. */
export function credentialsOf(proxy: URL | undefined): string | undefined {
  if (!proxy?.username) return undefined;
  const user = `${decoded(proxy.username)}:${decoded(proxy.password)}`;
  return `Basic ${Buffer.from(user).toString('base64')}`;
}

/** As it is where a % in it encodes nothing: the URL was written so. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
