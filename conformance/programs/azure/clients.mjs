// clients.mjs FOLDER CLIENT: a client of another service of Azure, with our credential. What answers it is in this process,
// and first sees whether the token is for that service.
import read from '../js/read.cjs';
import { startBroker } from './amqp.mjs';
import { answering, credential, expectToken, load } from './shared.mjs';

const [, , , name] = process.argv;
const vault = process.env.KEY_VAULT_URL;
const management = 'https://management.azure.com';
const claims = Buffer.from('{"access_token":{"xms_cc":{"values":["cp1"]}}}').toString('base64');
const challenge = `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common", error="insufficient_claims", claims="${claims}"`;

const clients = {
  async 'app-configuration'() {
    const { AppConfigurationClient } = load('@azure/app-configuration');
    const httpClient = answering('https://azconfig.io', { key: 'secret', value: 'hello' });
    const client = new AppConfigurationClient('https://contoso.azconfig.io', credential, { httpClient });
    return (await client.getConfigurationSetting({ key: 'secret' })).value;
  },
  /** A setting that leads to the vault. */
  async 'app-configuration-provider'() {
    const { load: loadSettings } = load('@azure/app-configuration-provider');
    const content_type = 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8';
    const item = { key: 'secret', value: JSON.stringify({ uri: `${vault}/secrets/secret` }), content_type };
    const httpClient = answering('https://azconfig.io', { items: [item] });
    const settings = await loadSettings('https://contoso.azconfig.io', credential, {
      clientOptions: { httpClient },
      keyVaultOptions: { credential },
      replicaDiscoveryEnabled: false,
    });
    return settings.get('secret');
  },
  async cosmos() {
    const { CosmosClient } = load('@azure/cosmos');
    const endpoint = 'https://contoso.documents.azure.com';
    const httpClient = answering(endpoint, ({ url }) =>
      /\/docs\//.test(url) ? { id: 'secret', value: 'hello' } : account,
    );
    const location = { name: 'West Europe', databaseAccountEndpoint: endpoint };
    const account = { id: 'contoso', writableLocations: [location], readableLocations: [location], _rid: 'x' };
    const options = {
      endpoint,
      aadCredentials: credential,
      httpClient,
      connectionPolicy: { enableBackgroundEndpointRefreshing: false },
    };
    const client = new CosmosClient(options);
    const { resource } = await client.database('d').container('c').item('secret', null).read({ partitionKey: 'p' });
    return resource.value;
  },
  async 'arm-resources'() {
    const { ResourceManagementClient } = load('@azure/arm-resources');
    const httpClient = answering(management, { value: [{ name: 'hello' }] }, { challenge });
    const client = new ResourceManagementClient(credential, 'subscription', { httpClient });
    return (await client.resourceGroups.list().next()).value.name;
  },
  async graph() {
    const { Client, AuthenticationHandler } = load('@microsoft/microsoft-graph-client');
    const path = '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials';
    const { TokenCredentialAuthenticationProvider } = load(path);
    const scopes = ['https://graph.microsoft.com/.default'];
    const handler = new AuthenticationHandler(new TokenCredentialAuthenticationProvider(credential, { scopes }));
    const last = {
      async execute(context) {
        expectToken(new Headers(context.options.headers).get('authorization'), 'https://graph.microsoft.com');
        context.response = new Response('{"displayName":"hello"}', { headers: { 'content-type': 'application/json' } });
      },
    };
    handler.setNext(last);
    return (await Client.initWithMiddleware({ middleware: handler }).api('/me').get()).displayName;
  },
  async openai() {
    const { getBearerTokenProvider } = load('@azure/identity');
    const { AzureOpenAI } = load('openai');
    const azureADTokenProvider = getBearerTokenProvider(credential, 'https://cognitiveservices.azure.com/.default');
    const fetch = async (_url, { headers }) => {
      expectToken(new Headers(headers).get('authorization'), 'https://cognitiveservices.azure.com');
      const body = { choices: [{ message: { role: 'assistant', content: 'hello' } }] };
      return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });
    };
    const client = new AzureOpenAI({
      endpoint: 'https://contoso.openai.azure.com',
      apiVersion: '2024-10-21',
      azureADTokenProvider,
      fetch,
    });
    const messages = [{ role: 'user', content: 'What is the secret?' }];
    return (await client.chat.completions.create({ model: 'gpt', messages })).choices[0].message.content;
  },
  /** No server: it hands user name and password to the Redis client. */
  async redis() {
    const { EntraIdCredentialsProviderFactory } = load('@redis/entraid');
    const provider = EntraIdCredentialsProviderFactory.createForDefaultAzureCredential({
      credential,
      scopes: 'https://redis.azure.com/.default',
      tokenManagerConfig: { expirationRefreshRatio: 0.8 },
    });
    const [{ username, password }, subscription] = await provider.subscribe({ onNext() {}, onError() {} });
    subscription.dispose();
    expectToken(password, 'https://redis.azure.com');
    if (!/^[\da-f-]{36}$/.test(username)) throw new Error(`${username} is no object id.`);
    return 'hello';
  },
  async 'service-bus'() {
    const { ServiceBusClient } = load('@azure/service-bus');
    const webSocket = await startBroker('https://servicebus.azure.net');
    const client = new ServiceBusClient('contoso.servicebus.windows.net', credential, {
      webSocketOptions: { webSocket },
    });
    const [message] = await client.createReceiver('queue', { receiveMode: 'receiveAndDelete' }).receiveMessages(1);
    return message.body;
  },
  async 'event-hubs'() {
    const { EventHubProducerClient } = load('@azure/event-hubs');
    const webSocket = await startBroker('https://eventhubs.azure.net');
    const options = { webSocketOptions: { webSocket } };
    const client = new EventHubProducerClient('contoso.servicebus.windows.net', 'hub', credential, options);
    return (await client.getEventHubProperties()).name;
  },
  /** The real vault of msi-local, with a credential of a chain behind one that has nothing. */
  async 'chained-credential'() {
    const { ChainedTokenCredential, EnvironmentCredential } = load('@azure/identity');
    const { SecretClient } = load('@azure/keyvault-secrets');
    const client = new SecretClient(vault, new ChainedTokenCredential(new EnvironmentCredential(), credential));
    return (await client.getSecret('secret')).value;
  },
};

async function run() {
  const value = await clients[name]();
  // Some clients keep timers and connections.
  setImmediate(() => setTimeout(() => process.exit(0), 100));
  return value;
}
read.tell(run());
