import { both, type Client, type Limit, program, withCertificate } from '../client.ts';

const unsupported = (host: string): Limit => ({
  says: `${host} managed identity isn't supported`,
  why: 'says so itself',
  source: 'azure_identity/src/managed_identity_credential.rs',
});
const wrapper: Readonly<Record<string, string>> = { certificate: 'pfx.sh', github: 'assertion.sh' };

export const rusts: readonly Client[] = [
  {
    name: 'rust-1.0.0',
    title: '`azure_identity` 1.0.0',
    needs: ['cargo'],
    install: (folder) => [
      ['cargo', 'build', '--quiet', '--locked', '--manifest-path', program('rust/Cargo.toml'), '--target-dir', folder],
    ],
    sources: ['rust'],
    run: (folder, way) => [
      ...(wrapper[way] === undefined ? [] : ['sh', program(wrapper[way])]),
      `${folder}/debug/clients`,
      way,
    ],
    expected: [
      { way: 'managed', hosts: [...both('app-service'), 'functions', ...both('container-apps', 'vm')] },
      { way: 'managed', hosts: ['app-service-2017', 'azure-ml'], limit: unsupported('Azure ML') },
      { way: 'managed', hosts: ['arc'], limit: unsupported('Azure Arc') },
      { way: 'managed', hosts: ['service-fabric', 'container-instances'], limit: unsupported('Service Fabric') },
      { way: 'managed', hosts: ['cloud-shell'], limit: unsupported('CloudShell') },
      { way: 'object-id', hosts: ['app-service', 'container-apps'] },
      { way: 'secret', hosts: ['service-principal'] },
      { way: 'certificate', hosts: [withCertificate] },
      { way: 'workload', hosts: ['aks'] },
      { way: 'pipelines', hosts: ['azure-pipelines'] },
      { way: 'github', hosts: ['github-actions'] },
    ],
  },
];
