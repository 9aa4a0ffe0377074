// A token with 11 hours left and an endpoint that fails for 8: node outage.js LIBRARY MODE STEPS
import { move } from './clock.js';

const [library, mode, steps] = process.argv.slice(2);
const scope = 'https://vault.azure.net/.default';
const endpoint = new URL(process.env.IDENTITY_ENDPOINT);
const credential =
  library === 'msi-credential'
    ? (await import('msi-credential')).getKeyVaultCredential()
    : new (await import('@azure/identity')).ManagedIdentityCredential();
await credential.getToken(scope);
for (let n = 0; n < 2000; n += 1) await credential.getToken(scope);
if (mode === 'refused') {
  // The endpoint ends itself, so that nobody listens there any more.
  await fetch(new URL('/control?mode=end', endpoint)).catch(() => {});
} else {
  await fetch(new URL(`/control?mode=${mode}`, endpoint));
}
move(13 * 3_600_000);
let failures = 0;
let longest = 0;
for (let step = 0; step < Number(steps); step += 1) {
  const begin = performance.now();
  await credential.getToken(scope).catch(() => {
    failures += 1;
  });
  longest = Math.max(longest, performance.now() - begin);
  move((8 * 3_600_000) / Number(steps));
  await new Promise((resolve) => setImmediate(resolve));
}
console.log(JSON.stringify({ calls: Number(steps), failures, longestMs: longest }));
process.exit();
