// The requests of ms-rest-azure 2.6.2, which signs in with adal-node 0.2.4, as they were recorded here.
const { send } = require('../send.cjs');

/** A token from the protocol of 2017; the resource is not encoded. */
exports.loginWithAppServiceMSI = async ({ resource }) => {
  const { MSI_ENDPOINT, MSI_SECRET: secret } = process.env;
  const url = `${MSI_ENDPOINT}/?resource=${resource}&api-version=2017-09-01`;
  return signedIn(async () => (await succeed(send(url, { headers: { secret } }))).access_token);
};

/** A token of version 1. Signing in means to list the subscriptions. */
exports.loginWithServicePrincipalSecret = async (client_id, client_secret, domain) => {
  const form = { grant_type: 'client_credentials', client_id, client_secret };
  const credentials = await signedIn(async (resource = 'https://management.core.windows.net/') => {
    const url = `https://login.microsoftonline.com/${domain}/oauth2/token?api-version=1.0`;
    return (await succeed(send(url, { method: 'POST', form: { ...form, resource } }))).access_token;
  });
  const headers = { authorization: `Bearer ${await credentials.getToken()}` };
  await succeed(send('https://management.azure.com/subscriptions?api-version=2016-06-01', { headers }));
  return credentials;
};

async function signedIn(getToken) {
  await getToken();
  return { getToken };
}

async function succeed(answer) {
  const { status, body } = await answer;
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}
