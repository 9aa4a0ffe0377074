import { describe, expect, it } from 'vitest';
import { type HostKind, hostKinds, hostVariables, programVariables } from './environment.ts';
import { world } from './state/identities.ts';

const at = {
  origin: 'http://127.0.0.1:4141',
  secret: 'S',
  world,
  certificatePath: undefined,
  thumbprint: 'ab12',
  serviceAccountPath: '/token',
  userAssignedOnly: false,
};

describe('what a host sets', () => {
  it('App Service names its endpoint under both pairs of variables', () => {
    const set = hostVariables('app-service', at);
    expect(set).toMatchObject({ IDENTITY_ENDPOINT: 'http://127.0.0.1:4141/msi/token', IDENTITY_HEADER: 'S' });
    expect(set).toMatchObject({ MSI_ENDPOINT: set.IDENTITY_ENDPOINT, MSI_SECRET: 'S', WEBSITE_SITE_NAME: 'local' });
  });

  it.each<HostKind>(['app-service', 'app-service-2017', 'functions'])(
    '%s writes its own settings a second time, after APPSETTING_',
    (host) => {
      const set = hostVariables(host, at);
      expect(set).toMatchObject({
        APPSETTING_WEBSITE_SITE_NAME: 'local',
        WEBSITE_AUTH_ENABLED: 'False',
        ScmType: 'None',
      });
      for (const name of Object.keys(set).filter((one) => one.startsWith('APPSETTING_'))) {
        expect(set[name]).toBe(set[name.replace('APPSETTING_', '')]);
      }
    },
  );

  it('App Service of 2017 knows only the older pair', () => {
    const set = hostVariables('app-service-2017', at);
    expect(set).toMatchObject({ MSI_ENDPOINT: 'http://127.0.0.1:4141/msi/token', MSI_SECRET: 'S' });
    expect(Object.keys(set).filter((name) => name.startsWith('IDENTITY_'))).toEqual([]);
  });

  it('a service principal has a secret, or a certificate in its place', () => {
    const ids = { AZURE_TENANT_ID: world.tenantId, AZURE_CLIENT_ID: world.servicePrincipal.clientId };
    expect(hostVariables('service-principal', at)).toEqual({ ...ids, AZURE_CLIENT_SECRET: 'S' });
    const withCertificate = hostVariables('service-principal', { ...at, certificatePath: '/sp.pem' });
    expect(withCertificate).toEqual({ ...ids, AZURE_CLIENT_CERTIFICATE_PATH: '/sp.pem' });
  });

  it('a laptop has nothing', () => {
    expect(hostVariables('laptop', at)).toEqual({});
  });
});

describe('every host', () => {
  const origin = 'http://127.0.0.1:4141';
  const metadata = `${origin}/metadata/identity/oauth2/token`;
  it.each<[HostKind, Record<string, string>]>([
    ['vm', { AZURE_POD_IDENTITY_AUTHORITY_HOST: origin }],
    ['arc', { IDENTITY_ENDPOINT: metadata, IMDS_ENDPOINT: origin }],
    [
      'aks',
      {
        AZURE_CLIENT_ID: world.userAssigned.clientId,
        AZURE_TENANT_ID: world.tenantId,
        AZURE_FEDERATED_TOKEN_FILE: '/token',
        AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.com/',
        KUBERNETES_SERVICE_HOST: '10.0.0.1',
      },
    ],
    [
      'service-fabric',
      {
        IDENTITY_ENDPOINT: metadata,
        IDENTITY_HEADER: 'S',
        IDENTITY_SERVER_THUMBPRINT: 'ab12',
        IDENTITY_API_VERSION: '2020-05-01',
      },
    ],
    [
      'container-instances',
      { IDENTITY_ENDPOINT: `${metadata}?api-version=1.0`, IDENTITY_HEADER: 'S', IDENTITY_SERVER_THUMBPRINT: 'ab12' },
    ],
    [
      'azure-ml',
      {
        MSI_ENDPOINT: `${origin}/msi/token`,
        MSI_SECRET: 'S',
        DEFAULT_IDENTITY_CLIENT_ID: world.userAssigned.clientId,
      },
    ],
    ['cloud-shell', { MSI_ENDPOINT: `${origin}/oauth2/token`, ACC_CLOUD: 'PROD' }],
  ])('%s sets its variables and no others', (host, variables) => {
    expect(hostVariables(host, at)).toEqual(variables);
  });

  it('Functions says so beside what App Service sets', () => {
    const more = {
      FUNCTIONS_EXTENSION_VERSION: '~4',
      FUNCTIONS_WORKER_RUNTIME: 'node',
      WEBSITE_SLOT_NAME: 'Production',
    };
    const twice = Object.fromEntries(Object.entries(more).map(([name, value]) => [`APPSETTING_${name}`, value]));
    expect(hostVariables('functions', at)).toEqual({ ...hostVariables('app-service', at), ...more, ...twice });
  });

  it('Container Apps has the older name of the endpoint without a secret', () => {
    const set = hostVariables('container-apps', at);
    expect(set).toMatchObject({
      IDENTITY_HEADER: 'S',
      CONTAINER_APP_NAME: 'local',
      MSI_ENDPOINT: set.IDENTITY_ENDPOINT,
    });
    expect(set).not.toHaveProperty('MSI_SECRET');
  });

  it("GitHub's URL has a query already, that of Azure Pipelines has none", () => {
    const github = hostVariables('github-actions', at);
    expect(new URL(github.ACTIONS_ID_TOKEN_REQUEST_URL ?? '').search).toBe('?api-version=2.0');
    expect(github).toMatchObject({ GITHUB_ACTIONS: 'true', AZURE_CLIENT_ID: world.servicePrincipal.clientId });
    const pipelines = hostVariables('azure-pipelines', at);
    expect(new URL(pipelines.SYSTEM_OIDCREQUESTURI ?? '').search).toBe('');
    expect(pipelines).toMatchObject({ TF_BUILD: 'True', SYSTEM_ACCESSTOKEN: 'S' });
  });

  it.each(hostKinds)('%s names an identity by client id only where a program can use the name', (host) => {
    const { AZURE_CLIENT_ID } = hostVariables(host, { ...at, userAssignedOnly: true });
    const ofApplications = ['service-principal', 'github-actions'];
    const nobody = ['cloud-shell', 'service-fabric', 'container-instances', 'azure-pipelines', 'laptop'];
    const expected = ofApplications.includes(host)
      ? world.servicePrincipal.clientId
      : nobody.includes(host)
        ? undefined
        : world.userAssigned.clientId;
    expect(AZURE_CLIENT_ID).toBe(expected);
  });

  it.each(hostKinds)('%s leaves nothing of itself to the next host', (host) => {
    const { CI: _, ...inherited } = hostVariables(host, { ...at, userAssignedOnly: true });
    expect(programVariables(inherited, {})).toEqual({});
  });
});

describe('what a program inherits', () => {
  it.each([
    'IDENTITY_ENDPOINT',
    'IDENTITY_SERVER_THUMBPRINT',
    'MSI_SECRET',
    'IMDS_ENDPOINT',
    'WEBSITE_SITE_NAME',
    'APPSETTING_X',
    'FUNCTIONS_WORKER_RUNTIME',
    'CONTAINER_APP_NAME',
    'AZURE_CLIENT_ID',
    'AZURE_CLIENT_SECRET',
    'AZURE_TENANT_ID',
    'AZURE_FEDERATED_TOKEN_FILE',
    'AZURE_AUTHORITY_HOST',
    'AZURE_USERNAME',
    'AZURE_POD_IDENTITY_AUTHORITY_HOST',
    'ACTIONS_ID_TOKEN_REQUEST_URL',
    'SYSTEM_ACCESSTOKEN',
    'DEFAULT_IDENTITY_CLIENT_ID',
    'AZUREML_RUN_ID',
    'Fabric_NodeName',
    'AZURESUBSCRIPTION_CLIENT_ID',
    'KUBERNETES_SERVICE_HOST',
    'GITHUB_ACTIONS',
    'TF_BUILD',
    'SYSTEM_TEAMPROJECT',
    'ACC_CLOUD',
    'CONTAINER_APP_JOB_NAME',
    'KUDU_RUN_USER',
    'AZ_BATCH_POOL_ID',
    'AUTOMATION_ASSET_ACCOUNTID',
  ])('is not %s, which belongs to some host', (name) => {
    expect(programVariables({ [name]: 'inherited', PATH: '/bin' }, {})).toEqual({ PATH: '/bin' });
  });

  it.each(['PATH', 'AZURE_TOKEN_CREDENTIALS', 'AZURE_LOG_LEVEL', 'NODE_OPTIONS', 'CI', 'GITHUB_SHA'])(
    'is %s',
    (name) => {
      expect(programVariables({ [name]: 'kept' }, {})).toEqual({ [name]: 'kept' });
    },
  );
});
