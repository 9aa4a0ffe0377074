import { describe, expect, test } from 'vitest';
import { ask, marker, world } from '../../../test/ask.ts';
import { explanationOfFailure } from '../../../test/catalogue.ts';
import { entraRefusal, fakeAzureIdentity } from '../../../test/fake-azure-identity.ts';
import { json, start } from '../../../test/fake-io.ts';
import type { CredentialOptions, Environment } from '../../types.ts';

const { tenantId, applicationId, clientId } = world;
const usual = { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: applicationId };
const secret = { AZURE_CLIENT_SECRET: marker };
const pod = { AZURE_FEDERATED_TOKEN_FILE: '/token' };
const github = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://a.example/', ACTIONS_ID_TOKEN_REQUEST_TOKEN: marker };
const pipeline = {
  SYSTEM_OIDCREQUESTURI: 'https://b.example/',
  SYSTEM_ACCESSTOKEN: marker,
  AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: 'id',
};
const ofSubscription = { AZURESUBSCRIPTION_TENANT_ID: tenantId, AZURESUBSCRIPTION_CLIENT_ID: applicationId };
const host = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi', IDENTITY_HEADER: marker };
const asOptions = { tenantId, clientId: applicationId };
const federated = { clientId, federatedCredential: asOptions };

/** Where the ids come from, by the names that a person would look for. */
interface Origin {
  readonly client: string;
  readonly tenant: string;
}

const variables: Origin = { client: 'AZURE_CLIENT_ID', tenant: 'AZURE_TENANT_ID' };
const subscription: Origin = { client: 'AZURESUBSCRIPTION_CLIENT_ID', tenant: 'AZURESUBSCRIPTION_TENANT_ID' };
const options: Origin = { client: 'the option clientId', tenant: 'the option tenantId' };
const federation: Origin = { client: 'federatedCredential.clientId', tenant: 'federatedCredential.tenantId' };

const rows: [title: string, Environment, CredentialOptions, Origin][] = [
  ['a service principal', { ...secret, ...usual }, {}, variables],
  ['a service principal by options', secret, asOptions, options],
  // The option is most often a managed identity's id.
  ['a service principal by both', { ...secret, ...usual }, asOptions, { ...variables, tenant: options.tenant }],
  ['workload identity', { ...pod, ...usual }, {}, variables],
  ['workload identity by options', { ...pod, ...usual }, asOptions, options],
  ['GitHub Actions', { ...github, ...usual }, {}, variables],
  ['GitHub Actions by an option', { ...github, ...usual }, { tenantId }, { ...variables, tenant: options.tenant }],
  ['Azure Pipelines', { ...pipeline, ...ofSubscription, ...usual }, {}, subscription],
  ['Azure Pipelines by the usual variables', { ...pipeline, ...usual }, {}, variables],
  ['Azure Pipelines by options', { ...pipeline, ...ofSubscription }, asOptions, options],
  [
    'Azure Pipelines by one of each',
    { ...pipeline, AZURESUBSCRIPTION_CLIENT_ID: applicationId, AZURE_TENANT_ID: tenantId },
    {},
    { client: subscription.client, tenant: variables.tenant },
  ],
  ['a federated credential', { ...host, ...usual }, federated, federation],
];

/** The environment and the options with another value in this place. */
function putInto(place: string, value: string, env: Environment, given: CredentialOptions) {
  const [, option] = /^the option (\w+)$/.exec(place) ?? [];
  if (option !== undefined) return { env, given: { ...given, [option]: value } };
  const [, id] = /^federatedCredential\.(\w+)$/.exec(place) ?? [];
  if (id === undefined) return { env: { ...env, [place]: value }, given };
  return { env, given: { ...given, federatedCredential: { ...asOptions, [id]: value } } };
}

/** What is told of a sign-in that Entra refuses. */
async function told({ env, given }: ReturnType<typeof putInto>, number = 700016): Promise<string> {
  const access_token = 'a.b.c';
  const answer = {
    access_token,
    expires_on: String(start / 1000 + 9_000),
    value: access_token,
    oidcToken: access_token,
  };
  const azureIdentity = fakeAzureIdentity(() => entraRefusal(number, 'no'));
  const { cause, fix } = await explanationOfFailure(
    ask(env, { answers: [json(200, answer)], azureIdentity }, given).token,
  );
  return [cause, ...fix.map(({ text }) => text)].join('\n');
}

const allNames = [variables, subscription, options, federation].flatMap(({ client, tenant }) => [client, tenant]);

describe.each(rows)('%s', (_, env, given, { client, tenant }) => {
  test('with a tenant that is none is blamed on what it came from', async () => {
    const text = await told(putInto(tenant, 'a/b', env, given));
    expect(allNames.filter((name) => text.includes(name))).toEqual([tenant]);
  });

  test('refused by Entra is told where both ids came from', async () => {
    const text = await told({ env, given });
    expect(allNames.filter((name) => text.includes(name))).toEqual(
      allNames.filter((name) => [client, tenant].includes(name)),
    );
  });

  test('with a client id that is none is blamed on what it came from', async () => {
    const text = await told(putInto(client, 'contoso', env, given), 1);
    expect(allNames.filter((name) => text.includes(name))).toEqual([client]);
  });
});

test.each<[string, Environment, CredentialOptions]>([
  ['AZURE_AUTHORITY_HOST', { AZURE_AUTHORITY_HOST: 'http://a.example' }, {}],
  ['the option authorityHost', { AZURE_AUTHORITY_HOST: 'https://a.example' }, { authorityHost: 'http://a.example' }],
])("Entra's address that is none is blamed on %s", async (name, env, given) => {
  const text = await told({ env: { ...env, ...secret, ...usual }, given });
  expect(['AZURE_AUTHORITY_HOST', 'the option authorityHost'].filter((each) => text.includes(each))).toEqual([name]);
});

test('the tenant of a request is not blamed on the configuration', async () => {
  const env = { ...secret, ...usual };
  const azureIdentity = fakeAzureIdentity(() => entraRefusal(90002, 'no'));
  const request = { tenantId: world.otherTenantId };
  const { token } = ask(env, { azureIdentity, request }, { additionallyAllowedTenants: ['*'] });
  const { fix } = await explanationOfFailure(token);
  expect(fix[0]?.text).toContain(`the tenant of the request (${world.otherTenantId})`);
});
