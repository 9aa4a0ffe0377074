// Waits 300 ms for a token, says what came of it, and has nothing more to do.
import { getKeyVaultCredential } from 'msi-credential';

const error = await getKeyVaultCredential({ timeoutMs: 300 })
  .getToken('https://vault.azure.net/.default')
  .catch((reason) => reason);
console.log(JSON.stringify({ code: error.code, message: error.message }));
