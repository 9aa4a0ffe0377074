import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Longer than any request takes; hosts kill a process some seconds later anyway. */
const patienceMs = 10_000;

/**
 * Lets a server answer what it has begun to, then calls `done`.
 *
 * @param done - Called once all connections are closed, at the latest after `limitMs`.
 */
export type Finish = (done: () => void, limitMs?: number) => void;

/**
 * Prepares a server for its end.
 *
 * @param server - One that has no connection yet.
 * @returns The function that ends it; the server takes no new connections from that call on.
 */
export function finisher(server: Server): Finish {
  const connections = new Set<Socket>();
  server.on('connection', (connection: Socket) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  return (done, limitMs = patienceMs) => {
    const sweep = setInterval(() => {
      // A browser keeps a connection open for the next request; it must not keep the app.
      server.closeIdleConnections();
      // Nor must one that it opened ahead of need, which Node counts as busy before its first request.
      for (const connection of connections) if (connection.bytesRead === 0) connection.destroy();
    }, 50);
    const limit = setTimeout(() => server.closeAllConnections(), limitMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(limit);
      done();
    });
  };
}
