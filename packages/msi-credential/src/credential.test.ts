import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { catalogueOf, explanationOfFailure } from '../test/catalogue.ts';
import { fakeAzureIdentity } from '../test/fake-azure-identity.ts';
import { type Answer, type FakeIo, fakeIo, forever, json, jwt, start, tokenReply } from '../test/fake-io.ts';
import { type Explanation, explain } from './codes.ts';
import { createWorld, credentialIn } from './credential.ts';
import { formatDiagnostics } from './diagnosis/report.ts';
import { AuthenticationError, CredentialUnavailableError, diagnose, getKeyVaultCredential } from './index.ts';
import type { HttpReply, HttpRequest } from './io.ts';
import type { Environment } from './types.ts';

const scope = 'https://vault.azure.net/.default';
const guid = 'a0000000-0000-4000-8000-0000000000c2';
const appService = { IDENTITY_ENDPOINT: 'http://127.0.0.1:41741/msi/token', IDENTITY_HEADER: 'host-secret' };
const servicePrincipal = { AZURE_TENANT_ID: 'contoso.com', AZURE_CLIENT_ID: guid, AZURE_CLIENT_SECRET: 'app-secret' };

/** What the environment may hold, what `getToken` throws for it, and what that names. */
const problems: [title: string, Environment, code: string, names: string][] = [
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
  [
    'App Service without identity',
    { WEBSITE_SITE_NAME: 'a' },
    'ERR_HOST_WITHOUT_IDENTITY',
    'az webapp identity assign',
  ],
  ['nothing', {}, 'ERR_NO_SOURCE', 'az login'],
];

/** What a compiler would have refused, and what the error names. */
const strangeOptions: [options: unknown, names: string | RegExp][] = [
  [guid, 'not an object'],
  [5, 'not an object'],
  [[], 'not an object'],
  [{ clientId: 5 }, 'The option clientId '],
  [{ objectId: {} }, 'The option objectId '],
  [{ clientId: null }, 'The option clientId '],
  [{ source: 5 }, 'The option source '],
  [{ source: ['imds', 5] }, 'The option source '],
  [{ additionallyAllowedTenants: '*' }, 'The option additionallyAllowedTenants '],
  [{ federatedCredential: { clientId: guid } }, 'The option federatedCredential '],
  [{ env: 'production' }, 'The option env '],
  [{ sources: 'imds' }, /\bsources\b.*\bsource\b/],
  [{ clientID: guid }, /\bclientID\b.*\bclientId\b/],
  [{ client_id: guid }, /\bclient_id\b.*\bclientId\b/],
  [{ managedIdentityClientId: guid }, /\bmanagedIdentityClientId\b.*\bclientId\b/],
];

describe('getKeyVaultCredential', () => {
  test('decides by process.env when nothing else is given, and returns at once whatever it holds', () => {
    expect(getKeyVaultCredential().diagnostics.version).toBe(1);
    expect(diagnose({ env: {} }).status).toMatch(/problem|candidates/);
  });

  test.each(problems)('returns for %s; getToken throws %s', async (_, env, code, words) => {
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

  test.each(strangeOptions)('throws a TypeError for what a compiler would have refused: %j', (options, words) => {
    for (const use of [getKeyVaultCredential, diagnose]) {
      expect(() => use(options as object)).toThrow(
        expect.objectContaining({
          name: 'TypeError',
          code: 'ERR_OPTION_INVALID',
          message: expect.stringMatching(words),
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
    const io = fakeIo({ answers: [forever(tokenReply())] });
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

  test('does not mistake one scope and tenant for another', async () => {
    const made = fakeAzureIdentity(() => ({ token: String(made.made.length), expiresOnTimestamp: start + 3_600_000 }));
    const io = fakeIo({ azureIdentity: made.azureIdentity });
    const options = { env: servicePrincipal, additionallyAllowedTenants: ['*'] };
    const world = createWorld(io);
    const credential = credentialIn(world, options);
    const requests: [string, object][] = [
      ['https://x t', {}],
      ['https://x', { tenantId: 't' }],
      ['https://x', { tenantId: 't', enableCae: true }],
      ['["https://x","t",true]', {}],
      ['https://x/', { tenantId: 't' }],
      ['https://x', {}],
    ];
    for (const [index, [to, request]] of requests.entries()) {
      expect((await credential.getToken(to, request)).token).toBe(String(index + 1));
    }
    const same: [string, object][] = [
      ['https://x', { tenantId: 'T' }],
      ['https://x/.default', { tenantId: 't', enableCae: false }],
      ['https://x', { tenantId: 'CONTOSO.com' }],
    ];
    const again = await Promise.all(same.map(([to, request]) => credential.getToken(to, request)));
    expect(again.map(({ token }) => token)).toEqual(['2', '2', '6']);
    const env = { ...servicePrincipal, AZURE_TENANT_ID: 'Contoso.com', AZURE_CLIENT_ID: guid.toUpperCase() };
    const otherwiseWritten = credentialIn(world, { ...options, env });
    expect(await otherwiseWritten.getToken('https://x')).toBe(again[2]);
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
      message: expect.stringContaining(' 70 ms'),
    });
    expect(io.now()).toBe(start + 70);
  });

  // What a program gives there is handed on by the Azure SDK as it is.
  test.each([0, -1, Number.NaN, undefined, 'soon' as never])('takes no notice of the timeout %s', async (timeout) => {
    const io = fakeIo({ answers: [() => new Promise(() => {})] });
    const credential = credentialIn(createWorld(io), { env: appService, timeoutMs: 5_000 });
    const call = credential.getToken(scope, { requestOptions: { timeout } as { timeout: number } });
    await expect(io.settle(call)).rejects.toThrow(' 5000 ms');
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

  test.each<[string, number, fix: Explanation['fix']]>([
    ['throttled', 429, explain('ERR_THROTTLED', '').fix],
    ['failing', 503, [{ text: expect.stringContaining('fails') }, { text: expect.stringContaining('timeoutMs') }]],
  ])('tells of a service that was %s until the time was up', async (_, status, fix) => {
    const io = fakeIo({ answers: [json(status, {}, { 'retry-after': '50' })] });
    const call = credentialIn(createWorld(io), { env: appService, timeoutMs: 10_000 }).getToken(scope);
    const explanation = await explanationOfFailure(io.settle(call));
    expect(explanation).toMatchObject({ code: 'ERR_TIMEOUT', status, fix });
    const names = [' 10000 ms ', 'App Service managed identity', ' http://127.0.0.1:41741/msi/token', ` ${status}.`];
    for (const name of names) expect(explanation.cause).toContain(name);
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
    const error = await agent.settle(call).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(error).not.toHaveProperty('status');
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

describe('of two calls under way at once, each tells its own story', () => {
  const storage = 'https://storage.azure.com';
  const vault = 'https://vault.azure.net';
  /** Answers for the slow resource after ten seconds, for any other one at once. */
  function credentialWith(slow: string, reply: HttpReply) {
    const answer = ({ url }: HttpRequest) => {
      if (url.searchParams.get('resource') !== slow) return tokenReply();
      return new Promise<HttpReply>((resolve) => io.after(10_000, () => resolve(reply), true));
    };
    const io = fakeIo({ answers: [answer, answer] });
    return { io, credential: credentialIn(createWorld(io), { env: appService }) };
  }
  const failureOf = (call: Promise<unknown>) =>
    call.then(
      () => expect.unreachable(),
      (error: unknown) => error,
    );
  const refused = json(400, { message: 'no' });

  test('an error has the attempts of its own resource, and not the token of the other one', async () => {
    const { io, credential } = credentialWith(storage, refused);
    const failure = failureOf(credential.getToken(`${storage}/.default`));
    await io.settle(credential.getToken(scope));
    const { diagnostics } = (await io.settle(failure)) as AuthenticationError;
    expect(diagnostics?.attempts).toMatchObject([{ resource: storage, outcome: 'ERR_REFUSED', durationMs: 10_000 }]);
    expect([diagnostics?.token, diagnostics?.principal]).toEqual([undefined, undefined]);
    // The credential itself tells of its latest call.
    expect(credential.diagnostics).toMatchObject({ token: { resource: vault }, attempts: [{ outcome: 'token' }] });
  });

  test('check() returns the diagnosis of its own request', async () => {
    const { io, credential } = credentialWith(vault, tokenReply(7_200));
    const checked = credential.check();
    await io.settle(credential.getToken(`${storage}/.default`));
    const { token, attempts } = await io.settle(checked);
    expect(token).toMatchObject({ resource: vault, expiresOn: '2026-11-23T02:00:00.000Z' });
    expect(attempts).toMatchObject([{ resource: vault, outcome: 'token', durationMs: 10_000 }]);
    expect(credential.diagnostics.token?.resource).toBe(storage);
  });

  test('and fails with that of its own request', async () => {
    const { io, credential } = credentialWith(vault, refused);
    const failure = failureOf(credential.check());
    await io.settle(credential.getToken(`${storage}/.default`));
    const { diagnostics } = (await io.settle(failure)) as AuthenticationError;
    expect(diagnostics?.attempts).toMatchObject([{ resource: vault, outcome: 'ERR_REFUSED' }]);
    expect(diagnostics?.token).toBeUndefined();
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

  test('warns of a half-set source before the chosen one, and not of AZURE_CLIENT_ID, by which Azure names an identity', () => {
    const half = diagnosisOf({ WEBSITE_SITE_NAME: 'a', ...servicePrincipal });
    expect(half.warnings.map(({ code }) => code)).toEqual(['HALF_SET']);
    const fallback = diagnosisOf({ ...appService, AZURE_CLIENT_ID: guid });
    expect(fallback.warnings).toEqual([]);
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

  test('is told in text', async () => {
    const environments = [{ ...appService, ...servicePrincipal }, { WEBSITE_SITE_NAME: 'shop' }, {}];
    const told = environments.map((env) => formatDiagnostics(diagnosisOf(env)));
    await expect(`${told.join('\n\n')}\n`).toMatchFileSnapshot('./__snapshots__/diagnosis.txt');
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
  test.each<[string, Answer | ReturnType<typeof forever>]>([
    ['a token without expiry', json(200, { access_token: marker })],
    ['a cut-off answer', { status: 200, headers: {}, body: `{"access_token":"${marker}` }],
    ['a token in plain text', { status: 200, headers: {}, body: marker }],
    ['a refusal that repeats the token', json(400, { message: `bad ${secretToken}`, access_token: marker })],
    ["a refusal that repeats the host's secret", json(401, { message: 'wrong secret host-secret' })],
    ['an error page that holds a token', forever({ status: 502, headers: {}, body: `{"access_token":"${marker}"` })],
    ['a good token', json(200, { access_token: jwt({ oid: guid, nonce: marker }), expires_on: start / 1000 + 3600 })],
  ])('in an answer appear nowhere: %s', async (_, answer) => {
    const said = await everythingSaid(fakeIo({ answers: [answer] }), appService);
    expect(said).not.toContain(marker);
    expect(said).not.toContain('host-secret');
    expect(said).not.toContain(secretToken);
  });
});

test('the wording of what getToken throws without a request, and of misuse', async () => {
  const told: [string, Explanation][] = [];
  for (const [title, env] of problems) {
    told.push([title, await explanationOfFailure(credentialIn(createWorld(fakeIo()), { env }).getToken(scope))]);
  }
  const misused: [string, () => unknown][] = [
    ...strangeOptions.map(([options]): [string, () => unknown] => [
      `getKeyVaultCredential(${JSON.stringify(options)})`,
      () => getKeyVaultCredential(options as object),
    ]),
    ['two identities', () => getKeyVaultCredential({ env: {}, clientId: guid, objectId: guid })],
    ['a blank identity', () => getKeyVaultCredential({ env: {}, clientId: ' ' })],
    ['no time', () => getKeyVaultCredential({ env: {}, timeoutMs: 0 })],
    ['a source that does not exist', () => getKeyVaultCredential({ env: {}, source: 'nowhere' as 'imds' })],
    ['no source', () => getKeyVaultCredential({ env: {}, source: [] })],
    ['no scope', () => getKeyVaultCredential({ env: {} }).getToken([])],
    ['two scopes', () => getKeyVaultCredential({ env: {} }).getToken([scope, scope])],
  ];
  for (const [title, use] of misused) {
    told.push([title, await explanationOfFailure(Promise.resolve().then(use))]);
  }
  for (const status of [429, 503]) {
    const io = fakeIo({ answers: [json(status, {}, { 'retry-after': '50' })] });
    const call = credentialIn(createWorld(io), { env: appService, timeoutMs: 10_000 }).getToken(scope);
    told.push([`the time is up, and the last answer was ${status}`, await explanationOfFailure(io.settle(call))]);
  }
  const io = fakeIo({ answers: [() => new Promise(() => {})] });
  const unanswered = credentialIn(createWorld(io), { env: appService }).getToken(scope);
  told.push(['the time is up', await explanationOfFailure(io.settle(unanswered))]);
  await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/credential.txt');
});
