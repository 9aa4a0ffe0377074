// Reads one secret from Key Vault: as you on your machine, as the app's managed identity on Azure.
import { createServer } from 'node:http';
import { getKeyVaultCredential } from 'msi-credential';
import { detectHost } from 'msi-credential/checkup';
import { getKeyVaultSecret, httpFailureOf } from 'msi-credential/key-vault';
import { identityListener } from 'msi-identity-page';

const port = process.env.PORT || '3000';
// On your own machine the vault may be a stand-in.
const allowStandIn = !detectHost();
const host = process.env.HOST || (allowStandIn ? 'localhost' : undefined);
const secretName = process.env.SECRET_NAME || 'secret';
const credential = getKeyVaultCredential();
const authorize = host === 'localhost' ? () => true : undefined;
const identity = identityListener({ credential, secretName, allowStandIn, authorize });

async function readSecret(): Promise<string> {
  const value = await getKeyVaultSecret(secretName, { credential, timeoutMs: 10_000, allowStandIn });
  const { selected, principal: { objectId, applicationId } = {} } = credential.diagnostics;
  return `Your secret value is: ${value}.\nRead by ${selected?.source}, object id ${objectId}, application id ${applicationId}\n`;
}

const server = createServer(async (request, response) => {
  const path = request.url?.split('?')[0];
  const answer = (status: number, text: string) =>
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).end(text);
  if (path === '/identity') return identity(request, response);
  if (path === '/ping') return answer(200, 'Hello World!!!');
  if (path !== '/') return answer(404, 'Not Found\n');
  const secret = await readSecret().catch((error: unknown) => httpFailureOf(error, credential, { secretName }));
  return typeof secret === 'string' ? answer(200, secret) : answer(secret.status, secret.text);
});

// On Windows, App Service names a pipe in PORT.
server.listen(/^\d+$/.test(port) ? { port: Number(port), host } : { path: port }, () => {
  const at = server.address();
  console.log(`Listening on ${typeof at === 'string' ? at : `http://localhost:${at?.port}`}`);
});
