import { both, type Client, type Expectation, ofWindows, program, withCertificate } from '../client.ts';

type Row = Pick<Client, 'name' | 'title' | 'shares' | 'expected'> & {
  readonly requirements: string;
  readonly run?: (way: string) => readonly string[];
};

const client = (way: string) => [program('python/client.py'), way];

function python({ requirements, run = client, ...row }: Row): Client {
  const source = `python/${requirements}`;
  const pip = ['install', '--quiet', '--disable-pip-version-check', '-r', program(source)];
  return {
    ...row,
    needs: ['python3'],
    install: (folder) => [
      ['python3', '-m', 'venv', folder],
      [`${folder}/bin/pip`, ...pip],
    ],
    sources: [source],
    run: (folder, way) => [`${folder}/bin/python`, ...run(way)],
  };
}

const fabric = {
  says: 'must use HTTPS',
  why: 'takes it for Service Fabric, and refuses plain http',
  source: 'azure/core/pipeline/policies/_authentication.py',
};
const posts = { source: 'msrestazure/azure_active_directory.py: get_msi_token' };
const servicePrincipal: readonly Expectation[] = [
  { way: 'secret', hosts: ['service-principal'] },
  { way: 'environment', hosts: ['service-principal', withCertificate] },
  { way: 'certificate', hosts: [withCertificate] },
  { way: 'chain', hosts: [withCertificate] },
];
const federated: readonly Expectation[] = [
  { way: 'workload', hosts: ['aks'] },
  { way: 'pipelines', hosts: ['azure-pipelines'] },
  { way: 'github', hosts: ['github-actions'] },
];
const byId = ['app-service', 'container-apps', 'vm', 'arc', 'azure-ml'];

export const pythons: readonly Client[] = [
  python({
    name: 'py-1.27.0',
    title: '`azure-identity` 1.27.0',
    requirements: 'requirements.txt',
    expected: [
      {
        way: 'managed',
        hosts: [
          ...both('app-service', 'functions', 'container-apps', 'vm'),
          'aks',
          ...both('arc'),
          'service-fabric',
          ...both('azure-ml'),
          'cloud-shell',
        ],
      },
      {
        way: 'managed',
        hosts: [...both('app-service-2017'), ofWindows],
        limit: {
          says: 'invalid literal for int()',
          why: 'takes the pair of variables for Machine Learning, and reads no dates',
          source: 'azure/identity/_credentials/azure_ml.py',
        },
      },
      { way: 'managed', hosts: ['container-instances'], limit: fabric },
      { way: 'object-id', hosts: byId },
      { way: 'resource-id', hosts: byId },
      ...servicePrincipal,
      ...federated,
      {
        way: 'default',
        hosts: [
          'app-service',
          'functions',
          'container-apps',
          'vm',
          'aks',
          'arc',
          'azure-ml',
          'cloud-shell',
          'service-principal',
          withCertificate,
        ],
      },
    ],
  }),
  python({
    name: 'py-1.27.0-aio',
    title: '`azure-identity` 1.27.0, asynchronous',
    shares: 'py-1.27.0',
    requirements: 'requirements.txt',
    run: (way) => [...client(way), 'aio'],
    expected: [
      { way: 'managed', hosts: ['app-service', ...both('vm'), 'arc', 'azure-ml', 'service-fabric'] },
      ...servicePrincipal,
      ...federated,
    ],
  }),
  python({
    name: 'py-1.5.0',
    title: '`azure-identity` 1.5.0',
    requirements: 'requirements-1.5.0.txt',
    expected: [
      {
        way: 'managed',
        hosts: ['app-service', ...both('app-service-2017'), 'functions', 'arc', 'service-fabric', 'cloud-shell'],
      },
      {
        way: 'managed',
        hosts: [ofWindows],
        limit: {
          says: 'string indices must be integers',
          why: 'reads no dates of a Windows worker',
          source: 'azure/identity/_internal/managed_identity_client.py',
        },
      },
      {
        way: 'managed',
        hosts: ['container-apps'],
        limit: {
          says: 'Unexpected response',
          why: 'takes `MSI_ENDPOINT` without `MSI_SECRET` for Cloud Shell, and posts',
          source: 'azure/identity/_credentials/managed_identity.py',
        },
      },
      {
        way: 'managed',
        hosts: ['azure-ml'],
        limit: {
          says: 'endswith',
          why: 'reads dates only, not the number that Machine Learning sends',
          source: 'azure/identity/_credentials/app_service.py',
        },
      },
      { way: 'secret', hosts: ['service-principal'] },
      { way: 'environment', hosts: ['service-principal'] },
      { way: 'certificate', hosts: [withCertificate] },
    ],
  }),
  python({
    name: 'msrestazure-0.6.4',
    title: '`msrestazure` 0.6.4',
    shares: 'py-1.27.0',
    requirements: 'requirements.txt',
    run: () => [program('python/msi.py')],
    expected: [
      {
        way: 'managed',
        hosts: ['app-service', ...both('app-service-2017'), ofWindows, 'functions', 'cloud-shell', ...both('vm')],
      },
      {
        way: 'managed',
        hosts: ['container-apps', 'azure-ml'],
        limit: {
          says: '405',
          why: 'takes `MSI_ENDPOINT` for the old extension of virtual machines, and posts',
          ...posts,
        },
      },
    ],
  }),
];
