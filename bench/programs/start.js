// A program that is busy loading for 150 ms before it asks for its token; prints how long it waited for it, in ms.
const end = performance.now() + 150;
while (performance.now() < end);
const { getKeyVaultCredential } = await import('msi-credential');
const asked = performance.now();
await getKeyVaultCredential().getToken('https://vault.azure.net/.default');
console.log(performance.now() - asked);
