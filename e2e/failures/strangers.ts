import { once } from 'node:events';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import { createServerIdentity } from '../../packages/msi-local/src/network/certificates.ts';

/** Somebody on 127.0.0.1 who is there until the end of the rows. */
export interface Stranger extends AsyncDisposable {
  readonly port: number;
}

const day = 86_400_000;

/** A server whose certificate was good until yesterday; `ca` is the authority that a client has to trust to see that. */
export async function outOfDate(): Promise<Stranger & { readonly ca: string }> {
  const dates = { notBefore: new Date(Date.now() - 2 * day), notAfter: new Date(Date.now() - day) };
  const { caPem, certPem, keyPem } = createServerIdentity(['127.0.0.1'], dates);
  const server = createServer({ cert: certPem, key: keyPem }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    ca: caPem,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

/** Listens, and never looks whether somebody has come. */
const asleep = `
  const server = require('node:net').createServer().listen(0, '127.0.0.1', 1, () => {
    require('node:worker_threads').parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });`;

/** A port where the system itself no longer answers, since as many wait there as may (a backlog of one is two). */
export async function silent(): Promise<Stranger> {
  const worker = new Worker(asleep, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const waiting = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  await Promise.all(waiting.map((socket) => once(socket, 'connect')));
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of waiting) socket.destroy();
      await worker.terminate();
    },
  };
}
