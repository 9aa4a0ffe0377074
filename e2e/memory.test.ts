import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('of the secrets that a host has renewed only the last one is in memory', async () => {
  const program = fileURLToPath(new URL('programs/rotate.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  expect(JSON.parse(stdout)).toEqual(['renewed-secret-10']);
});

/** Answers with a megabyte in pieces of one byte, as fast as they are taken. */
function drip(socket: Socket): void {
  const pieces = '1\r\n-\r\n'.repeat(10_000);
  let left = 104;
  const goOn = () => {
    while (left > 0) {
      left -= 1;
      if (!socket.write(pieces)) return void socket.once('drain', goOn);
    }
    socket.end('0\r\n\r\n');
  };
  socket.on('error', () => {});
  socket.once('data', () => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    goOn();
  });
}

test('an answer of a megabyte in pieces of one byte fits in a heap of 32 MB', async () => {
  const server = createServer(drip);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const program = fileURLToPath(new URL('programs/drip.js', import.meta.url));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`;
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=32', program, address]);
    expect(stdout.trim()).toBe('ERR_RESPONSE_MALFORMED');
  } finally {
    server.close();
  }
});
