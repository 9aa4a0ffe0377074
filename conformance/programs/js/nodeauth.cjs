// nodeauth.cjs FOLDER WAY: gets a token with @azure/ms-rest-nodeauth, and reads the secret without an SDK.
const { from, readSecret, tell } = require('./read.cjs');
const [, , folder, way] = process.argv;
const { AZURE_CLIENT_ID: client, AZURE_TENANT_ID: tenant, ...env } = process.env;
const auth = from(folder)('@azure/ms-rest-nodeauth');
const resource = 'https://vault.azure.net';
const options = { tokenAudience: resource };

const credentials = {
  managed: () => auth.loginWithAppServiceMSI({ resource }),
  'virtual-machine': () =>
    auth.loginWithVmMSI({
      resource,
      msiEndpoint: `${env.AZURE_POD_IDENTITY_AUTHORITY_HOST}/metadata/identity/oauth2/token`,
    }),
  secret: () => auth.loginWithServicePrincipalSecret(client, env.AZURE_CLIENT_SECRET, tenant, options),
  certificate: () =>
    auth.loginWithServicePrincipalCertificate(client, env.AZURE_CLIENT_CERTIFICATE_PATH, tenant, options),
};

async function read() {
  const { accessToken } = await (await credentials[way]()).getToken();
  return readSecret(accessToken);
}
tell(read());
