import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { type FakeIo, fakeIo, json, jwt, start, tokenReply } from '../test/fake-io.ts';
import { createWorld, credentialIn } from './credential.ts';
import { formatDiagnostics } from './diagnosis/report.ts';
import { AuthenticationError, CredentialUnavailableError, diagnose, getKeyVaultCredential } from './index.ts';
import type { Environment } from './types.ts';

const scope = 'https://vault.azure.net/.default';
const guid = 'a0000000-0000-4000-8000-0000000000c2';
const appService = { IDENTITY_ENDPOINT: 'http://127.0.0.1:41741/msi/token', IDENTITY_HEADER: 'host-secret' };
const servicePrincipal = { AZURE_TENANT_ID: 'contoso.com', AZURE_CLIENT_ID: guid, AZURE_CLIENT_SECRET: 'app-secret' };

describe('getKeyVaultCredential', () => {
  test('decides by process.env when nothing else is given, and returns at once whatever it holds', () => {
    expect(getKeyVaultCredential().diagnostics.version).toBe(1);
    expect(diagnose({ env: {} }).status).toMatch(/problem|candidates/);
  });

  test.each<[string, Environment, string, string]>([
    [
      'MSI_ENDPOINT without its secret on App Service',
      { WEBSITE_SITE_NAME: 'a', MSI_ENDPOINT: 'http://127.0.0.1/msi' },
      'ERR_SOURCE_INCOMPLETE',
      'MSI_SECRET',
    ],
    [
      'AZURE_CLIENT_SECRET without tenant',
      { ...servicePrincipal, AZURE_TENANT_ID: undefined },
      'ERR_SOURCE_INCOMPLETE',
      'AZURE_TENANT_ID',
    ],
    [
      'a malformed endpoint',
      { ...appService, IDENTITY_ENDPOINT: 'nonsense' },
      'ERR_ENDPOINT_MALFORMED',
      'IDENTITY_ENDPOINT',
    ],
    [
      'a public plain-http endpoint',
      { ...appService, IDENTITY_ENDPOINT: 'http://example.com/' },
      'ERR_ENDPOINT_PUBLIC',
      'IDENTITY_ENDPOINT',
    ],
    ['App Service without identity', { WEBSITE_SITE_NAME: 'a' }, 'ERR_HOST_WITHOUT_IDENTITY', 'then restart'],
    ['nothing', {}, 'ERR_NO_SOURCE', 'az login'],
  ])('returns for %s; getToken throws %s', async (_, env, code, words) => {
    const io = fakeIo();
    const credential = credentialIn(createWorld(io), { env });
    const error = await credential.getToken(scope).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(CredentialUnavailableError);
    expect(error).toMatchObject({ name: 'CredentialUnavailableError', code, message: expect.stringContaining(words) });
    expect(error.docs).toContain(`#${code.toLowerCase()}`);
    expect(error.diagnostics.problem.code).toBe(code);
    expect(io.requests).toHaveLength(0);
  });

  test.each([
    [{ clientId: guid, objectId: guid }, 'ERR_TWO_IDENTITIES'],
    [{ timeoutMs: 0 }, 'ERR_TIMEOUT_INVALID'],
    [{ timeoutMs: Number.NaN }, 'ERR_TIMEOUT_INVALID'],
    [{ source: 'nowhere' as 'imds' }, 'ERR_UNKNOWN_SOURCE'],
  ])('throws a TypeError for misuse: %j', (options, code) => {
    expect(() => getKeyVaultCredential({ env: {}, ...options })).toThrow(
      expect.objectContaining({ name: 'TypeError', code }),
    );
  });

  test.each<[unknown, string]>([
    [guid, 'The options are not an object.'],
    [5, 'The options are not an object.'],
    [[], 'The options are not an object.'],
    [{ clientId: 5 }, 'The option clientId is not a string.'],
    [{ objectId: {} }, 'The option objectId is not a string.'],
    [{ clientId: null }, 'The option clientId is not a string.'],
    [{ source: 5 }, 'The option source is not the name of a source or a list of them.'],
    [{ source: ['imds', 5] }, 'The option source is not the name of a source or a list of them.'],
    [{ additionallyAllowedTenants: '*' }, 'The option additionallyAllowedTenants is not a list of strings.'],
    [
      { federatedCredential: { clientId: guid } },
      'The option federatedCredential is not an object with clientId and tenantId.',
    ],
    [{ env: 'production' }, 'The option env is not an object.'],
    [{ sources: 'imds' }, 'There is no option sources; it is spelt source.'],
    [{ clientID: guid }, 'There is no option clientID; it is spelt clientId.'],
    [{ client_id: guid }, 'There is no option client_id; it is spelt clientId.'],
    [{ managedIdentityClientId: guid }, 'There is no option managedIdentityClientId; it is spelt clientId.'],
  ])('throws a TypeError for what a compiler would have refused: %j', (options, words) => {
    for (const use of [getKeyVaultCredential, diagnose]) {
      expect(() => use(options as object)).toThrow(
        expect.objectContaining({
          name: 'TypeError',
          code: 'ERR_OPTION_INVALID',
          message: expect.stringContaining(words),
        }),
      );
    }
  });

  test.each([null, undefined, {}, { clientId: undefined, sources: undefined }, { vaultUrl: 'https://x', logger: 5 }])(
    'takes no options, and objects that hold more: %j',
    (options) => {
      expect(getKeyVaultCredential(options as object).diagnostics.version).toBe(1);
    },
  );
});

describe('getToken', () => {
  test.each([[[]], [[scope, scope]], [''], [' '], [undefined], [null], [5], [{}], [[5]]])(
    'takes exactly one scope, not %j',
    async (scopes) => {
      const credential = credentialIn(createWorld(fakeIo({ answers: [tokenReply()] })), { env: appService });
      await expect(credential.getToken(scopes as string)).rejects.toMatchObject({
        name: 'TypeError',
        code: 'ERR_SCOPE',
      });
    },
  );

  test('100 concurrent calls over 5 credentials make one request', async () => {
    const io = fakeIo({ answers: [tokenReply()] });
    const world = createWorld(io);
    const credentials = Array.from({ length: 5 }, () => credentialIn(world, { env: { ...appService } }));
    const calls = Array.from({ length: 100 }, (_, index) =>
      credentials[index % 5]?.getToken(index % 2 ? scope : [scope]),
    );
    const tokens = await Promise.all(calls);
    expect(new Set(tokens).size).toBe(1);
    expect(io.requests).toHaveLength(1);
  });

  test('keeps identities, resources and secrets apart, but not the hints that a host cannot follow', async () => {
    const io = fakeIo({ answers: [tokenReply()] });
    const world = createWorld(io);
    const ask = (env: Environment, options: object, to = scope, request = {}) =>
      credentialIn(world, { env, ...options }).getToken(to, request);
    await ask(appService, {});
    await ask(appService, { clientId: guid });
    await ask(appService, {}, 'https://storage.azure.com/.default');
    await ask({ ...appService, IDENTITY_HEADER: 'other' }, {});
    expect(io.requests).toHaveLength(4);
    await ask(appService, {}, 'https://vault.azure.net');
    await ask(appService, {}, scope, { tenantId: 'fabrikam.com', enableCae: true });
    expect(io.requests).toHaveLength(4);
  });

  test('a failing source does not make another one try', async () => {
    const azureIdentity = vi.fn();
    const io = fakeIo({ answers: [json(400, {})], azureIdentity });
    const credential = credentialIn(createWorld(io), { env: { ...appService, ...servicePrincipal } });
    await expect(credential.getToken(scope)).rejects.toBeInstanceOf(AuthenticationError);
    expect(azureIdentity).not.toHaveBeenCalled();
  });

  test("honours the request's own timeout", async () => {
    const io = fakeIo({ answers: [() => new Promise(() => {})] });
    const credential = credentialIn(createWorld(io), { env: appService });
    const call = credential.getToken(scope, { requestOptions: { timeout: 70 } });
    await expect(io.settle(call)).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
      message: expect.stringContaining('70 ms'),
    });
    expect(io.now()).toBe(start + 70);
  });

  // What a program gives there is handed on by the Azure SDK as it is.
  test.each([0, -1, Number.NaN, undefined, 'soon' as never])('takes no notice of the timeout %s', async (timeout) => {
    const io = fakeIo({ answers: [() => new Promise(() => {})] });
    const credential = credentialIn(createWorld(io), { env: appService, timeoutMs: 5_000 });
    const call = credential.getToken(scope, { requestOptions: { timeout } as { timeout: number } });
    await expect(io.settle(call)).rejects.toThrow('No token within 5000 ms');
  });

  test.each([Number.POSITIVE_INFINITY, 2 ** 31, Number.MAX_VALUE])(
    'with a timeout of %d waits as long as a timer can, without a warning of it',
    async (timeout) => {
      const limits: number[] = [];
      const io = fakeIo({ answers: [tokenReply()] });
      const after: FakeIo['after'] = (ms, ...rest) => {
        limits.push(ms);
        return io.after(ms, ...rest);
      };
      const credential = credentialIn(createWorld({ ...io, after }), { env: appService });
      await io.settle(credential.getToken(scope, { requestOptions: { timeout } }));
      expect(Math.max(...limits)).toBe(2 ** 31 - 1);
    },
  );

  test.each<[string, number, string]>([
    ['throttled', 429, 'Wait as long as the service asks'],
    ['failing', 503, 'It answers, and fails'],
  ])('tells of a service that was %s until the time was up', async (_, status, hint) => {
    const io = fakeIo({ answers: [json(status, {}, { 'retry-after': '50' })] });
    const call = credentialIn(createWorld(io), { env: appService, timeoutMs: 10_000 }).getToken(scope);
    await expect(io.settle(call)).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
      status,
      summary: `No token within 10000 ms from App Service managed identity at http://127.0.0.1:41741/msi/token; the last answer was ${status}.`,
      hint: expect.stringContaining(hint),
    });
  });

  test('tells no answer that was not the end of it', async () => {
    const io = fakeIo({ answers: [json(503, {}), () => new Promise(() => {})] });
    const after503 = credentialIn(createWorld(io), { env: appService, timeoutMs: 5_000 }).getToken(scope);
    await expect(io.settle(after503)).rejects.toMatchObject({ status: 503 });
    const challenge = { status: 401, headers: { 'www-authenticate': 'Basic realm=/var/opt/azcmagent/tokens/a.key' } };
    const arc = { IDENTITY_ENDPOINT: 'http://127.0.0.1:40342/x', IMDS_ENDPOINT: 'http://127.0.0.1:40342' };
    const agent = fakeIo({
      answers: [{ ...challenge, body: '' }, () => new Promise(() => {})],
      readTrustedFile: () => Promise.resolve('key'),
    });
    const call = credentialIn(createWorld(agent), { env: arc, timeoutMs: 5_000 }).getToken(scope);
    await expect(agent.settle(call)).rejects.toMatchObject({ code: 'ERR_TIMEOUT', status: undefined });
  });

  test('check gets a token now and returns the diagnosis with whose it is', async () => {
    const io = fakeIo({ answers: [tokenReply(3600, start, { oid: guid, appid: guid, tid: guid })] });
    const diagnostics = await credentialIn(createWorld(io), { env: appService }).check();
    expect(diagnostics).toMatchObject({
      status: 'chosen',
      selected: { source: 'app-service', identity: 'system-assigned' },
      principal: { objectId: guid, applicationId: guid, tenantId: guid },
      token: { resource: 'https://vault.azure.net', expiresOn: '2026-11-23T01:00:00.000Z' },
      attempts: [{ source: 'app-service', outcome: 'token', background: false }],
      cache: { flights: 1 },
    });
  });
});

describe('the diagnosis', () => {
  const diagnosisOf = (env: Environment, options = {}) =>
    credentialIn(createWorld(fakeIo()), { env, ...options }).diagnostics;

  test('tells what is passed over and what DefaultAzureCredential would have done', () => {
    const diagnostics = diagnosisOf({ ...appService, ...servicePrincipal });
    expect(diagnostics.shadowed.map(({ source }) => source)).toEqual(['service-principal']);
    expect(diagnostics.defaultAzureCredential).toContain('EnvironmentCredential');
  });

  test('warns of a half-set source before the chosen one, and of AZURE_CLIENT_ID taken as an identity', () => {
    const half = diagnosisOf({ WEBSITE_SITE_NAME: 'a', ...servicePrincipal });
    expect(half.warnings.map(({ code }) => code)).toEqual(['HALF_SET']);
    const fallback = diagnosisOf({ ...appService, AZURE_CLIENT_ID: guid });
    expect(fallback.warnings.map(({ code }) => code)).toEqual(['CLIENT_ID_FALLBACK']);
    expect(fallback.selected?.identity).toBe(`user-assigned, client id ${guid} (from AZURE_CLIENT_ID)`);
  });

  test('warns when the token bears another identity than the one asked for', async () => {
    const io = fakeIo({ answers: [tokenReply(3600, start, { appid: 'a0000000-0000-4000-8000-0000000000c1' })] });
    const { warnings } = await credentialIn(createWorld(io), { env: appService, clientId: guid }).check();
    expect(warnings).toEqual([{ code: 'OTHER_IDENTITY', message: expect.stringContaining('c1') }]);
  });

  test('warns of a token that is valid only later, and of an identity endpoint that is not on the host', async () => {
    const io = fakeIo({ answers: [tokenReply(3600, start, { nbf: start / 1000 + 300 })] });
    const env = { ...appService, IDENTITY_ENDPOINT: 'https://token.example.com/msi' };
    const { warnings } = await credentialIn(createWorld(io), { env }).check();
    expect(warnings).toEqual([
      { code: 'REMOTE_ENDPOINT', message: expect.stringContaining('token.example.com') },
      { code: 'CLOCK_SKEW', message: expect.stringContaining('300 s behind') },
    ]);
  });

  test('is plain data: JSON and back, and the same input gives the same answer', () => {
    const diagnostics = diagnosisOf(appService);
    expect(JSON.parse(JSON.stringify(diagnostics))).toEqual(diagnostics);
    expect(diagnosisOf(appService)).toEqual(diagnostics);
  });

  test('is told in text', () => {
    expect(formatDiagnostics(diagnosisOf({ ...appService, ...servicePrincipal }))).toMatchInlineSnapshot(`
      "Chosen: App Service managed identity
        because  IDENTITY_ENDPOINT and IDENTITY_HEADER are set (protocol 2019-08-01)
        identity system-assigned
      Sources, in the order in which they are considered:
        service-fabric       absent   IDENTITY_SERVER_THUMBPRINT is not set
        app-service          found    IDENTITY_ENDPOINT and IDENTITY_HEADER are set (protocol 2019-08-01)
        azure-ml             absent   DEFAULT_IDENTITY_CLIENT_ID is not set
        azure-arc            unknown  its agent was not looked for
        cloud-shell          absent   MSI_ENDPOINT is not set
        workload-identity    absent   AZURE_FEDERATED_TOKEN_FILE is not set
        service-principal    found    AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET are set
        github-actions       absent   ACTIONS_ID_TOKEN_REQUEST_URL is not set
        azure-pipelines      absent   SYSTEM_OIDCREQUESTURI is not set
        imds                 unknown  the machine was not looked at
        azure-cli            unknown  not looked for
        azure-developer-cli  unknown  not looked for
        azure-powershell     unknown  not looked for
      Passed over: service-principal (AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET are set)
      DefaultAzureCredential would use EnvironmentCredential (service-principal) here."
    `);
    expect(formatDiagnostics(diagnosisOf({ WEBSITE_SITE_NAME: 'shop' }))).toMatchInlineSnapshot(`
      "Problem: This is App Service, but managed identity is not enabled on this app: IDENTITY_ENDPOINT and IDENTITY_HEADER are not set.
        what to do  Enable it (az webapp identity assign --name APP --resource-group GROUP), then restart the app: the variables are set when a process starts.
        ERR_HOST_WITHOUT_IDENTITY, https://github.com/msi-credential/msi-credential/blob/main/docs/troubleshooting.md#err_host_without_identity
      Sources, in the order in which they are considered:
        service-fabric       absent   IDENTITY_SERVER_THUMBPRINT is not set
        app-service          partial  This is App Service, but managed identity is not enabled on this app: IDENTITY_ENDPOINT and IDENTITY_HEADER are not set.
        azure-ml             absent   DEFAULT_IDENTITY_CLIENT_ID is not set
        azure-arc            unknown  its agent was not looked for
        cloud-shell          absent   MSI_ENDPOINT is not set
        workload-identity    absent   AZURE_FEDERATED_TOKEN_FILE is not set
        service-principal    absent   neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH is set
        github-actions       absent   ACTIONS_ID_TOKEN_REQUEST_URL is not set
        azure-pipelines      absent   SYSTEM_OIDCREQUESTURI is not set
        imds                 unknown  the machine was not looked at
        azure-cli            unknown  not looked for
        azure-developer-cli  unknown  not looked for
        azure-powershell     unknown  not looked for"
    `);
  });
});

describe('secrets', () => {
  const marker = 'marker-secret';
  const names = [
    'IDENTITY_ENDPOINT',
    'IDENTITY_HEADER',
    'IDENTITY_SERVER_THUMBPRINT',
    'IMDS_ENDPOINT',
    'MSI_ENDPOINT',
    'MSI_SECRET',
    'AZURE_TENANT_ID',
    'AZURE_CLIENT_ID',
    'AZURE_CLIENT_SECRET',
    'AZURE_CLIENT_CERTIFICATE_PATH',
    'AZURE_CLIENT_CERTIFICATE_PASSWORD',
    'AZURE_FEDERATED_TOKEN_FILE',
    'AZURE_AUTHORITY_HOST',
    'AZURE_TOKEN_CREDENTIALS',
    'AZURE_ADDITIONALLY_ALLOWED_TENANTS',
    'AZURE_MANAGED_IDENTITY_CLIENT_ID',
    'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
    'ACTIONS_ID_TOKEN_REQUEST_URL',
    'SYSTEM_ACCESSTOKEN',
    'SYSTEM_OIDCREQUESTURI',
    'WEBSITE_SITE_NAME',
    'CONTAINER_APP_NAME',
    'AZURE_POD_IDENTITY_AUTHORITY_HOST',
    'DEFAULT_IDENTITY_CLIENT_ID',
  ];

  /** Everything that may be printed of one call. */
  async function everythingSaid(io: FakeIo, env: Environment): Promise<string> {
    const credential = credentialIn(createWorld(io), { env });
    const error = await io.settle(credential.getToken(scope).catch((thrown: unknown) => thrown));
    const said = [
      credential,
      credential.diagnostics,
      error instanceof Error ? [error, error.cause, (error as AuthenticationError).diagnostics] : '',
    ];
    return [
      inspect(said, { depth: 20, showHidden: true }),
      JSON.stringify(said),
      formatDiagnostics(credential.diagnostics),
      String(error instanceof Error ? error.stack : ''),
    ].join('\n');
  }

  const marked = (name: string) =>
    /ENDPOINT|AUTHORITY|_URL|URI$/.test(name) ? `http://127.0.0.1:1/x?sig=${marker}` : marker;

  test('planted in any variable, alone or with all others, appear nowhere', async () => {
    const all = Object.fromEntries(names.map((name) => [name, marked(name)]));
    const environments = [
      all,
      Object.fromEntries(names.map((name) => [name, marker])),
      ...names.map((name) => ({ [name]: marker })),
      ...names.map((name) => ({ ...all, [name]: undefined })),
      ...names.map((name) => ({ ...appService, [name]: marker })),
    ];
    for (const env of environments) {
      const io = fakeIo({
        answers: [({ headers }) => ({ status: 400, headers: {}, body: `no: ${Object.values(headers).join(' ')}` })],
      });
      expect(await everythingSaid(io, env as Environment), JSON.stringify(env)).not.toContain(marker);
    }
  });

  const secretToken = jwt({ oid: guid, nonce: marker });
  test.each([
    ['a token without expiry', json(200, { access_token: marker })],
    ['a cut-off answer', { status: 200, headers: {}, body: `{"access_token":"${marker}` }],
    ['a token in plain text', { status: 200, headers: {}, body: marker }],
    ['a refusal that repeats the token', json(400, { message: `bad ${secretToken}`, access_token: marker })],
    ["a refusal that repeats the host's secret", json(401, { message: 'wrong secret host-secret' })],
    ['an error page that holds a token', { status: 502, headers: {}, body: `{"access_token":"${marker}"` }],
    ['a good token', json(200, { access_token: jwt({ oid: guid, nonce: marker }), expires_on: start / 1000 + 3600 })],
  ])('in an answer appear nowhere: %s', async (_, answer) => {
    const said = await everythingSaid(fakeIo({ answers: [answer] }), appService);
    expect(said).not.toContain(marker);
    expect(said).not.toContain('host-secret');
    expect(said).not.toContain(secretToken);
  });
});
