// The same program for every host and both libraries: node read-secret.js msi-credential|azure-identity [secret name]
import { SecretClient } from '@azure/keyvault-secrets';

const [library, name = 'secret'] = process.argv.slice(2);
const credential =
  library === 'msi-credential' ? (await import('msi-credential')).getKeyVaultCredential() : await peer(process.env);

/** What a program has to say itself where DefaultAzureCredential does not know the host. */
async function peer(env) {
  const identity = await import('@azure/identity');
  if (env.SYSTEM_OIDCREQUESTURI) {
    const { AZURESUBSCRIPTION_TENANT_ID, AZURESUBSCRIPTION_CLIENT_ID, AZURESUBSCRIPTION_SERVICE_CONNECTION_ID } = env;
    return new identity.AzurePipelinesCredential(
      AZURESUBSCRIPTION_TENANT_ID,
      AZURESUBSCRIPTION_CLIENT_ID,
      AZURESUBSCRIPTION_SERVICE_CONNECTION_ID,
      env.SYSTEM_ACCESSTOKEN,
    );
  }
  if (env.ACTIONS_ID_TOKEN_REQUEST_URL) {
    return new identity.ClientAssertionCredential(env.AZURE_TENANT_ID, env.AZURE_CLIENT_ID, async () => {
      const url = `${env.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=${encodeURIComponent('api://AzureADTokenExchange')}`;
      const reply = await fetch(url, { headers: { authorization: `Bearer ${env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}` } });
      return (await reply.json()).value;
    });
  }
  return new identity.DefaultAzureCredential();
}

try {
  const client = new SecretClient(process.env.KEY_VAULT_URL, credential, { retryOptions: { maxRetries: 0 } });
  const { value } = await client.getSecret(name);
  console.log(JSON.stringify({ value, source: credential.diagnostics?.selected?.source }));
} catch (error) {
  console.log(JSON.stringify({ error: error.code ?? error.name, status: error.statusCode, message: error.message }));
  process.exitCode = 1;
}
