// identity.cjs FOLDER WAY: reads a secret with @azure/identity and @azure/keyvault-secrets.
const { from, jobToken, tell } = require('./read.cjs');
const [, , folder, way] = process.argv;
const {
  AZURE_TENANT_ID: tenant,
  AZURE_CLIENT_ID: client,
  AZURE_CLIENT_CERTIFICATE_PATH: certificate,
  ...env
} = process.env;

const credentials = {
  managed: (id) => (client ? new id.ManagedIdentityCredential(client) : new id.ManagedIdentityCredential()),
  'object-id': (id) => new id.ManagedIdentityCredential({ objectId: env.UA_OBJECT_ID }),
  'resource-id': (id) => new id.ManagedIdentityCredential({ resourceId: env.UA_RESOURCE_ID }),
  workload: (id) => new id.WorkloadIdentityCredential(),
  secret: (id) => new id.ClientSecretCredential(tenant, client, env.AZURE_CLIENT_SECRET),
  certificate: (id) => new id.ClientCertificateCredential(tenant, client, certificate),
  chain: (id) => new id.ClientCertificateCredential(tenant, client, certificate, { sendCertificateChain: true }),
  environment: (id) => new id.EnvironmentCredential(),
  default: (id) => new id.DefaultAzureCredential(),
  pipelines: (id) =>
    new id.AzurePipelinesCredential(
      env.AZURESUBSCRIPTION_TENANT_ID,
      env.AZURESUBSCRIPTION_CLIENT_ID,
      env.AZURESUBSCRIPTION_SERVICE_CONNECTION_ID,
      env.SYSTEM_ACCESSTOKEN,
    ),
  github: (id) => new id.ClientAssertionCredential(tenant, client, jobToken),
};

async function read() {
  const { SecretClient } = from(folder)('@azure/keyvault-secrets');
  const credential = credentials[way](from(folder)('@azure/identity'));
  return (await new SecretClient(env.KEY_VAULT_URL, credential).getSecret('secret')).value;
}
tell(read());
