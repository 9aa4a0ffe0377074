import { describe, expect, test } from 'vitest';
import { fakeIo, json, tokenReply } from '../../../test/fake-io.ts';
import { expiry, fill, readGolden, replyOf } from '../../../test/golden.ts';
import { createWorld, credentialIn } from '../../credential.ts';
import type { CredentialOptions, Environment } from '../../types.ts';
import { appService } from './app-service.ts';

const endpoint = 'http://127.0.0.1:41741/msi/token';
const current = { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: 'header-secret' };
const legacy = { MSI_ENDPOINT: endpoint, MSI_SECRET: 'msi-secret' };
const site = { WEBSITE_SITE_NAME: 'shop' };

describe('app-service is found', () => {
  test.each<[string, Environment, string | undefined, string]>([
    ['by the pair of 2019', current, 'App Service', '2019-08-01'],
    ['by the pair of 2017', { ...legacy, ...site }, 'App Service', '2017-09-01'],
    ['by the pair of 2017 without any marker of its host', legacy, 'App Service', '2017-09-01'],
    ['by both pairs, the newer one first', { ...current, ...legacy, ...site }, 'App Service', '2019-08-01'],
    ['as Functions', { ...current, ...site, FUNCTIONS_WORKER_RUNTIME: 'node' }, 'Azure Functions', '2019-08-01'],
    ['as Container Apps', { ...current, CONTAINER_APP_NAME: 'shop' }, 'Container Apps', '2019-08-01'],
    ['as Automation', { ...current, AUTOMATION_ASSET_ACCOUNTID: 'x' }, 'Azure Automation', '2019-08-01'],
    ['beside a blank older pair', { ...current, MSI_ENDPOINT: ' ', MSI_SECRET: '' }, 'App Service', '2019-08-01'],
  ])('%s', (_, env, host, version) => {
    expect(appService.detect(env, {})).toMatchObject({
      verdict: 'found',
      host,
      reason: expect.stringContaining(version),
    });
  });
});

describe('app-service is half-set', () => {
  test.each<[string, Environment, string, string[], string]>([
    [
      'endpoint without header',
      { IDENTITY_ENDPOINT: endpoint },
      'ERR_SOURCE_INCOMPLETE',
      ['IDENTITY_HEADER'],
      'IDENTITY_ENDPOINT is set but IDENTITY_HEADER is not',
    ],
    [
      'header blank',
      { ...current, IDENTITY_HEADER: '  ' },
      'ERR_SOURCE_INCOMPLETE',
      ['IDENTITY_HEADER'],
      'IDENTITY_HEADER is not',
    ],
    [
      'header without endpoint',
      { IDENTITY_HEADER: 'x' },
      'ERR_SOURCE_INCOMPLETE',
      ['IDENTITY_ENDPOINT'],
      'IDENTITY_HEADER is set but IDENTITY_ENDPOINT is not',
    ],
    [
      'MSI_ENDPOINT without its secret on App Service',
      { ...site, MSI_ENDPOINT: endpoint },
      'ERR_SOURCE_INCOMPLETE',
      ['MSI_SECRET'],
      'on App Service',
    ],
    [
      'MSI_SECRET without its endpoint',
      { MSI_SECRET: 'x' },
      'ERR_SOURCE_INCOMPLETE',
      ['MSI_ENDPOINT'],
      'MSI_SECRET is set but MSI_ENDPOINT is not',
    ],
    [
      'App Service without identity',
      site,
      'ERR_HOST_WITHOUT_IDENTITY',
      ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'],
      'managed identity is not enabled on this app',
    ],
    [
      'Functions without identity',
      { ...site, FUNCTIONS_EXTENSION_VERSION: '~4' },
      'ERR_HOST_WITHOUT_IDENTITY',
      ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'],
      'This is Azure Functions',
    ],
    [
      'Container Apps without identity',
      { CONTAINER_APP_NAME: 'a' },
      'ERR_HOST_WITHOUT_IDENTITY',
      ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'],
      'This is Container Apps',
    ],
    [
      'a malformed endpoint',
      { ...current, IDENTITY_ENDPOINT: '127.0.0.1:41741/msi' },
      'ERR_ENDPOINT_MALFORMED',
      [],
      'IDENTITY_ENDPOINT is not an http or https URL',
    ],
    [
      'an endpoint with a user name',
      { ...current, IDENTITY_ENDPOINT: 'http://me@127.0.0.1/msi' },
      'ERR_ENDPOINT_MALFORMED',
      [],
      'IDENTITY_ENDPOINT contains a user name',
    ],
    [
      'a public plain-http endpoint',
      { ...current, IDENTITY_ENDPOINT: 'http://token.example.com/msi' },
      'ERR_ENDPOINT_PUBLIC',
      [],
      'token.example.com',
    ],
    [
      'a header that HTTP cannot carry',
      { ...current, IDENTITY_HEADER: 'a\nb' },
      'ERR_SETTING_INVALID',
      [],
      'IDENTITY_HEADER contains characters',
    ],
  ])('%s', (_, env, code, missing, message) => {
    const detection = appService.detect(env, {});
    expect(detection).toMatchObject({
      verdict: 'partial',
      missing,
      problem: { code, message: expect.stringContaining(message) },
    });
  });
});

describe('app-service is absent', () => {
  test.each<[string, Environment]>([
    ['nothing set', {}],
    ['only blanks', { IDENTITY_ENDPOINT: '', IDENTITY_HEADER: ' ', MSI_ENDPOINT: '', MSI_SECRET: '' }],
    [
      'Core Tools on a laptop',
      { AZURE_FUNCTIONS_ENVIRONMENT: 'Development', FUNCTIONS_WORKER_RUNTIME: 'node', WEBSITE_SITE_NAME: 'x' },
    ],
    ['the pair of Azure Machine Learning', { ...legacy, DEFAULT_IDENTITY_CLIENT_ID: 'x' }],
    [
      "Azure Arc's endpoint",
      { IDENTITY_ENDPOINT: 'http://localhost:40342/x', IMDS_ENDPOINT: 'http://localhost:40342' },
    ],
    ["Cloud Shell's endpoint", { MSI_ENDPOINT: 'http://localhost:50342/oauth2/token' }],
    ['Container Instances on Linux', { IDENTITY_HEADER: 'x', IDENTITY_SERVER_THUMBPRINT: 'y' }],
  ])('%s', (_, env) => {
    expect(appService.detect(env, {}).verdict).toBe('absent');
  });
});

/** What one getToken does against scripted answers. */
function ask(env: Environment, answers: Parameters<typeof fakeIo>[0], options: CredentialOptions = {}) {
  const io = fakeIo(answers);
  const credential = credentialIn(createWorld(io), { env, ...options });
  return { io, credential, token: io.settle(credential.getToken('https://vault.azure.net/.default')) };
}

describe('the golden file', () => {
  test.each(readGolden('app-service').exchanges.map((each) => [each.title, fill(each)] as const))(
    '%s',
    async (_, golden) => {
      const { io, credential, token } = ask(golden.variables, { answers: [replyOf(golden)] }, golden.identity);
      expect(credential.diagnostics.selected?.source).toBe('app-service');
      const outcome = await token.then(
        ({ expiresOnTimestamp }) => `token until ${expiresOnTimestamp}`,
        (error) => error.code,
      );
      expect(outcome).toBe(golden.outcome === 'token' ? `token until ${expiry}` : golden.outcome);
      const [request] = io.requests;
      expect(request).toMatchObject({ method: golden.request.method, headers: golden.request.headers });
      expect(request?.url.pathname).toBe(golden.request.path);
      expect(Object.fromEntries(request?.url.searchParams ?? [])).toEqual(golden.request.query);
    },
  );
});

describe('app-service, asked', () => {
  const env = { ...current, ...legacy, ...site };
  const unsupported = json(400, { error: { code: 'UnsupportedApiVersion', message: 'does not support 2019-08-01' } });

  test('falls back once to the protocol of 2017 when the runtime does not know that of 2019', async () => {
    const { io, token } = ask(env, { answers: [unsupported, tokenReply()] });
    await token;
    expect(
      io.requests.map(({ url, headers }) => [
        url.searchParams.get('api-version'),
        headers['x-identity-header'] ?? headers.secret,
      ]),
    ).toEqual([
      ['2019-08-01', 'header-secret'],
      ['2017-09-01', 'msi-secret'],
    ]);
  });

  test('does not fall back without the older pair, nor twice', async () => {
    await expect(ask(current, { answers: [unsupported] }).token).rejects.toMatchObject({ code: 'ERR_REFUSED' });
    const { io, token } = ask(env, { answers: [unsupported, unsupported] });
    await expect(token).rejects.toThrow('UnsupportedApiVersion');
    expect(io.requests).toHaveLength(2);
  });

  test('takes the month first in the dates of 2017 and keeps the token until then', async () => {
    const reply = json(200, {
      access_token: 'a.b.c',
      expires_on: '11/24/2026 10:00:00 AM +00:00',
      resource: 'https://vault.azure.net',
    });
    const { io, credential, token } = ask({ ...legacy, ...site }, { answers: [reply] });
    expect((await token).expiresOnTimestamp).toBe(Date.UTC(2026, 10, 24, 10));
    await credential.getToken('https://vault.azure.net/.default');
    expect(io.requests).toHaveLength(1);
  });

  test('keeps a query that the endpoint already has, and adds to it', async () => {
    const { io, token } = ask(
      { ...current, IDENTITY_ENDPOINT: `${endpoint}?x=1&api-version=old` },
      { answers: [tokenReply()] },
    );
    await token;
    expect(io.requests[0]?.url.searchParams.getAll('api-version')).toEqual(['2019-08-01']);
    expect(io.requests[0]?.url.searchParams.get('x')).toBe('1');
  });

  test('refuses an id that its protocol cannot name before any request', async () => {
    const { io, token } = ask({ ...legacy, ...site }, {}, { objectId: 'a0000000-0000-4000-8000-0000000000d2' });
    await expect(token).rejects.toMatchObject({
      code: 'ERR_IDENTITY_UNSUPPORTED',
      message: expect.stringContaining('client id'),
    });
    expect(io.requests).toHaveLength(0);
  });

  test.each([
    [400, {}, 'ERR_REFUSED', 1],
    [401, {}, 'ERR_REFUSED', 1],
    [403, {}, 'ERR_REFUSED', 1],
    [404, {}, 'ERR_REFUSED', 1],
    [405, {}, 'ERR_REFUSED', 1],
    [302, { location: 'http://127.0.0.1:1/x' }, 'ERR_REFUSED', 1],
    [429, {}, 'ERR_THROTTLED', 4],
    [429, { 'retry-after': '3600' }, 'ERR_THROTTLED', 1],
    [500, {}, 'ERR_REFUSED', 4],
    [503, { 'retry-after': '2' }, 'ERR_REFUSED', 4],
  ])('status %i with %j: %s after %i requests', async (status, headers, code, requests) => {
    const { io, token } = ask(current, { answers: [{ status, headers, body: '' }] });
    await expect(token).rejects.toMatchObject({ code, status });
    expect(io.requests).toHaveLength(requests);
  });

  test.each([
    ['https://vault.azure.net/.default', 'restart the host'],
    ['https://vault.azure.con/.default', 'compare the scope'],
  ])('a 500 for the scope %s', async (scope, hint) => {
    const io = fakeIo({ answers: [{ status: 500, headers: {}, body: '' }] });
    const token = io.settle(credentialIn(createWorld(io), { env: current }).getToken(scope));
    await expect(token).rejects.toMatchObject({ code: 'ERR_REFUSED', hint: expect.stringContaining(hint) });
  });

  test.each<[string, string, string]>([
    ['{"statusCode":400,"message":"Unable to load requested managed identity."}', 'ERR_IDENTITY_NOT_FOUND', 'Enable'],
    ['{"message":"No MSI found for specified ClientId/ResourceId."}', 'ERR_IDENTITY_NOT_FOUND', 'Enable'],
    ['{"statusCode":400,"message":"X-IDENTITY-HEADER is missing."}', 'ERR_REFUSED', "path of the endpoint's address"],
    ['{"message":"resource is missing"}', 'ERR_REFUSED', "path of the endpoint's address"],
    ['Bad Request', 'ERR_REFUSED', "path of the endpoint's address"],
    ['<title>Identity Portal</title>', 'ERR_REFUSED', 'Something else answered'],
  ])('a 400 with %s: %s', async (body, code, hint) => {
    const { token } = ask(current, { answers: [{ status: 400, headers: {}, body }] });
    await expect(token).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) });
  });

  test('tries again what is passing', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const { io, token } = ask(current, { answers: [refused, json(500, {}), tokenReply()] });
    await token;
    expect(io.requests).toHaveLength(3);
  });

  test('says which host was unreachable and keeps the cause', async () => {
    const { token } = ask(current, {});
    await expect(token).rejects.toMatchObject({
      name: 'AuthenticationError',
      code: 'ERR_UNREACHABLE',
      message: expect.stringContaining('GET http://127.0.0.1:41741/msi/token failed with ECONNREFUSED (4 tries)'),
      cause: { code: 'ECONNREFUSED' },
    });
  });
});
