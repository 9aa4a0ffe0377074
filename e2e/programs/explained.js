// Asks once for a token and prints what its failure says.
import { getKeyVaultCredential } from 'msi-credential';

const { token, code, message, explanation } = await getKeyVaultCredential()
  .getToken('https://vault.azure.net/.default')
  .catch((error) => error);
console.log(
  JSON.stringify(token ? { code: 'TOKEN' } : { code, message, runs: explanation.fix.flatMap(({ run = [] }) => run) }),
);
