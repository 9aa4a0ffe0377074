// Gets a token while the timers are replaced, as tests do. Given "later", gets it again when its refresh is due, and ends.
import { mock } from 'node:test';

const [timers, later] = process.argv.slice(2);
const realInterval = setInterval;

if (timers === 'mocked') {
  mock.timers.enable({ apis: ['setTimeout'] });
  // Time passes, but nothing of that holds the process.
  realInterval(() => mock.timers.tick(100), 50).unref();
}
if (timers === 'dead') globalThis.setTimeout = () => 0;

const { getKeyVaultCredential } = await import('msi-credential');
const credential = getKeyVaultCredential();
const scope = 'https://vault.azure.net/.default';
const { token, refreshAfterTimestamp } = await credential.getToken(scope);
if (later) {
  Date.now = () => refreshAfterTimestamp + 1;
  const again = await credential.getToken(scope);
  console.log(again.token === token ? 'the same token' : 'another token');
  console.log(credential.diagnostics.cache.refreshes, 'refresh');
}
console.log(token.split('.').length, 'parts');
