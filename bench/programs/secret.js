// From the start of the process to the secret: node secret.js static|msi-credential|azure-identity
import { SecretClient } from '@azure/keyvault-secrets';

const which = process.argv[2];
const credential =
  which === 'static'
    ? { getToken: async () => ({ token: process.env.STATIC_TOKEN, expiresOnTimestamp: Date.now() + 3_600_000 }) }
    : which === 'msi-credential'
      ? (await import('msi-credential')).getKeyVaultCredential()
      : new (await import('@azure/identity')).ManagedIdentityCredential();
const { value } = await new SecretClient(process.env.KEY_VAULT_URL, credential).getSecret('secret');
if (value !== 'xyzzy') process.exit(1);
