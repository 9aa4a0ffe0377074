import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

/** The server's side of one connection. */
export interface Peer {
  write(text: string): boolean;
  end(): void;
  /** Ends it with RST instead of FIN, below any TLS. */
  reset(): void;
  /** Calls again and again, at these intervals or whenever there is room, until the client has gone. */
  goOn(write: () => void, everyMs?: number): void;
}

/** One scripted misbehaviour. */
export interface Script {
  /** At the connection, before a byte of TLS or HTTP. */
  readonly onConnect?: ((peer: Peer) => void) | undefined;
  /** When the head of a request is there. */
  readonly onRequest?: ((peer: Peer, head: string) => void) | undefined;
}

export interface FaultServer {
  readonly port: number;
  /** Heads of the requests, in their order. */
  readonly heads: readonly string[];
  /** Connections that the client has not closed yet. */
  readonly open: ReadonlySet<unknown>;
  readonly connections: number;
  readonly bytesSent: number;
  /** Waits until the client has closed every connection, for so long at most. */
  idle(atMostMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** A server that never closes a connection of its own accord: what is closed, the script or the client has closed. */
export async function serveFault(
  script: Script,
  certificate?: { readonly certPem: string; readonly keyPem: string },
): Promise<FaultServer> {
  const context = certificate && createSecureContext({ cert: certificate.certPem, key: certificate.keyPem });
  const open = new Set<Socket>();
  const heads: string[] = [];
  let connections = 0;
  let bytesSent = 0;

  const server = createServer((raw) => {
    connections += 1;
    open.add(raw);
    raw.on('error', () => {});
    raw.on('close', () => {
      open.delete(raw);
      bytesSent += raw.bytesWritten;
    });
    script.onConnect?.(peerOf(raw, raw));
    if (script.onRequest === undefined) return void raw.resume();
    const socket = context ? new TLSSocket(raw, { isServer: true, secureContext: context }) : raw;
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (piece) => {
      if (text.includes('\r\n\r\n')) return;
      text += piece.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      heads.push(text);
      script.onRequest?.(peerOf(socket, raw), text);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    heads,
    open,
    get connections() {
      return connections;
    },
    get bytesSent() {
      return bytesSent;
    },
    async idle(atMostMs) {
      // Not `once(socket, 'close')`: that ends at an error as well, which comes a moment before.
      const closed = [...open].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      await Promise.race([Promise.all(closed), once(AbortSignal.timeout(atMostMs), 'abort')]);
    },
    async stop() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function peerOf(socket: Socket, raw: Socket): Peer {
  return {
    write: (text) => socket.write(text),
    end: () => void socket.end(),
    reset: () => void raw.resetAndDestroy(),
    goOn(write, everyMs) {
      const timer = everyMs === undefined ? undefined : setInterval(write, everyMs);
      if (timer === undefined) socket.on('drain', write);
      raw.on('close', () => {
        clearInterval(timer);
        socket.off('drain', write);
      });
      write();
    },
  };
}
