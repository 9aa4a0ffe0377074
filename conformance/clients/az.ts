import { both, type Client, program, withCertificate } from '../client.ts';

export const az: readonly Client[] = [
  {
    name: 'az-2.91.0',
    title: 'Azure CLI 2.91.0',
    needs: ['python3', 'bash'],
    install: (folder) => [
      ['python3', '-m', 'venv', folder],
      [`${folder}/bin/pip`, 'install', '--quiet', '--disable-pip-version-check', 'azure-cli==2.91.0'],
    ],
    run: (folder, way) => ['bash', program('az/az.sh'), folder, way],
    expected: [
      {
        way: 'managed',
        hosts: [
          ...both('app-service'),
          'functions',
          'container-apps',
          ...both('vm', 'arc'),
          'service-fabric',
          ...both('azure-ml'),
        ],
      },
      {
        way: 'managed',
        hosts: ['app-service-2017'],
        limit: {
          says: 'invalid literal for int()',
          why: 'takes the pair of variables for Machine Learning, and reads no dates',
          source: 'msal/managed_identity.py: _obtain_token_on_machine_learning',
        },
      },
      {
        way: 'managed',
        hosts: ['container-instances'],
        limit: {
          says: 'must use HTTPS',
          why: 'takes it for Service Fabric, and refuses plain http',
          source: 'msal/managed_identity.py: _obtain_token_on_service_fabric',
        },
      },
      { way: 'secret', hosts: ['service-principal'] },
      { way: 'certificate', hosts: [withCertificate] },
      { way: 'workload', hosts: ['aks'] },
    ],
  },
];
