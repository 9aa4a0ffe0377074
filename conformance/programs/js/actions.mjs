// actions.mjs FOLDER: a step of GitHub Actions, which gets the job's token with @actions/core and asks Entra itself.
import { pathToFileURL } from 'node:url';
import read from './read.cjs';

const [, , folder] = process.argv;
const { env } = process;

async function run() {
  const { getIDToken } = await import(pathToFileURL(`${folder}/node_modules/@actions/core/lib/core.js`));
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: env.AZURE_CLIENT_ID,
    scope: 'https://vault.azure.net/.default',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await getIDToken('api://AzureADTokenExchange'),
  });
  const answer = await fetch(`https://login.microsoftonline.com/${env.AZURE_TENANT_ID}/oauth2/v2.0/token`, {
    method: 'POST',
    body,
  });
  return read.readSecret((await answer.json()).access_token);
}
read.tell(run());
