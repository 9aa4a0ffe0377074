// azurite.mjs FOLDER SERVICE: writes and reads in Azurite, which takes OAuth tokens over TLS, with our credential.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import read from '../js/read.cjs';
import { credential, load } from './shared.mjs';

const [, , folder, service] = process.argv;
const place = mkdtempSync(join(tmpdir(), 'azurite-'));
const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(place, name));
const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
execFileSync(
  'openssl',
  ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-out', cert, '-keyout', key, ...subject],
  { stdio: 'ignore' },
);

async function start() {
  const flags = ['--oauth', 'basic', '--cert', cert, '--key', key, '--skipApiVersionCheck', '--inMemoryPersistence'];
  const ports = ['--blobPort', '10000', '--queuePort', '10001', '--tablePort', '10002'];
  const child = spawn(process.execPath, [join(folder, 'node_modules/azurite/dist/src/azurite.js'), ...flags, ...ports]);
  let said = '';
  child.stderr.on('data', (piece) => {
    said += piece;
  });
  for (;;) {
    const [piece] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    said += piece;
    if (said.includes('Table service is successfully listening')) return child;
    if (child.exitCode !== null) throw new Error(`Azurite ended: ${said}`);
  }
}

const at = (port) => `https://127.0.0.1:${port}/devstoreaccount1`;
const options = { tlsOptions: { ca: readFileSync(cert, 'utf8') } };

const services = {
  async blob() {
    const { BlobServiceClient } = load('@azure/storage-blob');
    const container = new BlobServiceClient(at(10000), credential, options).getContainerClient('container');
    await container.create();
    const blob = container.getBlockBlobClient('blob');
    await blob.upload('hello', 5);
    return String(await blob.downloadToBuffer());
  },
  async queue() {
    const { QueueServiceClient } = load('@azure/storage-queue');
    const queue = new QueueServiceClient(at(10001), credential, options).getQueueClient('queue');
    await queue.create();
    await queue.sendMessage('hello');
    return (await queue.receiveMessages()).receivedMessageItems[0].messageText;
  },
  async table() {
    const { TableClient } = load('@azure/data-tables');
    const table = new TableClient(at(10002), 'Table', credential, options);
    await table.createTable();
    await table.createEntity({ partitionKey: 'p', rowKey: 'r', word: 'hello' });
    return (await table.getEntity('p', 'r')).word;
  },
};

async function run() {
  const child = await start();
  try {
    return await services[service]();
  } finally {
    child.kill();
  }
}
read.tell(run());
