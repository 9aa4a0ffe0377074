import { marker, type Row } from './row.ts';

/** Wrong before anybody is asked. */
export const environmentRows: readonly Row[] = [
  {
    title: 'a Node.js that is too old',
    code: 'ERR_NODE_VERSION',
    host: 'app-service',
    place: 'old',
    says: ['22.21', '20.19.0'],
  },
  {
    title: 'a laptop without any tool',
    code: 'ERR_NO_SOURCE',
    host: 'laptop',
    // `dev` leaves the tools: the metadata service is not to be asked for from a test.
    env: { AZURE_TOKEN_CREDENTIALS: 'dev', PATH: '' },
  },
  {
    title: 'a GitHub Actions job without id-token: write',
    code: 'ERR_NO_SOURCE',
    host: 'github-actions',
    env: { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' },
    wish: { options: { source: ['github-actions', 'service-principal'] } },
  },
  {
    title: 'AZURE_TOKEN_CREDENTIALS with a misspelt name',
    code: 'ERR_SETTING_INVALID',
    host: 'app-service',
    env: { AZURE_TOKEN_CREDENTIALS: 'ManagedIdentity' },
  },
  ...(['app-service', 'functions', 'container-apps'] as const).map((host) => ({
    title: `${host} with managed identity not enabled`,
    code: 'ERR_HOST_WITHOUT_IDENTITY',
    host,
    env: { IDENTITY_ENDPOINT: '', IDENTITY_HEADER: '', MSI_ENDPOINT: '', MSI_SECRET: '' },
  })),
  {
    title: 'a job of Container Apps with managed identity not enabled',
    code: 'ERR_HOST_WITHOUT_IDENTITY',
    host: 'laptop',
    env: { CONTAINER_APP_JOB_NAME: 'nightly', CONTAINER_APP_JOB_EXECUTION_NAME: 'nightly-iwpi4il' },
    says: ['az containerapp job identity assign --name nightly'],
  },
  {
    title: "Kudu's console of a Linux app",
    code: 'ERR_HOST_WITHOUT_IDENTITY',
    host: 'app-service',
    env: { IDENTITY_ENDPOINT: '', IDENTITY_HEADER: '', MSI_ENDPOINT: '', MSI_SECRET: '', KUDU_RUN_USER: 'u1' },
    says: ['says nothing about the app'],
  },
  {
    title: 'App Service with an app setting that hides IDENTITY_HEADER',
    code: 'ERR_SOURCE_INCOMPLETE',
    host: 'app-service',
    env: { IDENTITY_HEADER: '', MSI_ENDPOINT: '', MSI_SECRET: '' },
  },
  {
    title: 'IDENTITY_ENDPOINT on a machine that is no host',
    code: 'ERR_SOURCE_INCOMPLETE',
    host: 'laptop',
    env: { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/' },
  },
  {
    title: 'Service Fabric without IDENTITY_HEADER',
    code: 'ERR_SOURCE_INCOMPLETE',
    host: 'service-fabric',
    env: { IDENTITY_HEADER: '' },
  },
  {
    title: 'Azure Machine Learning without MSI_SECRET',
    code: 'ERR_SOURCE_INCOMPLETE',
    host: 'azure-ml',
    env: { MSI_SECRET: '' },
  },
  {
    title: 'Azure Arc with one of its two variables',
    code: 'ERR_SOURCE_INCOMPLETE',
    host: 'laptop',
    env: { IMDS_ENDPOINT: 'http://127.0.0.1:1' },
  },
  {
    title: 'a pod whose service account names no client id',
    code: 'ERR_SOURCE_INCOMPLETE',
    host: 'aks',
    env: { AZURE_CLIENT_ID: '' },
  },
  {
    title: 'a service principal without its tenant',
    code: 'ERR_SOURCE_INCOMPLETE',
    host: 'service-principal',
    env: { AZURE_TENANT_ID: '' },
  },
  {
    title: 'a GitHub Actions job without AZURE_CLIENT_ID',
    code: 'ERR_SOURCE_INCOMPLETE',
    host: 'github-actions',
    env: { AZURE_CLIENT_ID: '' },
  },
  {
    title: 'a pipeline step that has no client id',
    code: 'ERR_SOURCE_INCOMPLETE',
    host: 'azure-pipelines',
    env: { AZURESUBSCRIPTION_CLIENT_ID: '' },
  },
  {
    title: 'an endpoint that is no URL (the secret is there instead)',
    code: 'ERR_ENDPOINT_MALFORMED',
    host: 'app-service',
    env: { IDENTITY_ENDPOINT: marker },
  },
  {
    title: 'an endpoint with a password',
    code: 'ERR_ENDPOINT_MALFORMED',
    host: 'app-service',
    env: { IDENTITY_ENDPOINT: `http://me:${marker}@127.0.0.1/` },
  },
  {
    title: 'AZURE_POD_IDENTITY_AUTHORITY_HOST with a query',
    code: 'ERR_ENDPOINT_MALFORMED',
    host: 'vm',
    env: { AZURE_POD_IDENTITY_AUTHORITY_HOST: `http://127.0.0.1/?key=${marker}` },
  },
  {
    title: 'a plain-http endpoint at a public address',
    code: 'ERR_ENDPOINT_PUBLIC',
    host: 'app-service',
    env: { IDENTITY_ENDPOINT: 'http://192.0.2.1/msi/token' },
  },
  {
    title: "a host's secret that no header can carry",
    code: 'ERR_SETTING_INVALID',
    host: 'app-service',
    env: { IDENTITY_HEADER: `${marker}é` },
  },
  {
    title: 'a thumbprint that is none',
    code: 'ERR_SETTING_INVALID',
    host: 'service-fabric',
    env: { IDENTITY_SERVER_THUMBPRINT: 'no thumbprint' },
  },
  {
    title: 'a tenant that is neither id nor domain',
    code: 'ERR_SETTING_INVALID',
    host: 'service-principal',
    env: { AZURE_TENANT_ID: `${marker}/x` },
  },
  {
    title: 'an authority by plain http',
    code: 'ERR_SETTING_INVALID',
    host: 'service-principal',
    env: { AZURE_AUTHORITY_HOST: 'http://login.microsoftonline.com' },
  },
];
