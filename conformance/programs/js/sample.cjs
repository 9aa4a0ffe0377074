// Reads a secret as Azure's sample app-service-msi-keyvault-node does, by which many apps were made.
// https://github.com/Azure-Samples/app-service-msi-keyvault-node
const KeyVault = require('azure-keyvault');
const msRestAzure = require('ms-rest-azure');

const { KEY_VAULT_URI, APPSETTING_WEBSITE_SITE_NAME } = process.env;
const { AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_TENANT_ID } = process.env;

function getKeyVaultCredentials() {
  if (APPSETTING_WEBSITE_SITE_NAME) return msRestAzure.loginWithAppServiceMSI({ resource: 'https://vault.azure.net' });
  return msRestAzure.loginWithServicePrincipalSecret(AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_TENANT_ID);
}

function getKeyVaultSecret(credentials) {
  const keyVaultClient = new KeyVault.KeyVaultClient(credentials);
  return keyVaultClient.getSecret(KEY_VAULT_URI, 'secret', '');
}

getKeyVaultCredentials()
  .then(getKeyVaultSecret)
  .then((secret) => console.log(`The secret is ${secret.value}`))
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
