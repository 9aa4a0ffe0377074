import type { Server } from 'node:http';

/** Longer than any request takes; hosts kill a process some seconds later anyway. */
const patienceMs = 10_000;

/**
 * Lets a server answer what it has begun to, then calls `done`.
 *
 * @param server - Takes no new connections from here on.
 * @param done - Called once all connections are closed, at the latest after `limitMs`.
 */
export function finish(server: Server, done: () => void, limitMs = patienceMs): void {
  // A browser keeps its connection open for the next request; it must not keep the app.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const limit = setTimeout(() => server.closeAllConnections(), limitMs);
  server.close(() => {
    clearInterval(sweep);
    clearTimeout(limit);
    done();
  });
}
