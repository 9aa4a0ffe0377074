// What Node.js programs use. All of it comes from the npm registry, so these are tried on every commit.
import { both, type Client, type Expectation, ofWindows, program, withCertificate } from '../client.ts';

type Row = Pick<Client, 'name' | 'title' | 'expected'> & { readonly packages: readonly string[]; readonly run: string };

function npm({ name, title, packages, run, expected }: Row): Client {
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-save', '--loglevel=error', '--prefer-offline'];
  return {
    name,
    title,
    needs: ['npm'],
    install: (folder) => [['npm', 'install', '--prefix', folder, ...flags, ...packages]],
    run: (folder, way) => [process.execPath, program(run), folder, way],
    expected,
  };
}

const identity = (version: string, expected: readonly Expectation[]) =>
  npm({
    name: `identity-${version}`,
    title: `\`@azure/identity\` ${version}`,
    packages: [`@azure/identity@${version}`, '@azure/keyvault-secrets@4.11.2'],
    run: 'js/identity.cjs',
    expected,
  });

/** Service Fabric's variables, although its endpoint has no TLS. */
const insecure = {
  says: 'allowInsecureConnection',
  why: 'takes it for Service Fabric, and refuses plain http',
  source: '@azure/identity: managedIdentityCredential/fabricMsi',
};
const ml = both('azure-ml');
const early = both('app-service', 'app-service-2017');

/** What versions 2 and 3 do alike. */
const sinceVersion2: readonly Expectation[] = [
  {
    way: 'managed',
    hosts: [
      ...early,
      ofWindows,
      'functions',
      ...both('container-apps', 'vm'),
      'aks',
      ...both('arc'),
      'service-fabric',
      ...ml,
      'cloud-shell',
    ],
  },
  { way: 'managed', hosts: ['container-instances'], limit: insecure },
  { way: 'secret', hosts: ['service-principal'] },
  { way: 'environment', hosts: [withCertificate] },
  { way: 'chain', hosts: [withCertificate] },
];

export const identities: readonly Client[] = [
  identity('4.14.1', [
    {
      way: 'managed',
      hosts: [
        ...early,
        ofWindows,
        'functions',
        ...both('container-apps', 'vm'),
        'aks',
        ...both('arc'),
        ...ml,
        'cloud-shell',
      ],
    },
    {
      way: 'managed',
      hosts: ['service-fabric'],
      limit: {
        says: 'network_error',
        why: 'compares no thumbprint, and refuses the self-signed certificate',
        source: 'https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/6888',
      },
    },
    {
      way: 'managed',
      hosts: ['container-instances'],
      limit: {
        says: 'api-version',
        why: 'sends `api-version` twice',
        source: 'https://github.com/Azure/azure-sdk-for-net/issues/45547',
      },
    },
    { way: 'object-id', hosts: ['app-service', 'container-apps', 'vm', 'arc'] },
    { way: 'resource-id', hosts: ['app-service', 'container-apps', 'vm', 'arc'] },
    {
      way: 'object-id',
      hosts: ['azure-ml'],
      limit: {
        says: 'Only client id is supported',
        why: 'Machine Learning knows client ids only',
        source: '@azure/msal-node: ManagedIdentitySources/MachineLearning',
      },
    },
    { way: 'secret', hosts: ['service-principal'] },
    { way: 'environment', hosts: ['service-principal', withCertificate] },
    { way: 'certificate', hosts: [withCertificate] },
    { way: 'chain', hosts: [withCertificate] },
    { way: 'workload', hosts: ['aks'] },
    { way: 'pipelines', hosts: ['azure-pipelines'] },
    { way: 'github', hosts: ['github-actions'] },
    { way: 'default', hosts: ['app-service', 'functions', 'container-apps', 'vm', 'aks', 'service-principal'] },
  ]),
  identity('3.4.2', [
    ...sinceVersion2,
    { way: 'workload', hosts: ['aks'] },
    { way: 'github', hosts: ['github-actions'] },
  ]),
  identity('2.1.0', [...sinceVersion2, { way: 'github', hosts: ['github-actions'] }]),
  identity('1.5.2', [
    { way: 'managed', hosts: [...early, ofWindows, 'functions', ...both('vm'), 'arc', ...ml, 'cloud-shell'] },
    {
      way: 'managed',
      hosts: both('container-apps'),
      limit: {
        says: '405',
        why: 'takes `MSI_ENDPOINT` without `MSI_SECRET` for Cloud Shell, and posts',
        source: '@azure/identity: managedIdentityCredential/cloudShellMsi',
      },
    },
    {
      way: 'managed',
      hosts: ['arc+user-assigned'],
      limit: {
        says: 'User assigned identity is not supported by the Azure Arc',
        why: 'knows no user-assigned identity on Azure Arc',
        source: '@azure/identity: managedIdentityCredential/arcMsi',
      },
    },
    { way: 'secret', hosts: ['service-principal'] },
    { way: 'environment', hosts: ['service-principal', withCertificate] },
    { way: 'certificate', hosts: [withCertificate] },
    { way: 'chain', hosts: [withCertificate] },
  ]),
];

const nameless = {
  says: 'did not find tokenType',
  why: 'cannot name a user-assigned identity',
  source: 'its class MSIAppServiceTokenCredentials, which knows no client id',
};
const withoutFunctions = ['app-service', 'app-service-2017', ofWindows, 'functions', 'azure-ml'];

const msRestAzure = npm({
  name: 'ms-rest-azure-2.6.2',
  title: '`ms-rest-azure` 2.6.2, `azure-keyvault` 3.0.5',
  packages: ['ms-rest-azure@2.6.2', 'azure-keyvault@3.0.5'],
  run: 'js/ms-rest-azure.cjs',
  expected: [
    { way: 'managed', hosts: withoutFunctions },
    { way: 'managed', hosts: ['app-service-2017+user-assigned'], limit: nameless },
    { way: 'secret', hosts: ['service-principal'] },
    { way: 'adal', hosts: ['service-principal'] },
  ],
});

export const predecessors: readonly Client[] = [
  {
    name: 'sample',
    title: "Azure's sample app-service-msi-keyvault-node",
    shares: 'ms-rest-azure-2.6.2',
    needs: ['npm'],
    install: (folder) => msRestAzure.install(folder),
    run: (folder) => ['env', `NODE_PATH=${folder}/node_modules`, process.execPath, program('js/sample.cjs')],
    expected: [
      { way: 'sample', hosts: ['app-service', 'app-service-2017', ofWindows, 'functions', 'service-principal'] },
    ],
  },
  msRestAzure,
  npm({
    name: 'ms-rest-azure-3.0.2',
    title: '`ms-rest-azure` 3.0.2, `azure-keyvault` 3.0.5',
    packages: ['ms-rest-azure@3.0.2', 'azure-keyvault@3.0.5'],
    run: 'js/ms-rest-azure.cjs',
    expected: [
      {
        way: 'managed',
        hosts: ['app-service'],
        limit: {
          says: 'credentials must be one of',
          why: '`azure-keyvault` 3.0.5 does not take its class',
          source: 'ms-rest-azure/lib/credentials/keyVaultCredentials.js',
        },
      },
    ],
  }),
  npm({
    name: 'ms-rest-nodeauth-3.1.1',
    title: '`@azure/ms-rest-nodeauth` 3.1.1',
    packages: ['@azure/ms-rest-nodeauth@3.1.1'],
    run: 'js/nodeauth.cjs',
    expected: [
      { way: 'managed', hosts: withoutFunctions },
      { way: 'managed', hosts: ['app-service-2017+user-assigned'], limit: nameless },
      { way: 'virtual-machine', hosts: ['vm'] },
      { way: 'secret', hosts: ['service-principal'] },
      { way: 'certificate', hosts: [withCertificate] },
    ],
  }),
];

const appService = (way: string): Expectation => ({ way, hosts: ['app-service'] });

export const withoutSdk: readonly Client[] = [
  npm({
    name: 'http',
    title: 'HTTP clients',
    packages: [
      'axios@1.21.1',
      'axios113@npm:axios@1.13.2',
      'axios17@npm:axios@1.7.9',
      'axios021@npm:axios@0.21.4',
      'got@14.6.6',
      'node-fetch@3.3.2',
      'superagent@10.4.2',
      'undici@7.30.2',
    ],
    run: 'js/http.mjs',
    expected: [
      ...['fetch', 'https', 'undici', 'got', 'node-fetch', 'axios', 'axios-1.13.2', 'axios-1.7.9', 'axios-0.21.4'].map(
        appService,
      ),
      {
        ...appService('superagent'),
        limit: {
          says: 'local.vault.azure.net',
          why: "reads no proxy variable, so the vault's name has to resolve",
          source: 'https://github.com/ladjs/superagent#proxies',
        },
      },
    ],
  }),
  npm({
    name: 'actions',
    title: '`@actions/core` 3.0.1',
    packages: ['@actions/core@3.0.1'],
    run: 'js/actions.mjs',
    expected: [{ way: 'github', hosts: ['github-actions'] }],
  }),
];

/** The client of this repository, for comparison. Nothing is installed. */
export const own: Client = {
  name: 'msi-credential',
  title: '`msi-credential`',
  needs: [],
  install: () => [],
  run: () => [process.execPath, program('js/ours.mjs')],
  expected: [
    {
      way: 'default',
      hosts: [
        ...early,
        ofWindows,
        ...both('functions', 'container-apps', 'vm', 'arc'),
        'aks',
        'service-fabric',
        'container-instances',
        ...ml,
        'cloud-shell',
        'service-principal',
        withCertificate,
        'github-actions',
        'azure-pipelines',
      ],
    },
  ],
};
