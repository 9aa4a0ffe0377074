// Two threads and the main one get a token twice each. In the threads, as in tests, no timer ever fires.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

if (!isMainThread) globalThis.setTimeout = () => 0;
const { getKeyVaultCredential } = await import('msi-credential');
for (const _ of [1, 2]) await getKeyVaultCredential().getToken('https://vault.azure.net/.default');
if (isMainThread) {
  const ends = [1, 2].map(
    () => new Promise((resolve) => new Worker(new URL(import.meta.url)).once('message', resolve).once('exit', resolve)),
  );
  console.log(await Promise.all(ends));
} else {
  parentPort.postMessage('a token');
}
