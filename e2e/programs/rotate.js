// Gets a token with one secret after the other, as a host renews them, and prints those that are still in memory.
import { createServer } from 'node:http';
import { getHeapSnapshot } from 'node:v8';
import { getKeyVaultCredential } from 'msi-credential';

const token = JSON.stringify({ access_token: 'x', expires_on: String(Math.floor(Date.now() / 1000) + 86_400) });
const server = createServer((_, response) => response.end(token)).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));

for (let count = 1; count <= 10; count += 1) {
  const env = {
    IDENTITY_ENDPOINT: `http://127.0.0.1:${server.address().port}/msi/token`,
    IDENTITY_HEADER: ['renewed', 'secret', count].join('-'),
  };
  await getKeyVaultCredential({ env }).getToken('https://vault.azure.net/.default');
}
await new Promise((resolve) => server.close(resolve));

let memory = '';
for await (const piece of getHeapSnapshot()) memory += piece;
console.log(JSON.stringify([...new Set(memory.match(/renewed-secret-\d+/g))]));
