// 1,000 first calls over 20 credentials, then 1,000 while a refresh is due: node many.js msi-credential|azure-identity
import { move } from './clock.js';

const scope = 'https://vault.azure.net/.default';
const endpoint = new URL(process.env.IDENTITY_ENDPOINT);
const seen = async () => Number(await (await fetch(new URL('/control', endpoint))).text());
const create =
  process.argv[2] === 'msi-credential'
    ? (await import('msi-credential')).getKeyVaultCredential
    : await import('@azure/identity').then(
        ({ ManagedIdentityCredential }) =>
          () =>
            new ManagedIdentityCredential(),
      );

const credentials = Array.from({ length: 20 }, () => create());
const all = () => Promise.all(Array.from({ length: 1000 }, (_, index) => timed(credentials[index % 20])));
async function timed(credential) {
  const begin = performance.now();
  await credential.getToken(scope);
  return performance.now() - begin;
}

await seen();
await all();
const first = await seen();
move(13 * 3_600_000);
const begin = performance.now();
await all();
const due = performance.now() - begin;
await new Promise((resolve) => setTimeout(resolve, 300));
console.log(JSON.stringify({ first, refresh: await seen(), waitedMs: due }));
