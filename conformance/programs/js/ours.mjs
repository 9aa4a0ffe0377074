// ours.mjs: reads a secret with this repository's own client.
import { SecretClient } from '@azure/keyvault-secrets';
import { getKeyVaultCredential } from 'msi-credential';
import read from './read.cjs';

async function run() {
  const client = new SecretClient(String(process.env.KEY_VAULT_URL), getKeyVaultCredential());
  return (await client.getSecret('secret')).value;
}
read.tell(run());
