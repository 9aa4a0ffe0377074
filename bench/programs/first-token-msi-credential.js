// One process, one token, as a program would get it.
import { getKeyVaultCredential } from 'msi-credential';

await getKeyVaultCredential().getToken('https://vault.azure.net/.default');
