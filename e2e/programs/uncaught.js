// Fails as a program does that catches nothing; the word on the command line says how.
import { createServer } from 'node:http';
import { getKeyVaultCredential } from 'msi-credential';

const fails = {
  async 'no-identity'() {
    await tokenWith({ WEBSITE_SITE_NAME: 'shop' });
  },
  async 'no-source'() {
    await tokenWith({ AZURE_TOKEN_CREDENTIALS: 'dev', PATH: '/nowhere' });
  },
  async unreachable() {
    await tokenWith({ IDENTITY_ENDPOINT: 'http://127.0.0.1:9/', IDENTITY_HEADER: 'secret' });
  },
  async refused() {
    const message = 'Unable to load requested managed identity.';
    const server = createServer((_, response) => response.writeHead(400).end(JSON.stringify({ message }))).unref();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const IDENTITY_ENDPOINT = `http://127.0.0.1:${server.address().port}/`;
    await tokenWith({ IDENTITY_ENDPOINT, IDENTITY_HEADER: 'secret', WEBSITE_SITE_NAME: 'shop' });
  },
  misuse() {
    getKeyVaultCredential({ clientID: 'x' });
  },
};

const tokenWith = (env) => getKeyVaultCredential({ env }).getToken('https://vault.azure.net/.default');

await fails[process.argv[2]]();
