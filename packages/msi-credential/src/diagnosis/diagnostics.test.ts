import { describe, expect, test } from 'vitest';
import { fakeAzureIdentity } from '../../test/fake-azure-identity.ts';
import { type FakeIo, fakeIo, forever, json, jwt, start, tokenReply } from '../../test/fake-io.ts';
import { createWorld, credentialIn } from '../credential.ts';
import type { Machine } from '../io.ts';
import type { CredentialOptions, Environment, Warning } from '../types.ts';
import { formatDiagnostics } from './report.ts';

const scope = 'https://vault.azure.net/.default';
const guid = (end: string) => `a0000000-0000-4000-8000-0000000000${end}`;
const tenantId = guid('01');
const appService = { IDENTITY_ENDPOINT: 'http://127.0.0.1:41741/msi/token', IDENTITY_HEADER: 'host-secret' };
const oldAppService = { MSI_ENDPOINT: 'http://127.0.0.1:41741/msi/token', MSI_SECRET: 'host-secret' };
const servicePrincipal = { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: guid('c3'), AZURE_CLIENT_SECRET: 'app-secret' };
const workloadIdentity = {
  AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/token',
  AZURE_TENANT_ID: tenantId,
  AZURE_CLIENT_ID: guid('c2'),
};
const gitHub = {
  ACTIONS_ID_TOKEN_REQUEST_URL: 'https://actions.example.com/idtoken',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'job-secret',
  AZURE_TENANT_ID: tenantId,
  AZURE_CLIENT_ID: guid('c3'),
};
const pipelines = {
  SYSTEM_OIDCREQUESTURI: 'https://dev.azure.com/contoso/oidctoken',
  SYSTEM_ACCESSTOKEN: 'job-secret',
  AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: guid('b3'),
  AZURESUBSCRIPTION_TENANT_ID: tenantId,
  AZURESUBSCRIPTION_CLIENT_ID: guid('c4'),
};
const onAzure: Partial<Machine> = { platform: 'linux', readText: () => '7783-7084-3265-9085-8269-3286-77\n' };

function diagnosisOf(env: Environment, options: CredentialOptions = {}, machine: Partial<Machine> = {}) {
  return credentialIn(createWorld(fakeIo({ machine })), { env, ...options }).diagnostics;
}

describe('whose token it will be is told before there is one', () => {
  test.each<[string, Environment, CredentialOptions, string]>([
    ['a service principal', servicePrincipal, {}, `application, client id ${guid('c3')}`],
    ['workload identity', workloadIdentity, {}, `application, client id ${guid('c2')}`],
    ['GitHub Actions', gitHub, {}, `application, client id ${guid('c3')}`],
    ['Azure Pipelines', pipelines, {}, `application, client id ${guid('c4')}`],
    ['workload identity by option', workloadIdentity, { clientId: guid('c9') }, `application, client id ${guid('c9')}`],
    ['a secret in the place of the id', { ...servicePrincipal, AZURE_CLIENT_ID: 'app-secret' }, {}, '(not a GUID)'],
  ])('%s', (_, env, options, identity) => {
    const diagnostics = diagnosisOf(env, options);
    expect(diagnostics.selected).toMatchObject({ identity: expect.stringContaining(identity), tenantId });
    expect(formatDiagnostics(diagnostics)).toMatch(
      new RegExp(`^  identity .*${identity.replace(/[()]/g, '\\$&')}$`, 'm'),
    );
    expect(JSON.stringify(diagnostics)).not.toContain('app-secret');
  });

  test.each<[string, Environment, CredentialOptions, string]>([
    ['the system-assigned one', {}, {}, 'system-assigned'],
    ['one from an option', {}, { objectId: guid('d2') }, `object id ${guid('d2')} (from the option objectId)`],
    ['one from AZURE_CLIENT_ID', { AZURE_CLIENT_ID: guid('c2') }, {}, `client id ${guid('c2')} (from AZURE_CLIENT_ID)`],
  ])('a candidate that is a managed identity, with %s', (_, env, options, identity) => {
    const diagnostics = diagnosisOf(env, options, onAzure);
    expect(diagnostics).toMatchObject({ status: 'candidates', identity: expect.stringContaining(identity) });
    expect(formatDiagnostics(diagnostics)).toMatch(
      new RegExp(`^  identity .*${identity.replace(/[()]/g, '\\$&')}`, 'm'),
    );
  });

  test.each<[program: string, tool: string]>([
    ['az', 'Azure CLI'],
    ['azd', 'Azure Developer CLI'],
    ['pwsh', 'Azure PowerShell'],
  ])('a person, once %s has given a token', async (program, tool) => {
    const { azureIdentity } = fakeAzureIdentity();
    const io = fakeIo({ machine: { hasProgram: (name) => name === program }, azureIdentity });
    const credential = credentialIn(createWorld(io), { env: {} });
    expect(credential.diagnostics.selected).toBeUndefined();
    const { selected } = await credential.check({ scope });
    expect(selected).toMatchObject({ title: tool, identity: `the person signed in to ${tool}` });
  });

  test('an application, with the identity that proves it', () => {
    const federatedCredential = { clientId: guid('c3'), tenantId };
    const { selected, warnings } = diagnosisOf(appService, { federatedCredential, clientId: guid('c2') });
    expect(selected).toMatchObject({
      source: 'app-service',
      title: expect.stringContaining(guid('c3')),
      identity: expect.stringContaining(`${guid('c2')} (from the option clientId)`),
      tenantId,
    });
    // The option names the proof, so it is used.
    expect(warnings).toEqual([]);
  });

  test('but not where only developer tools are candidates', () => {
    const diagnostics = diagnosisOf({}, {}, { hasProgram: (name) => name === 'az' });
    expect(diagnostics).toMatchObject({ candidates: ['azure-cli'] });
    expect(diagnostics.identity).toBeUndefined();
  });
});

describe('a virtual machine', () => {
  test('is warned of like any host: the token of another identity than AZURE_CLIENT_ID names', async () => {
    const io = fakeIo({ machine: onAzure, answers: [tokenReply(3600, start, { appid: guid('c1') })] });
    const credential = credentialIn(createWorld(io), { env: { AZURE_CLIENT_ID: guid('c9') } });
    expect(credential.diagnostics.warnings).toEqual([]);
    const { selected, warnings, principal, identity } = await credential.check();
    expect([selected?.identity, principal?.applicationId]).toEqual([expect.stringContaining(guid('c9')), guid('c1')]);
    expect(identity).toBeUndefined();
    expect(warnings.map(({ code }) => code)).toEqual(['OTHER_IDENTITY']);
  });

  test('whose metadata service has no identity warns of none when a tool gave the token', async () => {
    const { azureIdentity } = fakeAzureIdentity(() => ({
      token: jwt({ appid: guid('c1') }),
      expiresOnTimestamp: start + 3_600_000,
    }));
    const machine = { ...onAzure, hasProgram: (name: string) => name === 'az' };
    const io = fakeIo({ machine, answers: [forever(json(400, { error: 'invalid_request' }))], azureIdentity });
    const credential = credentialIn(createWorld(io), { env: { AZURE_CLIENT_ID: guid('c9') } });
    expect(await credential.check()).toMatchObject({ selected: { source: 'azure-cli' }, warnings: [] });
  });
});

test.each<[string, oids: readonly (string | undefined)[], told: string[]]>([
  ['stays', ['d1', 'd1', 'd1'], []],
  ['changes', ['d1', 'd2'], ['d1', 'd2']],
  ['has changed a token ago', ['d1', 'd2', 'd2'], ['d1', 'd2']],
  ['changes back', ['d1', 'd2', 'd1'], []],
  ['changes twice', ['d1', 'd2', 'd3'], ['d2', 'd3']],
  ['is not in a token', ['d1', undefined], []],
])('the owner of the tokens %s: the diagnosis says so', async (_, oids, told) => {
  const answers = oids.map((oid, index) => tokenReply(3600, start + index * 3_600_000, oid ? { oid: guid(oid) } : {}));
  const io = fakeIo({ answers });
  const credential = credentialIn(createWorld(io), { env: appService });
  for (const _token of oids) {
    await credential.check();
    await io.advance(3_600_000);
  }
  const changed = credential.diagnostics.warnings.filter(({ code }) => code === 'OTHER_IDENTITY');
  expect(changed).toHaveLength(told.length === 0 ? 0 : 1);
  for (const oid of told) expect(changed[0]?.message).toContain(guid(oid));
});

test('the name in a token draws nothing on a terminal', async () => {
  const name = '\u001B[2Jso\u202Eme\u009B1m\r\nbody';
  const io = fakeIo({ answers: [tokenReply(3600, start, { upn: name })] });
  const { principal } = await credentialIn(createWorld(io), { env: appService }).check();
  expect(principal?.name).toBe('some body');
});

describe('a problem', () => {
  const federatedCredential = { clientId: guid('c3'), tenantId };
  test.each<[string, Environment, CredentialOptions, string | undefined]>([
    ['a half-set source', { AZURE_CLIENT_SECRET: 's' }, {}, 'service-principal'],
    ['an identity that its host cannot be asked for', oldAppService, { objectId: guid('d2') }, 'app-service'],
    ['a candidate that cannot prove an application', {}, { federatedCredential }, 'imds'],
    ['nothing at all', {}, { source: 'app-service' }, undefined],
    ['a value of AZURE_TOKEN_CREDENTIALS', { AZURE_TOKEN_CREDENTIALS: 'nonsense' }, {}, undefined],
  ])('says whose it is: %s', (_, env, options, source) => {
    const { status, problem } = diagnosisOf(env, options, onAzure);
    expect([status, problem?.source]).toEqual(['problem', source]);
  });

  test('of one source does not hide the others that are found or half-set', () => {
    const env = { ...oldAppService, ...workloadIdentity, ...servicePrincipal, IMDS_ENDPOINT: 'http://127.0.0.1:1' };
    const diagnostics = diagnosisOf(env, { objectId: guid('d2') });
    expect(diagnostics).toMatchObject({
      problem: { code: 'ERR_IDENTITY_UNSUPPORTED', source: 'app-service' },
      shadowed: [{ source: 'workload-identity' }, { source: 'service-principal' }],
      defaultAzureCredential: expect.stringContaining('EnvironmentCredential'),
      warnings: [{ code: 'HALF_SET', message: expect.stringContaining('Azure Arc') }],
    });
  });

  test('of a half-set source tells of the other half-set ones, and not of itself', () => {
    const { warnings, problem } = diagnosisOf({ WEBSITE_SITE_NAME: 'shop', AZURE_CLIENT_SECRET: 's' });
    expect(problem?.source).toBe('app-service');
    expect(warnings).toEqual([{ code: 'HALF_SET', message: expect.stringMatching(/^Service principal/) }]);
  });

  test.each(['nonsense', 'VisualStudioCodeCredential'])(
    'with AZURE_TOKEN_CREDENTIALS=%s comes with every source and its verdict',
    (AZURE_TOKEN_CREDENTIALS) => {
      const diagnostics = diagnosisOf({ ...appService, AZURE_TOKEN_CREDENTIALS });
      expect(diagnostics.sources).toHaveLength(13);
      expect(diagnostics.shadowed).toMatchObject([{ source: 'app-service' }]);
      expect(formatDiagnostics(diagnostics)).toMatch(/^ {2}app-service +found /m);
    },
  );
});

describe('the variables', () => {
  test('that belong to no source are told, and in text where they are set', () => {
    const diagnostics = diagnosisOf({ ...appService, AZURE_MANAGED_IDENTITY_CLIENT_ID: guid('c2') });
    expect(diagnostics.variables).toEqual([
      { name: 'AZURE_TOKEN_CREDENTIALS', set: false },
      { name: 'AZURE_MANAGED_IDENTITY_CLIENT_ID', set: true },
    ]);
    expect(formatDiagnostics(diagnostics)).toContain('\nSteered by AZURE_MANAGED_IDENTITY_CLIENT_ID');
    expect(formatDiagnostics(diagnosisOf(appService))).not.toContain('Steered');
  });

  test.each([
    ['run', true],
    [' ', false],
  ])('that begin alike are told together: AZUREML_RUN_ID="%s"', (AZUREML_RUN_ID, set) => {
    const { sources } = diagnosisOf({ AZUREML_RUN_ID });
    const { variables } = sources.find(({ name }) => name === 'azure-ml') ?? {};
    expect(variables).toContainEqual({ name: 'AZUREML_*', set });
  });
});

test('the next refresh is the one that will be tried, after a failed one later than the token has it', async () => {
  const io = fakeIo({ answers: [tokenReply(24 * 3600), json(400, { message: 'no' })] });
  const credential = credentialIn(createWorld(io), { env: appService });
  await credential.getToken(scope);
  const first = Date.parse(credential.diagnostics.token?.refreshOn ?? '');
  expect(first).toBe(start + 24 * 3_600_000 * 0.5);
  await io.advance(first - start);
  await io.settle(credential.getToken(scope));
  await io.advance(1);
  const { token, attempts, cache } = credential.diagnostics;
  expect([attempts.length, cache.failures]).toEqual([2, 1]);
  expect(Date.parse(token?.refreshOn ?? '')).toBe(first + 2_000);
});

test.each<[string, object, RegExp[]]>([
  ['the identity of a managed identity', { objectId: guid('d9') }, [/the option objectId/]],
  ['another client id than its own', { clientId: guid('c9') }, [/the option clientId.*AZURE_CLIENT_ID/]],
  ['its own client id', { clientId: servicePrincipal.AZURE_CLIENT_ID }, []],
  ['none', {}, []],
])('a service principal takes no notice of some options: %s', (_, options, messages) => {
  const { warnings } = diagnosisOf(servicePrincipal, options);
  expect(warnings).toEqual(messages.map((each) => ({ code: 'OPTION_UNUSED', message: expect.stringMatching(each) })));
});

const resourceId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i';
const doubts: [title: string, Environment, CredentialOptions, names: RegExp | undefined][] = [
  ['a secret in quotes', { ...servicePrincipal, AZURE_CLIENT_SECRET: `"it's"` }, {}, /AZURE_CLIENT_SECRET.* quotes/],
  ['a quote at one end', { ...servicePrincipal, AZURE_CLIENT_SECRET: '"app-secret' }, {}, undefined],
  ['a quote alone', { ...servicePrincipal, AZURE_CLIENT_SECRET: '"' }, {}, undefined],
  ["a secret's id", { ...servicePrincipal, AZURE_CLIENT_SECRET: guid('e5') }, {}, /AZURE_CLIENT_SECRET.* GUID/],
  [
    'a certificate besides',
    { ...servicePrincipal, AZURE_CLIENT_CERTIFICATE_PATH: '/c.pem' },
    {},
    /AZURE_CLIENT_CERTIFICATE_PATH.*AZURE_CLIENT_SECRET/,
  ],
  ["an application's name", { ...servicePrincipal, AZURE_CLIENT_ID: 'shop' }, {}, /application.* GUID/],
  ['on Kubernetes', { ...workloadIdentity, AZURE_CLIENT_ID: 'shop' }, {}, /application.* GUID/],
  ['by an option', { ...servicePrincipal, AZURE_CLIENT_ID: '' }, { clientId: 'shop' }, /application.* GUID/],
  ["an identity's name", appService, { clientId: 'shop' }, /option clientId.* GUID/],
  ["an identity's name as object id", appService, { objectId: 'shop' }, /option objectId.* GUID/],
  ["an identity's name as resource id", appService, { resourceId: 'shop' }, /option resourceId.* \/subscriptions\//],
  ['a resource id', appService, { resourceId }, undefined],
  ['an object id', appService, { objectId: guid('d9') }, undefined],
  [
    'on a federated credential',
    appService,
    { federatedCredential: { clientId: 'shop', tenantId }, clientId: guid('c2') },
    /application.* GUID/,
  ],
];

describe('what can be tried, but is most likely not as it was meant, is warned of', () => {
  test.each(doubts)('%s', (_, env, options, message) => {
    const { warnings } = diagnosisOf(env, options);
    expect(warnings).toEqual(message ? [{ code: 'SETTING_DOUBTFUL', message: expect.stringMatching(message) }] : []);
  });

  test('once, where several sources might be asked', () => {
    const { candidates, warnings } = diagnosisOf({}, { clientId: 'shop' }, { ...onAzure, hasFile: () => true });
    expect(candidates).toEqual(['azure-arc', 'imds']);
    expect(warnings.map(({ code }) => code)).toEqual(['SETTING_DOUBTFUL']);
  });
});

describe('a clock that is wrong', () => {
  const seconds = start / 1000;
  test.each<[string, object, number, RegExp | undefined]>([
    ['right', { nbf: seconds - 300, exp: seconds + 3_599 }, 3_599_000, undefined],
    ['slow', { nbf: seconds + 120, exp: seconds + 4_019 }, 3_599_000, / 120 s behind /],
    // Entra says 3599 s from now, which ends later by our clock than by its own.
    ['fast', { nbf: seconds - 1_200, exp: seconds + 2_699 }, 3_599_000, / 900 s ahead /],
    ['a little fast', { nbf: seconds - 330, exp: seconds + 3_569 }, 3_599_000, undefined],
    ['unknown, the token has no claims that tell', {}, 3_599_000, undefined],
  ])('is told where Entra is asked itself: %s', async (_, claims, life, message) => {
    const { azureIdentity } = fakeAzureIdentity(() => ({ token: jwt(claims), expiresOnTimestamp: start + life }));
    const { warnings } = await credentialIn(createWorld(fakeIo({ azureIdentity })), { env: servicePrincipal }).check();
    expect(warnings).toEqual(message ? [{ code: 'CLOCK_SKEW', message: expect.stringMatching(message) }] : []);
  });

  test('and fast is not guessed from what a host says, which may have kept its answer', async () => {
    const body = { access_token: jwt({ exp: seconds + 600 }), expires_in: '3600' };
    const io = fakeIo({ answers: [json(200, body)] });
    expect((await credentialIn(createWorld(io), { env: appService }).check()).warnings).toEqual([]);
  });
});

test('the wording of each warning', async () => {
  const clock = (claims: object) => ({
    env: servicePrincipal,
    io: fakeIo(fakeAzureIdentity(() => ({ token: jwt(claims), expiresOnTimestamp: start + 3_599_000 }))),
  });
  const withToken = async ({ io, env, ...options }: CredentialOptions & { io: FakeIo }) =>
    (await credentialIn(createWorld(io), { env, ...options }).check({ scope })).warnings;
  const seconds = start / 1000;
  const remote = { ...appService, IDENTITY_ENDPOINT: 'https://token.example.com/msi' };
  const rows: [title: string, readonly Warning[]][] = [
    ['half-set and passed over', diagnosisOf({ WEBSITE_SITE_NAME: 'shop', ...servicePrincipal }).warnings],
    ['half-set, beside another one', diagnosisOf({ WEBSITE_SITE_NAME: 'shop', AZURE_CLIENT_SECRET: 's' }).warnings],
    ['a public endpoint', diagnosisOf(remote).warnings],
    ['an identity from AZURE_CLIENT_ID', diagnosisOf({ ...appService, AZURE_CLIENT_ID: guid('c2') }).warnings],
    ['an object id for an application', diagnosisOf(servicePrincipal, { objectId: guid('d9') }).warnings],
    ['another client id for an application', diagnosisOf(servicePrincipal, { clientId: guid('c9') }).warnings],
    ...doubts.map(([title, env, options]): [string, readonly Warning[]] => [title, diagnosisOf(env, options).warnings]),
    [
      'the token of another identity',
      await withToken({
        env: appService,
        clientId: guid('c2'),
        io: fakeIo({ answers: [tokenReply(3600, start, { appid: guid('c1') })] }),
      }),
    ],
    ['a slow clock', await withToken(clock({ nbf: seconds + 120, exp: seconds + 4_019 }))],
    ['a fast clock', await withToken(clock({ nbf: seconds - 1_200, exp: seconds + 2_699 }))],
  ];
  const warned = rows.filter(([, warnings]) => warnings.length > 0);
  const told = warned.map(([title, warnings]) =>
    [title, ...warnings.map(({ code, message }) => `  ${code}: ${message}`), ''].join('\n'),
  );
  await expect(told.join('\n')).toMatchFileSnapshot('./__snapshots__/warnings.txt');
});
