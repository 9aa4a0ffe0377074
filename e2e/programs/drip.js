// Asks an endpoint for a token, and prints the error's code. Run with a small heap.
import { getKeyVaultCredential } from 'msi-credential';

const env = { IDENTITY_ENDPOINT: process.argv[2], IDENTITY_HEADER: 'host-secret' };
const failed = await getKeyVaultCredential({ env })
  .getToken('https://vault.azure.net/.default')
  .catch((error) => error);
console.log(failed.code);
