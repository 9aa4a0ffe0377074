// A managed identity as the proof of an application: node federated.js CLIENT_ID TENANT_ID IDENTITY_CLIENT_ID
import { SecretClient } from '@azure/keyvault-secrets';
import { getKeyVaultCredential } from 'msi-credential';

const [application, tenantId, identity] = process.argv.slice(2);
const credential = getKeyVaultCredential({
  federatedCredential: { clientId: application, tenantId },
  ...(identity && { clientId: identity }),
});
try {
  const { value } = await new SecretClient(process.env.KEY_VAULT_URL, credential).getSecret('secret');
  console.log(JSON.stringify({ value, principal: credential.diagnostics.principal }));
} catch (error) {
  console.log(JSON.stringify({ error: error.code ?? error.name, message: error.message }));
}
