// ms-rest-azure.cjs FOLDER WAY: reads a secret with ms-rest-azure or adal-node, and azure-keyvault.
const { from, tell } = require('./read.cjs');
const [, , folder, way] = process.argv;
const env = process.env;
const service = [env.AZURE_CLIENT_ID, env.AZURE_CLIENT_SECRET, env.AZURE_TENANT_ID];
const resource = 'https://vault.azure.net';

const load = from(folder);
const azure = load('ms-rest-azure');
const { KeyVaultClient, KeyVaultCredentials } = load('azure-keyvault');

const credentials = {
  managed: () => azure.loginWithAppServiceMSI({ resource }),
  secret: () => azure.loginWithServicePrincipalSecret(...service, { tokenAudience: resource }),
  adal: async () => new KeyVaultCredentials(answerChallenge),
};

/** azure-keyvault asks with what the vault's challenge said. */
function answerChallenge({ authorization, resource }, done) {
  const context = new (load('adal-node').AuthenticationContext)(authorization);
  context.acquireTokenWithClientCredentials(resource, service[0], service[1], (error, token) =>
    error ? done(error) : done(null, `${token.tokenType} ${token.accessToken}`),
  );
}

async function read() {
  const client = new KeyVaultClient(await credentials[way]());
  return (await client.getSecret(env.KEY_VAULT_URL, 'secret', '', {})).value;
}
tell(read());
