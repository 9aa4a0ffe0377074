// The other direction: Azure's other clients with the credential of this repository, against Azurite and against servers in the
// program itself.
import { fileURLToPath } from 'node:url';
import { type Client, program } from '../client.ts';

const packages = [
  '@azure/ai-form-recognizer@5.1.0',
  '@azure/ai-projects@2.8.0',
  '@azure/ai-text-analytics@5.1.0',
  '@azure/app-configuration@1.13.0',
  '@azure/app-configuration-provider@2.6.0',
  '@azure/arm-compute@25.1.1',
  '@azure/arm-keyvault@5.0.0',
  '@azure/arm-resources@8.0.0',
  '@azure/attestation@1.0.0',
  '@azure/communication-email@1.1.0',
  '@azure/container-registry@1.1.2',
  '@azure/cosmos@4.10.1',
  '@azure/data-tables@13.3.2',
  '@azure/digital-twins-core@1.1.0',
  '@azure/event-hubs@6.0.4',
  '@azure/eventgrid@5.12.0',
  '@azure/identity@4.14.1',
  '@azure/keyvault-certificates@4.10.3',
  '@azure/keyvault-keys@4.10.2',
  '@azure/keyvault-secrets@4.12.0',
  '@azure/monitor-ingestion@1.2.0',
  '@azure/monitor-query-logs@1.0.0',
  '@azure/schema-registry@1.3.0',
  '@azure/search-documents@13.0.0',
  '@azure/service-bus@7.9.5',
  '@azure/storage-blob@12.34.0',
  '@azure/storage-file-datalake@12.31.0',
  '@azure/storage-file-share@12.32.0',
  '@azure/storage-queue@12.32.0',
  '@azure/web-pubsub@1.2.0',
  '@microsoft/microsoft-graph-client@3.0.7',
  '@redis/entraid@6.1.0',
  'openai@7.55.0',
  'tedious@20.3.9',
];
const tools = ['azurite@3.37.0', 'rhea@3.0.5', 'ws@8.23.0', 'typescript@5.9.3', '@types/node@24.19.2'];
const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-save', '--loglevel=error', '--prefer-offline'];
const ours = fileURLToPath(new URL('../../packages/msi-credential', import.meta.url));

const base = {
  name: 'azure-clients',
  title: `types of ${packages.length} clients`,
  needs: ['npm', 'openssl'],
  install: (folder: string) => [
    ['npm', 'install', '--prefix', folder, ...flags, ...packages, ...tools],
    ['ln', '-s', ours, `${folder}/node_modules/msi-credential`],
  ],
};

const versionOf = (name: string) =>
  packages
    .find((each) => each.startsWith(`${name}@`))
    ?.split('@')
    .at(-1);

/** One client, by the name of its way in the program. */
const one = (name: string, way: string, file = 'clients.mjs'): Client => ({
  ...base,
  name: `with-${way}`,
  title: `\`${name}\` ${versionOf(name)}`,
  shares: base.name,
  run: (folder) => [process.execPath, program(`azure/${file}`), folder, way],
  expected: [{ way: 'ours', hosts: ['app-service', 'aks'] }],
});

export const azureClients: readonly Client[] = [
  {
    ...base,
    run: (folder) => [process.execPath, program('azure/types.mjs'), folder],
    expected: [{ way: 'ours', hosts: ['app-service'] }],
  },
  one('@azure/storage-blob', 'blob', 'azurite.mjs'),
  one('@azure/storage-queue', 'queue', 'azurite.mjs'),
  one('@azure/data-tables', 'table', 'azurite.mjs'),
  one('@azure/app-configuration', 'app-configuration'),
  one('@azure/app-configuration-provider', 'app-configuration-provider'),
  one('@azure/service-bus', 'service-bus'),
  one('@azure/event-hubs', 'event-hubs'),
  one('@azure/cosmos', 'cosmos'),
  one('@azure/arm-resources', 'arm-resources'),
  one('@microsoft/microsoft-graph-client', 'graph'),
  one('@redis/entraid', 'redis'),
  one('openai', 'openai'),
  one('@azure/identity', 'chained-credential'),
];
