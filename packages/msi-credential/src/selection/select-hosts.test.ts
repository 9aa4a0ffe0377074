import { describe, expect, test } from 'vitest';
import { ask, world } from '../../test/ask.ts';
import { catalogueOf, explanationOfFailure } from '../../test/catalogue.ts';
import { fakeIo, tokenReply } from '../../test/fake-io.ts';
import { type Explanation, formatFix } from '../codes.ts';
import { createWorld, credentialIn } from '../credential.ts';
import { formatDiagnostics } from '../diagnosis/report.ts';
import type { Machine } from '../io.ts';
import type { CredentialOptions, Environment } from '../types.ts';

const { tenantId, clientId, objectId, resourceId, applicationId } = world;
const url = 'http://127.0.0.1:41741/msi/token';

/** What each host sets, all of it. */
const hosts = {
  'service-fabric': {
    IDENTITY_ENDPOINT: 'https://localhost:2377/metadata/identity/oauth2/token',
    IDENTITY_HEADER: 'secret',
    IDENTITY_SERVER_THUMBPRINT: 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334',
  },
  'app-service': {
    IDENTITY_ENDPOINT: url,
    IDENTITY_HEADER: 'secret',
    MSI_ENDPOINT: url,
    MSI_SECRET: 'secret',
    WEBSITE_SITE_NAME: 'shop',
  },
  'app-service of 2019': { IDENTITY_ENDPOINT: url, IDENTITY_HEADER: 'secret', WEBSITE_SITE_NAME: 'shop' },
  'app-service of 2017': { MSI_ENDPOINT: url, MSI_SECRET: 'secret', WEBSITE_SITE_NAME: 'shop' },
  'container apps': {
    IDENTITY_ENDPOINT: url,
    IDENTITY_HEADER: 'secret',
    MSI_ENDPOINT: url,
    CONTAINER_APP_NAME: 'shop',
  },
  'azure-ml': { MSI_ENDPOINT: url, MSI_SECRET: 'secret', DEFAULT_IDENTITY_CLIENT_ID: clientId },
  'azure-arc': {
    IDENTITY_ENDPOINT: 'http://localhost:40342/metadata/identity/oauth2/token',
    IMDS_ENDPOINT: 'http://localhost:40342',
  },
  'cloud-shell': { MSI_ENDPOINT: 'http://localhost:50342/oauth2/token', ACC_CLOUD: 'PROD' },
  'workload-identity': {
    AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/azure/tokens/azure-identity-token',
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: clientId,
  },
  'service-principal': {
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: applicationId,
    AZURE_CLIENT_SECRET: 'secret',
  },
  'a certificate': {
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: applicationId,
    AZURE_CLIENT_CERTIFICATE_PATH: '/run/app.pem',
  },
  'github-actions': {
    ACTIONS_ID_TOKEN_REQUEST_URL: 'https://actions.example.com/idtoken?api-version=2.0',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'secret',
    GITHUB_ACTIONS: 'true',
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: applicationId,
  },
  'azure-pipelines': {
    SYSTEM_OIDCREQUESTURI: 'https://dev.azure.com/contoso/oidctoken',
    SYSTEM_ACCESSTOKEN: 'secret',
    AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: 'a0000000-0000-4000-8000-0000000000b3',
    AZURESUBSCRIPTION_TENANT_ID: tenantId,
    AZURESUBSCRIPTION_CLIENT_ID: applicationId,
  },
  imds: { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://169.254.169.254' },
} as const satisfies Record<string, Environment>;

type Host = keyof typeof hosts;

const bare: Machine = { platform: 'darwin', hasFile: () => false, readText: () => undefined, hasProgram: () => false };
const withAgent: Machine = { ...bare, platform: 'linux', hasFile: (path) => path === '/opt/azcmagent/bin/himds' };
const onAzure: Machine = {
  ...bare,
  platform: 'linux',
  readText: (path) => (path.endsWith('chassis_asset_tag') ? '7783-7084-3265-9085-8269-3286-77\n' : undefined),
};
const withAz: Machine = { ...bare, hasProgram: (name) => name === 'az' };

function diagnosed(env: Environment, machine = bare, options: CredentialOptions = {}) {
  const { diagnostics } = credentialIn(createWorld(fakeIo({ machine })), { env, ...options });
  const { selected, problem, candidates, sources } = diagnostics;
  return {
    diagnostics,
    chosen: selected?.source ?? candidates?.join(', ') ?? problem?.code,
    partial: sources.filter(({ verdict }) => verdict === 'partial').map(({ name }) => name),
  };
}

describe('every host with all that it sets', () => {
  test.each(Object.entries(hosts))('%s', (name, env) => {
    const source = name
      .replace(/^(app-service of .*|container apps)$/, 'app-service')
      .replace('a certificate', 'service-principal');
    expect(diagnosed(env)).toMatchObject({
      chosen: source,
      partial: [],
      diagnostics: { shadowed: [], warnings: expect.anything() },
    });
  });
});

const incomplete = 'ERR_SOURCE_INCOMPLETE';
const nothing = 'ERR_NO_SOURCE';

/** A host, the variable that it has not, what is chosen instead or wrong, which source says so, what it names. */
const halves: readonly [Host, string, string, string | undefined, string][] = [
  // As Container Instances on Linux has it, whose identity is the metadata service's.
  ['service-fabric', 'IDENTITY_ENDPOINT', nothing, undefined, 'IDENTITY_ENDPOINT'],
  ['service-fabric', 'IDENTITY_HEADER', incomplete, 'service-fabric', 'IDENTITY_HEADER'],
  // What is left is App Service's pair; over TLS, so that the secret does not get to an unknown server.
  ['service-fabric', 'IDENTITY_SERVER_THUMBPRINT', 'app-service', undefined, ''],
  // What is left is the pair of the older protocol.
  ['app-service', 'IDENTITY_ENDPOINT', 'app-service', undefined, '2017-09-01'],
  ['app-service', 'IDENTITY_HEADER', 'app-service', undefined, '2017-09-01'],
  ['app-service', 'MSI_ENDPOINT', 'app-service', undefined, '2019-08-01'],
  ['app-service', 'MSI_SECRET', 'app-service', undefined, '2019-08-01'],
  ['app-service', 'WEBSITE_SITE_NAME', 'app-service', undefined, '2019-08-01'],
  ['app-service of 2019', 'IDENTITY_ENDPOINT', incomplete, 'app-service', 'IDENTITY_ENDPOINT'],
  ['app-service of 2019', 'IDENTITY_HEADER', incomplete, 'app-service', 'IDENTITY_HEADER'],
  ['app-service of 2019', 'WEBSITE_SITE_NAME', 'app-service', undefined, '2019-08-01'],
  ['app-service of 2017', 'MSI_ENDPOINT', incomplete, 'app-service', 'MSI_ENDPOINT'],
  ['app-service of 2017', 'MSI_SECRET', incomplete, 'app-service', 'MSI_SECRET'],
  ['app-service of 2017', 'WEBSITE_SITE_NAME', 'app-service', undefined, '2017-09-01'],
  ['container apps', 'IDENTITY_ENDPOINT', incomplete, 'app-service', 'IDENTITY_ENDPOINT'],
  ['container apps', 'IDENTITY_HEADER', incomplete, 'app-service', 'IDENTITY_HEADER'],
  ['container apps', 'MSI_ENDPOINT', 'app-service', undefined, '2019-08-01'],
  ['container apps', 'CONTAINER_APP_NAME', 'app-service', undefined, '2019-08-01'],
  ['azure-ml', 'MSI_ENDPOINT', incomplete, 'azure-ml', 'MSI_ENDPOINT'],
  ['azure-ml', 'MSI_SECRET', incomplete, 'azure-ml', 'MSI_SECRET'],
  // Nothing says then that it is Azure Machine Learning; both hosts understand the request that is sent.
  ['azure-ml', 'DEFAULT_IDENTITY_CLIENT_ID', 'app-service', undefined, '2017-09-01'],
  ['azure-arc', 'IDENTITY_ENDPOINT', incomplete, 'azure-arc', 'IDENTITY_ENDPOINT'],
  ['azure-arc', 'IMDS_ENDPOINT', incomplete, 'app-service', 'IMDS_ENDPOINT'],
  ['cloud-shell', 'MSI_ENDPOINT', nothing, undefined, 'MSI_ENDPOINT'],
  ['cloud-shell', 'ACC_CLOUD', 'cloud-shell', undefined, ''],
  ['workload-identity', 'AZURE_FEDERATED_TOKEN_FILE', nothing, undefined, 'AZURE_CLIENT_ID'],
  ['workload-identity', 'AZURE_TENANT_ID', incomplete, 'workload-identity', 'AZURE_TENANT_ID'],
  ['workload-identity', 'AZURE_CLIENT_ID', incomplete, 'workload-identity', 'AZURE_CLIENT_ID'],
  ['service-principal', 'AZURE_TENANT_ID', incomplete, 'service-principal', 'AZURE_TENANT_ID'],
  ['service-principal', 'AZURE_CLIENT_ID', incomplete, 'service-principal', 'AZURE_CLIENT_ID'],
  ['service-principal', 'AZURE_CLIENT_SECRET', nothing, undefined, 'AZURE_CLIENT_SECRET'],
  ['a certificate', 'AZURE_TENANT_ID', incomplete, 'service-principal', 'AZURE_TENANT_ID'],
  ['a certificate', 'AZURE_CLIENT_ID', incomplete, 'service-principal', 'AZURE_CLIENT_ID'],
  ['a certificate', 'AZURE_CLIENT_CERTIFICATE_PATH', nothing, undefined, 'AZURE_CLIENT_CERTIFICATE_PATH'],
  ['github-actions', 'ACTIONS_ID_TOKEN_REQUEST_URL', incomplete, 'github-actions', 'ACTIONS_ID_TOKEN_REQUEST_URL'],
  ['github-actions', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', incomplete, 'github-actions', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'],
  ['github-actions', 'GITHUB_ACTIONS', 'github-actions', undefined, ''],
  ['github-actions', 'AZURE_TENANT_ID', incomplete, 'github-actions', 'AZURE_TENANT_ID'],
  ['github-actions', 'AZURE_CLIENT_ID', incomplete, 'github-actions', 'AZURE_CLIENT_ID'],
  ['azure-pipelines', 'SYSTEM_OIDCREQUESTURI', nothing, undefined, ''],
  ['azure-pipelines', 'SYSTEM_ACCESSTOKEN', nothing, undefined, 'SYSTEM_ACCESSTOKEN'],
  [
    'azure-pipelines',
    'AZURESUBSCRIPTION_SERVICE_CONNECTION_ID',
    nothing,
    undefined,
    'AZURESUBSCRIPTION_SERVICE_CONNECTION_ID',
  ],
  ['azure-pipelines', 'AZURESUBSCRIPTION_TENANT_ID', incomplete, 'azure-pipelines', 'AZURESUBSCRIPTION_TENANT_ID'],
  ['azure-pipelines', 'AZURESUBSCRIPTION_CLIENT_ID', incomplete, 'azure-pipelines', 'AZURESUBSCRIPTION_CLIENT_ID'],
  ['imds', 'AZURE_POD_IDENTITY_AUTHORITY_HOST', nothing, undefined, ''],
];

describe('a host that lacks one of its variables', () => {
  test('is in the table with each of them', () => {
    const expected = Object.entries(hosts).flatMap(([host, env]) => Object.keys(env).map((name) => [host, name]));
    expect(halves.map(([host, name]) => [host, name])).toEqual(expected);
  });

  describe.each([
    ['left out', undefined],
    ['empty', ''],
    ['blank', ' \t'],
  ])('%s', (_, value) => {
    test.each(halves)('%s without %s: %s', (host, name, chosen, source, words) => {
      const { diagnostics, ...result } = diagnosed({ ...hosts[host], [name]: value });
      expect(result).toEqual({ chosen, partial: source === undefined ? [] : [source] });
      const { problem, selected } = diagnostics;
      expect(problem ? `${problem.cause} ${formatFix(problem.fix)}` : selected?.reason).toContain(words);
    });
  });

  test('is said to have no identity where it has none of them', () => {
    const codes = [{ WEBSITE_SITE_NAME: 'shop' }, { CONTAINER_APP_NAME: 'shop' }].map((env) => diagnosed(env).chosen);
    expect(codes).toEqual(['ERR_HOST_WITHOUT_IDENTITY', 'ERR_HOST_WITHOUT_IDENTITY']);
  });

  test('is the problem even where something is merely installed', () => {
    const half = { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_SECRET: 'secret' };
    for (const machine of [withAgent, onAzure, withAz]) expect(diagnosed(half, machine).chosen).toBe(incomplete);
  });
});

describe('two hosts at once', () => {
  const principal = hosts['service-principal'];
  const byEnvironment = 'EnvironmentCredential (service-principal)';
  const byWorkload = 'WorkloadIdentityCredential (workload-identity)';
  /** The hosts (the later wins where both set a variable), what is chosen, passed over, and taken by the Azure SDKs. */
  const all: readonly [(Host | Environment)[], string, string[], string?][] = [
    [['app-service', 'service-principal'], 'app-service', ['service-principal'], byEnvironment],
    [['app-service', 'workload-identity'], 'app-service', ['workload-identity'], byWorkload],
    [['app-service', 'github-actions'], 'app-service', ['github-actions']],
    [['azure-arc', 'app-service'], 'app-service', []],
    [['app-service', 'imds'], 'app-service', ['imds']],
    // Sets the variable of Cloud Shell.
    [['container apps'], 'app-service', []],
    [['app-service', 'service-fabric'], 'service-fabric', []],
    [['service-fabric', 'a certificate'], 'service-fabric', ['service-principal'], byEnvironment],
    [['azure-ml', { WEBSITE_SITE_NAME: 'shop' }], 'app-service', []],
    [['azure-ml', { IDENTITY_ENDPOINT: url, IDENTITY_HEADER: 'h' }], 'app-service', ['azure-ml']],
    [['azure-ml', 'service-principal'], 'azure-ml', ['service-principal'], byEnvironment],
    [['azure-arc', 'service-principal'], 'azure-arc', ['service-principal'], byEnvironment],
    [['cloud-shell', 'azure-arc'], 'azure-arc', []],
    [['cloud-shell', 'service-principal'], 'cloud-shell', ['service-principal'], byEnvironment],
    [['workload-identity', 'service-principal'], 'workload-identity', ['service-principal'], byEnvironment],
    [['imds', 'workload-identity'], 'workload-identity', ['imds']],
    [['service-principal', 'github-actions'], 'service-principal', ['github-actions']],
    [['service-principal', 'imds'], 'service-principal', ['imds']],
    [['azure-pipelines', 'github-actions'], 'github-actions', ['azure-pipelines']],
    [
      ['app-service', 'workload-identity', 'service-principal'],
      'app-service',
      ['workload-identity', 'service-principal'],
      byEnvironment,
    ],
  ];

  test.each(all)('%j: %s', (together, chosen, shadowed, instead) => {
    const env: Environment = Object.assign(
      {},
      ...together.map((each) => (typeof each === 'string' ? hosts[each] : each)),
    );
    const { diagnostics, ...result } = diagnosed(env);
    expect(result.chosen).toBe(chosen);
    expect(diagnostics.shadowed.map(({ source }) => source)).toEqual(shadowed);
    expect(diagnostics.defaultAzureCredential).toBe(
      instead === undefined ? undefined : `DefaultAzureCredential would use ${instead} here.`,
    );
    for (const source of shadowed) expect(formatDiagnostics(diagnostics)).toContain(`Passed over: ${source}`);
  });

  test.each<[string, Machine]>([
    ["an installed agent of Azure's", withAgent],
    ["Azure's own chassis", onAzure],
    ['a developer tool', withAz],
  ])('a service principal on a machine with %s, which announces nothing', (_, machine) => {
    expect(diagnosed(principal, machine)).toMatchObject({ chosen: 'service-principal', diagnostics: { shadowed: [] } });
  });

  test('what is installed is a candidate when nothing is announced, in the order of the list', () => {
    const machine = { ...onAzure, hasFile: withAgent.hasFile, hasProgram: withAz.hasProgram };
    expect(diagnosed({}, machine).chosen).toBe('azure-arc, imds, azure-cli');
  });

  test('a half-set host is passed over with a warning', () => {
    const { chosen, diagnostics } = diagnosed({ ...principal, WEBSITE_SITE_NAME: 'shop' });
    expect(chosen).toBe('service-principal');
    expect(diagnostics.warnings).toMatchObject([{ code: 'HALF_SET' }]);
  });

  test('the one that is pinned', () => {
    const env = { ...hosts['app-service'], ...principal };
    expect(diagnosed(env, bare, { source: 'service-principal' }).chosen).toBe('service-principal');
    expect(diagnosed({ ...env, AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential' }).chosen).toBe('service-principal');
  });
});

const withoutIdentity = { ...hosts['azure-ml'], DEFAULT_IDENTITY_CLIENT_ID: 'clientid' };
const federatedCredential = { clientId: applicationId, tenantId };
/** A host, an identity that it cannot be asked for, and what the advice names. */
const unsupported: [title: string, Environment, CredentialOptions, words: string][] = [
  ['object id on the protocol of 2017', hosts['app-service of 2017'], { objectId }, 'client id'],
  ['resource id on the protocol of 2017', hosts['app-service of 2017'], { resourceId }, 'client id'],
  ['client id on Cloud Shell', hosts['cloud-shell'], { clientId }, 'the option clientId'],
  ['object id on Cloud Shell', hosts['cloud-shell'], { objectId }, 'the option objectId'],
  ['resource id on Cloud Shell', hosts['cloud-shell'], { resourceId }, 'the option resourceId'],
  ['client id on Service Fabric', hosts['service-fabric'], { clientId }, 'the option clientId'],
  ['resource id on Service Fabric', hosts['service-fabric'], { resourceId }, 'the option resourceId'],
  ['object id on Azure Machine Learning', hosts['azure-ml'], { objectId }, 'client id'],
  ['resource id on Azure Machine Learning', hosts['azure-ml'], { resourceId }, 'client id'],
  ['none on Azure Machine Learning without identity', withoutIdentity, {}, 'the option clientId'],
  ['AZURE_CLIENT_ID on Cloud Shell', { ...hosts['cloud-shell'], AZURE_CLIENT_ID: clientId }, {}, 'AZURE_CLIENT_ID'],
  [
    'AZURE_MANAGED_IDENTITY_CLIENT_ID on Service Fabric',
    { ...hosts['service-fabric'], AZURE_MANAGED_IDENTITY_CLIENT_ID: clientId },
    {},
    'AZURE_MANAGED_IDENTITY_CLIENT_ID',
  ],
  ['a system-assigned one as federated credential', hosts['app-service'], { federatedCredential }, 'objectId'],
  ['a service principal as federated credential', hosts['service-principal'], { federatedCredential }, 'managed'],
  ['workload identity as federated credential', hosts['workload-identity'], { federatedCredential }, 'managed'],
  ['GitHub Actions as federated credential', hosts['github-actions'], { federatedCredential }, 'managed'],
];

describe('an identity that the host cannot be asked for', () => {
  test.each(unsupported)('%s', async (_, env, options, words) => {
    const { io, token, credential, made } = ask(env, { answers: [tokenReply()] }, options);
    const explanation = await explanationOfFailure(token);
    expect(explanation.code).toBe('ERR_IDENTITY_UNSUPPORTED');
    expect(formatFix(explanation.fix)).toContain(words);
    expect(credential.diagnostics.problem).toMatchObject(explanation);
    await expect(token).rejects.toMatchObject({ name: 'CredentialUnavailableError' });
    expect([io.requests, made]).toEqual([[], []]);
  });

  test('but AZURE_CLIENT_ID beside a secret is the application, not the identity', async () => {
    const env = { ...hosts['cloud-shell'], ...hosts['service-principal'] };
    const { token, credential } = ask(env, { answers: [tokenReply()] });
    await token;
    expect(credential.diagnostics.selected).toMatchObject({
      source: 'cloud-shell',
      identity: 'the person signed in to Azure Cloud Shell',
    });
  });
});

test('the wording of each', async () => {
  const told: [string, Explanation][] = [];
  for (const [host, name, , source] of halves) {
    const { problem } = diagnosed({ ...hosts[host], [name]: undefined }).diagnostics;
    if (problem) told.push([`${host} without ${name}${source ? `, told by ${source}` : ''}`, problem]);
  }
  for (const [title, env, options] of unsupported) {
    told.push([title, await explanationOfFailure(ask(env, {}, options).token)]);
  }
  await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/select-hosts.txt');
});
