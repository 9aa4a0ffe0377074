import { describe, expect, test } from 'vitest';
import { ask, copyOf, detect, fileError, marker, world } from '../../../test/ask.ts';
import { catalogueOf, explanationOfFailure } from '../../../test/catalogue.ts';
import { detectionsOf } from '../../../test/detections.ts';
import { fakeAzureIdentity } from '../../../test/fake-azure-identity.ts';
import { fakeIo } from '../../../test/fake-io.ts';
import { goldenRows } from '../../../test/golden.ts';
import { expectSignIn } from '../../../test/golden-application.ts';
import type { Explanation } from '../../codes.ts';
import { createWorld, credentialIn } from '../../credential.ts';
import type { CredentialOptions, Environment } from '../../types.ts';
import { workloadIdentity } from './workload-identity.ts';

const file = '/var/run/secrets/azure/tokens/azure-identity-token';
/** What the webhook sets, with the slash that it puts at the end of the authority. */
const pod = {
  AZURE_FEDERATED_TOKEN_FILE: file,
  AZURE_TENANT_ID: world.tenantId,
  AZURE_CLIENT_ID: world.clientId,
  AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.com/',
  KUBERNETES_SERVICE_HOST: '10.0.0.1',
};
const proxied = { ...pod, AZURE_KUBERNETES_TOKEN_PROXY: 'https://10.0.0.1/proxy' };

/** An error of `@azure/identity`, which wraps what happened beneath it. */
const wrapped = (message: string, cause?: Error) =>
  Object.assign(new Error(message, { cause }), { name: 'AuthenticationRequiredError' });
const unavailable = (message: string) => Object.assign(new Error(message), { name: 'CredentialUnavailableError' });

const detections: [title: string, Environment, CredentialOptions, verdict: string, more: object][] = [
  ['found by its three variables', pod, {}, 'found', { offer: { host: 'Kubernetes' } }],
  ['found where the newer webhook puts the file', { ...pod, AZURE_FEDERATED_TOKEN_FILE: '/x/wi' }, {}, 'found', {}],
  ['found with the client as an option', { ...pod, AZURE_CLIENT_ID: '' }, { clientId: 'c' }, 'found', {}],
  ['found with the tenant as an option', { ...pod, AZURE_TENANT_ID: '' }, { tenantId: 'contoso.com' }, 'found', {}],
  [
    'found behind a token proxy',
    proxied,
    {},
    'found',
    { offer: { reason: expect.stringContaining('AZURE_KUBERNETES_TOKEN_PROXY') } },
  ],
  ['half-set without tenant', { ...pod, AZURE_TENANT_ID: ' ' }, {}, 'partial', { missing: ['AZURE_TENANT_ID'] }],
  ['half-set without client', { ...pod, AZURE_CLIENT_ID: undefined }, {}, 'partial', { missing: ['AZURE_CLIENT_ID'] }],
  [
    'half-set with the file alone',
    { AZURE_FEDERATED_TOKEN_FILE: file },
    {},
    'partial',
    { missing: ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID'] },
  ],
  [
    'half-set with a tenant that is none',
    { ...pod, AZURE_TENANT_ID: 'a b' },
    {},
    'partial',
    { problem: { code: 'ERR_SETTING_INVALID', cause: expect.stringContaining('AZURE_TENANT_ID') } },
  ],
  [
    'half-set with plain http to Entra',
    { ...pod, AZURE_AUTHORITY_HOST: 'http://login.microsoftonline.com' },
    {},
    'partial',
    { problem: { code: 'ERR_SETTING_INVALID', cause: expect.stringContaining('AZURE_AUTHORITY_HOST') } },
  ],
  ['absent without the file', { ...pod, AZURE_FEDERATED_TOKEN_FILE: '' }, {}, 'absent', {}],
  ['absent with nothing', {}, {}, 'absent', {}],
];

const proxies: [title: string, Environment, code: string, variable: string][] = [
  [
    'on plain http',
    { AZURE_KUBERNETES_TOKEN_PROXY: 'http://10.0.0.1' },
    'ERR_SETTING_INVALID',
    'AZURE_KUBERNETES_TOKEN_PROXY',
  ],
  [
    'that is no URL',
    { AZURE_KUBERNETES_TOKEN_PROXY: '10.0.0.1:443' },
    'ERR_SETTING_INVALID',
    'AZURE_KUBERNETES_TOKEN_PROXY',
  ],
  [
    'with a password',
    { AZURE_KUBERNETES_TOKEN_PROXY: `https://a:${marker}@b` },
    'ERR_SETTING_INVALID',
    'AZURE_KUBERNETES_TOKEN_PROXY',
  ],
  [
    'with a query',
    { AZURE_KUBERNETES_TOKEN_PROXY: 'https://a/?b=c' },
    'ERR_SETTING_INVALID',
    'AZURE_KUBERNETES_TOKEN_PROXY',
  ],
  [
    'with a fragment',
    { AZURE_KUBERNETES_TOKEN_PROXY: 'https://a/#b' },
    'ERR_SETTING_INVALID',
    'AZURE_KUBERNETES_TOKEN_PROXY',
  ],
  [
    'with two certificates',
    { ...proxied, AZURE_KUBERNETES_CA_FILE: '/ca.pem', AZURE_KUBERNETES_CA_DATA: 'PEM' },
    'ERR_SETTING_INVALID',
    'AZURE_KUBERNETES_CA_DATA',
  ],
  [
    'whose address is missing',
    { AZURE_KUBERNETES_SNI_NAME: 'a' },
    'ERR_SOURCE_INCOMPLETE',
    'AZURE_KUBERNETES_TOKEN_PROXY',
  ],
  [
    'whose address is blank',
    { AZURE_KUBERNETES_CA_FILE: '/ca', AZURE_KUBERNETES_TOKEN_PROXY: ' ' },
    'ERR_SOURCE_INCOMPLETE',
    'AZURE_KUBERNETES_TOKEN_PROXY',
  ],
];

describe('workload-identity is', () => {
  test.each(detections)('%s', (_, env, options, verdict, more) => {
    const detection = detect(workloadIdentity, env, options);
    expect(detection).toMatchObject({ verdict, ...more });
    if (detection.verdict !== 'partial') return;
    const { missing, problem } = detection;
    for (const name of missing) expect(problem.cause).toContain(name);
    if (missing.length > 0) expect(problem.fix[0]?.text).toContain('azure.workload.identity/use');
  });

  test.each(proxies)('half-set with a token proxy %s', (_, env, code, variable) => {
    const detection = detect(workloadIdentity, { ...pod, ...env });
    const problem = { code, cause: expect.stringContaining(variable) };
    expect(detection).toMatchObject({ verdict: 'partial', problem });
    expect(JSON.stringify(detection)).not.toContain(marker);
  });
});

describe('the golden file', () => {
  test.each(goldenRows('workload-identity'))('%s', (_, row) => expectSignIn('workload-identity', row));
});

/** What `@azure/identity` fails with before it sends anything, and what the explanation names. */
const files: [title: string, Error, code: string, names: readonly string[]][] = [
  [
    'the file is missing',
    wrapped("ENOENT: no such file or directory, open '/x'", fileError('ENOENT')),
    'ERR_FILE_UNREADABLE',
    ['AZURE_FEDERATED_TOKEN_FILE', '(ENOENT)', `${file}.`],
  ],
  [
    'the file may not be read',
    wrapped('EACCES: permission denied', fileError('EACCES')),
    'ERR_FILE_UNREADABLE',
    ['AZURE_FEDERATED_TOKEN_FILE', '(EACCES)', `${file}.`],
  ],
  [
    'the file is empty',
    wrapped('no', unavailable('No content on the file /x.')),
    'ERR_FILE_UNREADABLE',
    ['AZURE_FEDERATED_TOKEN_FILE', 'empty', `${file}.`],
  ],
  [
    "the token proxy's file is empty",
    unavailable('is unavailable. CA certificate file is empty: /ca.'),
    'ERR_SETTING_INVALID',
    ['CA certificate file is empty: /ca. '],
  ],
];

describe('workload-identity, asked', () => {
  const options = {
    tenantId: world.tenantId,
    clientId: world.clientId,
    tokenFilePath: file,
    authorityHost: 'https://login.microsoftonline.com',
    disableInstanceDiscovery: false,
    additionallyAllowedTenants: [],
    additionalPolicies: [expect.anything()],
  };
  test.each<[string, Environment, CredentialOptions, object]>([
    ['with what the webhook set', pod, {}, options],
    [
      'as another application of the pod',
      pod,
      { clientId: world.applicationId },
      { ...options, clientId: world.applicationId },
    ],
    ['through the token proxy', proxied, {}, { ...options, enableAzureProxy: true }],
    [
      'in another cloud, for more tenants',
      { ...pod, AZURE_AUTHORITY_HOST: 'https://login.chinacloudapi.cn', AZURE_ADDITIONALLY_ALLOWED_TENANTS: 'a; b;' },
      {},
      { ...options, authorityHost: 'https://login.chinacloudapi.cn', additionallyAllowedTenants: ['a', 'b'] },
    ],
  ])('signs in %s', async (_, env, given, expected) => {
    const { token, made } = ask(env, {}, given);
    await token;
    expect(made).toMatchObject([
      { credential: 'WorkloadIdentityCredential', asked: [{ scope: 'https://vault.azure.net/.default' }] },
    ]);
    expect(made[0]?.args).toEqual([expected]);
  });

  test('makes the credential anew for each exchange, so that the file is read again after it was replaced', async () => {
    const fake = fakeAzureIdentity();
    const credential = credentialIn(createWorld(fakeIo({ azureIdentity: fake.azureIdentity })), { env: pod });
    await credential.getToken('https://vault.azure.net/.default');
    await credential.getToken('https://storage.azure.com/.default');
    expect(fake.made).toHaveLength(2);
  });

  test.each(files)('%s', async (_, cause, code, names) => {
    const asked = ask(pod, { azureIdentity: fakeAzureIdentity(() => cause) });
    await expect(asked.token).rejects.toMatchObject({ code, cause: copyOf(cause), source: 'workload-identity' });
    for (const name of names) await expect(asked.token).rejects.toThrow(name);
  });

  test('does not take a connection that is cut for the file', async () => {
    const outcome = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
    const azureIdentity = fakeAzureIdentity(() => ({ outcome, error: wrapped('network_error', outcome) }));
    const { token } = ask(pod, { azureIdentity });
    await expect(token).rejects.toMatchObject({
      code: 'ERR_UNREACHABLE',
      message: expect.stringContaining('login.microsoftonline.com, port 443'),
    });
  });

  test('asks in another tenant only where that is allowed', async () => {
    const request = { tenantId: world.otherTenantId };
    const refused = ask(pod, { request });
    await expect(refused.token).rejects.toMatchObject({ code: 'ERR_TENANT_NOT_ALLOWED' });
    expect(refused.made).toEqual([]);
    const { token, made } = ask({ ...pod, AZURE_ADDITIONALLY_ALLOWED_TENANTS: '*' }, { request });
    await token;
    expect(made[0]?.asked[0]?.options.tenantId).toBe(world.otherTenantId);
  });
});

test('a token file of another user leads to the group of the pod', async () => {
  const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', syscall: 'open' });
  const env = {
    AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/token',
    AZURE_TENANT_ID: world.tenantId,
    AZURE_CLIENT_ID: world.clientId,
  };
  const { token } = ask(env, { azureIdentity: fakeAzureIdentity(() => denied) });
  await expect(token).rejects.toMatchObject({ hint: expect.stringMatching(/securityContext\.fsGroup.*runAsUser/) });
  await expect(token).rejects.not.toMatchObject({ hint: expect.stringContaining('restart the pod') });
});

test('the wording of each', async () => {
  const found = [
    ...detections.map(([title, env, options]) => [title, detect(workloadIdentity, env, options)] as const),
    ...proxies.map(([title, env]) => [`a token proxy ${title}`, detect(workloadIdentity, { ...pod, ...env })] as const),
  ];
  const told: [string, Explanation][] = [];
  for (const [title, cause] of files) {
    const { token } = ask(pod, { azureIdentity: fakeAzureIdentity(() => cause) });
    told.push([title, await explanationOfFailure(token)]);
  }
  const catalogue = [detectionsOf(found), catalogueOf(told)].join('\n');
  await expect(catalogue).toMatchFileSnapshot('./__snapshots__/workload-identity.txt');
});
