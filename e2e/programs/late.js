// A program that works for a while before it asks for its first token: node late.js [never]
const begun = Date.now();
while (Date.now() < begun + 300);
if (process.argv[2] !== 'never') {
  const { getKeyVaultCredential } = await import('msi-credential');
  const scopes = ['https://vault.azure.net/.default', 'https://storage.azure.com/.default'];
  const credential = getKeyVaultCredential();
  for (const scope of scopes) await credential.getToken(scope).catch(({ code }) => console.log(code));
}
console.log(begun);
