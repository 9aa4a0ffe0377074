// Calls of getToken per second with a token in the cache: node cached.js msi-credential|azure-identity
const scope = 'https://vault.azure.net/.default';
const credential =
  process.argv[2] === 'msi-credential'
    ? (await import('msi-credential')).getKeyVaultCredential()
    : new (await import('@azure/identity')).ManagedIdentityCredential();
await credential.getToken(scope);
const run = async (ms) => {
  const end = performance.now() + ms;
  let calls = 0;
  while (performance.now() < end) {
    for (let n = 0; n < 100; n += 1) await credential.getToken(scope);
    calls += 100;
  }
  return calls;
};
await run(200);
const begin = performance.now();
const calls = await run(1000);
console.log(Math.round((calls * 1000) / (performance.now() - begin)));
