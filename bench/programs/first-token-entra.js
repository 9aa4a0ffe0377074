// One process, one token of Entra: node first-token-entra.js msi-credential|azure-identity
const credential =
  process.argv[2] === 'msi-credential'
    ? (await import('msi-credential')).getKeyVaultCredential()
    : new (await import('@azure/identity')).WorkloadIdentityCredential();
await credential.getToken('https://vault.azure.net/.default');
