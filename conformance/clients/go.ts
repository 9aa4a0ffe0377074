import { both, type Client, type Expectation, program, withCertificate } from '../client.ts';

type Row = Pick<Client, 'name' | 'title' | 'expected'> & {
  /** The module below programs/, and the package of it. */
  readonly module: string;
  readonly main: string;
  readonly run?: (binary: string, way: string) => readonly string[];
};

const go = ({ module, main, run = (binary, way) => [binary, way], ...row }: Row): Client => ({
  ...row,
  needs: ['go'],
  install: (folder) => [
    ['go', '-C', program(module), 'build', '-trimpath', '-mod=readonly', '-o', `${folder}/client`, main],
  ],
  sources: [module],
  run: (folder, way) => run(`${folder}/client`, way),
});

const byId = ['app-service', 'container-apps', 'arc'];
const federated: readonly Expectation[] = [
  { way: 'workload', hosts: ['aks'] },
  { way: 'pipelines', hosts: ['azure-pipelines'] },
  { way: 'github', hosts: ['github-actions'] },
];

export const goes: readonly Client[] = [
  go({
    name: 'go-1.15.0',
    title: '`azidentity` 1.15.0',
    module: 'go',
    main: '.',
    expected: [
      {
        way: 'managed',
        hosts: [
          ...both('app-service', 'functions', 'container-apps', 'vm', 'arc'),
          'service-fabric',
          ...both('azure-ml'),
          'cloud-shell',
        ],
      },
      {
        way: 'managed',
        hosts: ['app-service-2017'],
        limit: {
          says: 'Unable to load requested managed identity',
          why: 'takes the pair of variables for Machine Learning, and sends an empty `clientid`',
          source: 'microsoft-authentication-library-for-go: managedidentity/azure_ml.go',
        },
      },
      {
        way: 'managed',
        hosts: ['container-instances'],
        limit: {
          says: 'must use HTTPS',
          why: 'takes it for Service Fabric, and refuses plain http',
          source: 'microsoft-authentication-library-for-go: managedidentity/servicefabric.go',
        },
      },
      { way: 'object-id', hosts: byId },
      { way: 'resource-id', hosts: byId },
      {
        way: 'object-id',
        hosts: ['azure-ml'],
        limit: {
          says: 'by client ID only',
          why: 'Machine Learning knows client ids only',
          source: 'azidentity/managed_identity_client.go',
        },
      },
      { way: 'secret', hosts: ['service-principal'] },
      { way: 'environment', hosts: ['service-principal', withCertificate] },
      { way: 'certificate', hosts: [withCertificate] },
      { way: 'chain', hosts: [withCertificate] },
      ...federated,
      {
        way: 'default',
        hosts: [
          'app-service',
          'functions',
          'container-apps',
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
  go({
    name: 'go-adal-0.9.24',
    title: '`autorest/adal` 0.9.24',
    module: 'go-others',
    main: './adal',
    expected: [
      {
        way: 'managed',
        hosts: ['app-service', ...both('app-service-2017'), 'functions', 'azure-ml', 'cloud-shell', 'vm'],
      },
      { way: 'secret', hosts: ['service-principal'] },
      { way: 'certificate', hosts: [withCertificate] },
    ],
  }),
  go({
    name: 'go-hashicorp',
    title: '`hashicorp/go-azure-sdk` 0.20260811, as Terraform',
    module: 'go-others',
    main: './hashi',
    run: (binary, way) => [...(way === 'certificate' ? ['sh', program('pfx.sh')] : []), binary, way],
    expected: [
      { way: 'managed', hosts: [...both('app-service'), 'functions', 'container-apps', ...both('vm')] },
      { way: 'secret', hosts: ['service-principal'] },
      { way: 'certificate', hosts: [withCertificate] },
      ...federated,
    ],
  }),
];
