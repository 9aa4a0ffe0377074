// One process, one token: node first-token.js bare|msi-credential|azure-identity
const scope = 'https://vault.azure.net/.default';
const which = process.argv[2];
if (which === 'bare') {
  // Nothing but one GET and JSON.parse, as cheaply as Node can.
  const { get } = process.getBuiltinModule('node:http');
  const url = `${process.env.IDENTITY_ENDPOINT}?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net`;
  get(url, { headers: { 'x-identity-header': process.env.IDENTITY_HEADER } }, (reply) => {
    let body = '';
    reply.on('data', (piece) => {
      body += piece;
    });
    reply.on('end', () => JSON.parse(body).access_token || process.exit(1));
  });
} else if (which === 'msi-credential') {
  const { getKeyVaultCredential } = await import('msi-credential');
  await getKeyVaultCredential().getToken(scope);
} else {
  const { ManagedIdentityCredential } = await import('@azure/identity');
  await new ManagedIdentityCredential().getToken(scope);
}
process.on('exit', () => process.stdout.write(`${process.resourceUsage().maxRSS}`));
