// Every client of Azure's below takes our credential by its type. Checked, not run.

import { DocumentAnalysisClient } from '@azure/ai-form-recognizer';
import { AIProjectClient } from '@azure/ai-projects';
import { TextAnalyticsClient } from '@azure/ai-text-analytics';
import { AppConfigurationClient } from '@azure/app-configuration';
import { load } from '@azure/app-configuration-provider';
import { ComputeManagementClient } from '@azure/arm-compute';
import { KeyVaultManagementClient } from '@azure/arm-keyvault';
import { ResourceManagementClient } from '@azure/arm-resources';
import { AttestationClient } from '@azure/attestation';
import { EmailClient } from '@azure/communication-email';
import { ContainerRegistryClient } from '@azure/container-registry';
import { CosmosClient } from '@azure/cosmos';
import { TableClient } from '@azure/data-tables';
import { DigitalTwinsClient } from '@azure/digital-twins-core';
import { EventHubConsumerClient, EventHubProducerClient } from '@azure/event-hubs';
import { EventGridPublisherClient } from '@azure/eventgrid';
import { ChainedTokenCredential, getBearerTokenProvider } from '@azure/identity';
import { CertificateClient } from '@azure/keyvault-certificates';
import { KeyClient } from '@azure/keyvault-keys';
import { SecretClient } from '@azure/keyvault-secrets';
import { LogsIngestionClient } from '@azure/monitor-ingestion';
import { LogsQueryClient } from '@azure/monitor-query-logs';
import { SchemaRegistryClient } from '@azure/schema-registry';
import { SearchClient, SearchIndexClient } from '@azure/search-documents';
import { ServiceBusAdministrationClient, ServiceBusClient } from '@azure/service-bus';
import { BlobServiceClient } from '@azure/storage-blob';
import { DataLakeServiceClient } from '@azure/storage-file-datalake';
import { ShareServiceClient } from '@azure/storage-file-share';
import { QueueServiceClient } from '@azure/storage-queue';
import { WebPubSubServiceClient } from '@azure/web-pubsub';
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js';
import { EntraIdCredentialsProviderFactory } from '@redis/entraid';
import { getKeyVaultCredential, type KeyVaultCredential } from 'msi-credential';
import { AzureOpenAI } from 'openai';
import { Connection } from 'tedious';

const url = 'https://contoso.example';
const credential: KeyVaultCredential = getKeyVaultCredential();

export const clients = [
  new AIProjectClient(url, credential),
  new DocumentAnalysisClient(url, credential),
  new TextAnalyticsClient(url, credential),
  new AppConfigurationClient(url, credential),
  load(url, credential),
  new ComputeManagementClient(credential, 'subscription'),
  new KeyVaultManagementClient(credential, 'subscription'),
  new ResourceManagementClient(credential, 'subscription'),
  new AttestationClient(url, credential),
  new EmailClient(url, credential),
  new ContainerRegistryClient(url, credential),
  new CosmosClient({ endpoint: url, aadCredentials: credential }),
  new TableClient(url, 'table', credential),
  new DigitalTwinsClient(url, credential),
  new EventGridPublisherClient(url, 'EventGrid', credential),
  new EventHubConsumerClient('$Default', 'contoso.example', 'hub', credential),
  new EventHubProducerClient('contoso.example', 'hub', credential),
  new ChainedTokenCredential(credential),
  new CertificateClient(url, credential),
  new KeyClient(url, credential),
  new SecretClient(url, credential),
  new LogsIngestionClient(url, credential),
  new LogsQueryClient(credential),
  new SchemaRegistryClient('contoso.example', credential),
  new SearchClient(url, 'index', credential),
  new SearchIndexClient(url, credential),
  new ServiceBusAdministrationClient('contoso.example', credential),
  new ServiceBusClient('contoso.example', credential),
  new BlobServiceClient(url, credential),
  new DataLakeServiceClient(url, credential),
  new ShareServiceClient(url, credential, { fileRequestIntent: 'backup' }),
  new QueueServiceClient(url, credential),
  new WebPubSubServiceClient(url, credential, 'hub'),
  new TokenCredentialAuthenticationProvider(credential, { scopes: ['https://graph.microsoft.com/.default'] }),
  EntraIdCredentialsProviderFactory.createForDefaultAzureCredential({
    credential,
    scopes: 'https://redis.azure.com/.default',
    tokenManagerConfig: { expirationRefreshRatio: 0.8 },
  }),
  new AzureOpenAI({
    endpoint: url,
    apiVersion: '2024-10-21',
    azureADTokenProvider: getBearerTokenProvider(credential, 'https://cognitiveservices.azure.com/.default'),
  }),
  new Connection({ server: 'contoso.example', authentication: { type: 'token-credential', options: { credential } } }),
];
