import { describe, expect, test } from 'vitest';
import { ask, copyOf, expectNoSecret, fileError, indiscreet, marker, refusal, world } from '../../../test/ask.ts';
import { catalogueOf, explanationOfFailure } from '../../../test/catalogue.ts';
import { entraRefusal, fakeAzureIdentity } from '../../../test/fake-azure-identity.ts';
import { type Answer, fakeIo, forever, json, start } from '../../../test/fake-io.ts';
import type { Explanation } from '../../codes.ts';
import { createWorld, credentialIn } from '../../credential.ts';
import type { CredentialOptions, Environment } from '../../types.ts';

const application = { clientId: world.applicationId, tenantId: world.tenantId };
const asApplication = { federatedCredential: application, clientId: world.clientId };
const appService = { IDENTITY_ENDPOINT: 'http://127.0.0.1:41741/msi/token', IDENTITY_HEADER: `${marker}-of-the-host` };
const vm = { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:8000' };
const arc = { IDENTITY_ENDPOINT: 'http://127.0.0.1:40342/x', IMDS_ENDPOINT: 'http://127.0.0.1:40342' };
const proof = (token = 'proof-of-the-host') =>
  json(200, { access_token: token, expires_on: String(start / 1000 + 86_400), client_id: world.clientId });

/** What cannot prove an application, and what the advice names. */
const refused: [title: string, Environment, CredentialOptions, words: string][] = [
  ['a system-assigned identity', appService, {}, 'clientId, objectId or resourceId'],
  [
    'a service principal',
    { AZURE_TENANT_ID: 'contoso.com', AZURE_CLIENT_ID: world.clientId, AZURE_CLIENT_SECRET: 's' },
    { clientId: world.clientId },
    'managed identity',
  ],
  [
    'workload identity',
    { AZURE_TENANT_ID: 'contoso.com', AZURE_CLIENT_ID: world.clientId, AZURE_FEDERATED_TOKEN_FILE: '/f' },
    {},
    'managed identity',
  ],
  ['Cloud Shell', { MSI_ENDPOINT: 'http://127.0.0.1:1/' }, { clientId: world.clientId }, 'the option clientId'],
  [
    'an id that the host cannot be asked by',
    { MSI_ENDPOINT: 'http://127.0.0.1:1/', MSI_SECRET: 's' },
    { objectId: world.objectId },
    'client id',
  ],
];

describe('a managed identity as federated credential', () => {
  test.each<[string, Environment, CredentialOptions, string]>([
    ['the public cloud', {}, {}, 'api://AzureADTokenExchange'],
    [
      'US Government',
      { AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/' },
      {},
      'api://AzureADTokenExchangeUSGov',
    ],
    ['China', { AZURE_AUTHORITY_HOST: 'https://login.chinacloudapi.cn' }, {}, 'api://AzureADTokenExchangeChina'],
    [
      'China, as some documents write it',
      {},
      { authorityHost: 'https://login.partner.microsoftonline.cn' },
      'api://AzureADTokenExchangeChina',
    ],
  ])(
    'is asked for the audience of %s, and its token is what the application signs in with',
    async (_, env, options, audience) => {
      const { io, token, made } = ask(
        { ...appService, ...env },
        { answers: [proof()] },
        { ...asApplication, ...options },
      );
      expect((await token).token).toBe('from-azure-identity');
      expect(io.requests.map(({ url }) => Object.fromEntries(url.searchParams))).toEqual([
        { 'api-version': '2019-08-01', resource: audience, client_id: world.clientId },
      ]);
      const [{ credential = '', args = [], asked = [] } = {}] = made;
      const [tenantId, clientId, getAssertion] = args as [string, string, () => Promise<string>];
      expect([credential, tenantId, clientId, await getAssertion()]).toEqual([
        'ClientAssertionCredential',
        world.tenantId,
        world.applicationId,
        'proof-of-the-host',
      ]);
      expect(asked).toMatchObject([{ scope: 'https://vault.azure.net/.default' }]);
    },
  );

  test.each<[string, Environment, CredentialOptions, Answer[]]>([
    ['the virtual machine', vm, { objectId: world.objectId }, [proof()]],
    [
      'Azure Machine Learning',
      { MSI_ENDPOINT: 'http://127.0.0.1:1/', MSI_SECRET: 's', DEFAULT_IDENTITY_CLIENT_ID: 'clientid' },
      { clientId: world.clientId },
      [proof()],
    ],
    [
      'Container Instances',
      { ...appService, IDENTITY_ENDPOINT: 'http://10.92.0.3:2377/x', IDENTITY_SERVER_THUMBPRINT: 't' },
      { objectId: world.objectId },
      [proof()],
    ],
    ['Azure Arc', arc, { clientId: world.clientId }, [proof()]],
  ])('may be that of %s', async (_, env, identity, answers) => {
    const { token, io } = ask(env, { answers }, { federatedCredential: application, ...identity });
    expect((await token).token).toBe('from-azure-identity');
    expect(io.requests[0]?.url.searchParams.get('resource')).toBe('api://AzureADTokenExchange');
  });

  test.each(refused)('is refused with %s before any request', async (_, env, identity, words) => {
    const { io, token, made } = ask(env, { answers: [proof()] }, { federatedCredential: application, ...identity });
    const { code, fix } = await explanationOfFailure(token);
    expect([code, fix.length]).toEqual(['ERR_IDENTITY_UNSUPPORTED', 1]);
    expect(fix[0]?.text).toContain(words);
    await expect(token).rejects.toMatchObject({ name: 'CredentialUnavailableError' });
    expect([io.requests, made]).toEqual([[], []]);
  });

  test.each<[string, Environment, CredentialOptions]>([
    ['a tenant that is none', appService, { federatedCredential: { ...application, tenantId: 'a/b' } }],
    ['plain http to Entra', { ...appService, AZURE_AUTHORITY_HOST: 'http://login.microsoftonline.com' }, {}],
  ])('is not asked for the sake of %s', async (_, env, options) => {
    const { io, token } = ask(env, { answers: [proof()] }, { ...asApplication, ...options });
    await expect(token).rejects.toMatchObject({ code: 'ERR_SETTING_INVALID', source: 'app-service' });
    expect(io.requests).toEqual([]);
  });

  test('gives a fresh proof to each exchange', async () => {
    const fake = fakeAzureIdentity(() => ({ token: 't', expiresOnTimestamp: start + 60_000 }));
    const io = fakeIo({ azureIdentity: fake.azureIdentity, answers: [proof('first'), proof('second')] });
    const credential = credentialIn(createWorld(io), { env: appService, ...asApplication });
    await io.settle(credential.getToken('https://vault.azure.net/.default'));
    await io.settle(credential.getToken('https://storage.azure.com/.default'));
    const proofs = await Promise.all(fake.made.map(({ args }) => (args[2] as () => Promise<string>)()));
    expect(proofs).toEqual(['first', 'second']);
  });

  test('sends claims to Entra, which understands them, and not to the host', async () => {
    const request = { claims: '{"a":1}' };
    const { io, token, made } = ask(appService, { answers: [proof()], request }, asApplication);
    await token;
    expect(io.requests[0]?.url.search).not.toContain('claims');
    expect(made[0]?.asked[0]?.options.claims).toBe('{"a":1}');
  });

  test('signs in to another tenant only where that is allowed, and asks nobody before', async () => {
    const request = { tenantId: world.otherTenantId };
    const refused = ask(appService, { answers: [proof()], request }, asApplication);
    await expect(refused.token).rejects.toMatchObject({ code: 'ERR_TENANT_NOT_ALLOWED' });
    expect(refused.io.requests).toEqual([]);
    const options = { ...asApplication, additionallyAllowedTenants: ['*'] };
    const { token, made } = ask(appService, { answers: [proof()], request }, options);
    await token;
    expect(made[0]?.asked[0]?.options.tenantId).toBe(world.otherTenantId);
  });
});

describe('what goes wrong keeps its code', () => {
  test.each<[string, Environment, Answer, string]>([
    [
      'the identity is not assigned',
      appService,
      json(400, { message: 'Unable to load requested managed identity.' }),
      'ERR_IDENTITY_NOT_FOUND',
    ],
    ['the host does not answer', appService, fileError('ECONNREFUSED'), 'ERR_UNREACHABLE'],
    ['the host is busy', appService, refusal(429, 'x'), 'ERR_THROTTLED'],
    [
      'an agent does not know user-assigned ones',
      arc,
      json(200, { access_token: 'a.b.c', expires_on: String(start / 1000 + 86_400) }),
      'ERR_IDENTITY_NOT_CONFIRMED',
    ],
  ])('when %s, and Entra is not asked', async (_, env, answer, code) => {
    const { token, made } = ask(env, { answers: [forever(answer)] }, asApplication);
    await expect(token).rejects.toMatchObject({ code });
    expect(made).toEqual([]);
  });

  test('when a key file is missing: the next candidate is asked', async () => {
    // The key file is not there, so the agent is passed over; both answer the question whether they are there.
    const challenge = { 'www-authenticate': 'Basic realm=/var/opt/azcmagent/tokens/a.key' };
    const present = refusal(400, 'invalid_request');
    const answers = [present, refusal(401, 'x', 'no', challenge), present, proof()];
    const machine = { platform: 'linux', hasFile: (path: string) => path.endsWith('/himds'), readText: () => null };
    const { io, token } = ask({}, { answers, machine }, asApplication);
    expect((await token).token).toBe('from-azure-identity');
    const [agent, service] = ['127.0.0.1:40342', '169.254.169.254'];
    expect(io.requests.map(({ url }) => url.host)).toEqual([agent, agent, service, service]);
  });

  test('when Entra does not know the subject', async () => {
    const unknown = entraRefusal(700213, "Assertion Subject: 'someone'.");
    const asked = ask(
      appService,
      { answers: [proof()], azureIdentity: fakeAzureIdentity(() => unknown) },
      asApplication,
    );
    await expect(asked.token).rejects.toMatchObject({ code: 'ERR_REFUSED', cause: copyOf(unknown.error) });
    await expect(asked.token).rejects.toThrow(
      `application ${world.applicationId} in tenant ${world.tenantId}, with the managed identity's token`,
    );
    await expect(asked.token).rejects.toThrow(`az ad app federated-credential list --id ${world.applicationId}`);
    await expectNoSecret(asked);
  });

  test.each(indiscreet(appService.IDENTITY_HEADER).map((answer) => [answer]))('without a secret after %o', (answer) =>
    expectNoSecret(ask(appService, { answers: [answer] }, asApplication)),
  );
});

test('the wording of each', async () => {
  const told: [string, Explanation][] = [];
  for (const [title, env, identity] of refused) {
    const { token } = ask(env, {}, { federatedCredential: application, ...identity });
    told.push([title, await explanationOfFailure(token)]);
  }
  await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/federated-credential.txt');
});
