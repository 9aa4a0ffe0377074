// The same program for every host and both libraries: node read-secret.js msi-credential|azure-identity [secret name]
import { SecretClient } from '@azure/keyvault-secrets';

const [library, name = 'secret'] = process.argv.slice(2);
const credential =
  library === 'msi-credential'
    ? (await import('msi-credential')).getKeyVaultCredential()
    : new (await import('@azure/identity')).DefaultAzureCredential();

try {
  const client = new SecretClient(process.env.KEY_VAULT_URL, credential, { retryOptions: { maxRetries: 0 } });
  const { value } = await client.getSecret(name);
  console.log(JSON.stringify({ value, source: credential.diagnostics?.selected?.source }));
} catch (error) {
  console.log(JSON.stringify({ error: error.code ?? error.name, status: error.statusCode, message: error.message }));
  process.exitCode = 1;
}
