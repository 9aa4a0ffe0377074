// Import and the first decision, then many decisions; milliseconds and microseconds.
const begin = performance.now();
const { getKeyVaultCredential } = await import('msi-credential');
const imported = performance.now();
getKeyVaultCredential();
const decided = performance.now();
const rounds = 20_000;
for (let round = 0; round < rounds; round += 1) getKeyVaultCredential();
const each = ((performance.now() - decided) * 1000) / rounds;
console.log(JSON.stringify({ import: imported - begin, first: decided - imported, each }));
