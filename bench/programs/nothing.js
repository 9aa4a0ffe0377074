// Nothing configured, no tool, not on Azure: how long until the whole explanation? node nothing.js msi-credential|azure-identity
const begin = performance.now();
const scope = 'https://vault.azure.net/.default';
let text = '';
if (process.argv[2] === 'msi-credential') {
  const { getKeyVaultCredential, formatDiagnostics } = await import('msi-credential');
  await getKeyVaultCredential()
    .getToken(scope)
    .catch((error) => {
      text = `${error.message}\n${formatDiagnostics(error.diagnostics)}`;
    });
} else {
  const { DefaultAzureCredential } = await import('@azure/identity');
  await new DefaultAzureCredential().getToken(scope).catch((error) => {
    text = error.message;
  });
}
const ms = performance.now() - begin;
console.log(JSON.stringify({ ms, characters: text.length }));
