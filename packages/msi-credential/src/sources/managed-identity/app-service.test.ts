import { describe, expect, test } from 'vitest';
import { ask, detect, marker, onTheWire, vaultScope, world } from '../../../test/ask.ts';
import { catalogueOf, explanationOfFailure, failing, problemOf, runsOf } from '../../../test/catalogue.ts';
import { forever, json, networkError, plain, tokenReply } from '../../../test/fake-io.ts';
import { goldenRows } from '../../../test/golden.ts';
import { expectHostExchange } from '../../../test/golden-managed-identity.ts';
import type { ErrorCode } from '../../codes.ts';
import type { HttpReply } from '../../io.ts';
import type { CredentialOptions, Environment, IdentityKey } from '../../types.ts';
import { appService } from './app-service.ts';

const endpoint = 'http://127.0.0.1:41741/msi/token';
const current = { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: 'header-secret' };
const legacy = { MSI_ENDPOINT: endpoint, MSI_SECRET: 'msi-secret' };
const site = { WEBSITE_SITE_NAME: 'shop' };
const automation = { AUTOMATION_ASSET_ACCOUNTID: 'x' };

describe('app-service is found', () => {
  const any: readonly IdentityKey[] = ['clientId', 'objectId', 'resourceId'];
  const one: readonly IdentityKey[] = ['clientId'];
  test.each<[string, Environment, string, string, readonly IdentityKey[], addresses: number]>([
    ['by the pair of 2019', current, 'App Service', '2019-08-01', any, 1],
    ['by the pair of 2017', { ...legacy, ...site }, 'App Service', '2017-09-01', one, 1],
    ['by the pair of 2017 without any marker of its host', legacy, 'App Service', '2017-09-01', one, 1],
    ['by both pairs, the newer one first', { ...current, ...legacy, ...site }, 'App Service', '2019-08-01', any, 2],
    [
      'as Functions',
      { ...current, ...site, FUNCTIONS_WORKER_RUNTIME: 'node' },
      'Azure Functions',
      '2019-08-01',
      any,
      1,
    ],
    ['as Container Apps', { ...current, CONTAINER_APP_NAME: 'shop' }, 'Container Apps', '2019-08-01', any, 1],
    ['as Automation', { ...current, ...automation }, 'Azure Automation', '2019-08-01', any, 1],
    [
      'beside a blank older pair',
      { ...current, MSI_ENDPOINT: ' ', MSI_SECRET: '' },
      'App Service',
      '2019-08-01',
      any,
      1,
    ],
  ])('%s', (_, env, host, version, identityKeys, addresses) => {
    const reason = expect.stringContaining(version);
    const endpoints = Array.from({ length: addresses }, () => new URL(endpoint));
    const offer = { host, reason, principal: 'managed-identity', identityKeys, endpoints };
    expect(detect(appService, env)).toMatchObject({ verdict: 'found', offer });
  });
});

/** What Kudu shows instead (Azure/azure-functions-host#7344). */
const hidden = '[Managed identity has been configured. This value is not viewable in Kudu but is exposed to the app.]';

type HalfSet = readonly [
  string,
  Environment,
  ErrorCode,
  missing: string[],
  names: string[],
  host?: string,
  run?: string,
];
const pair = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'];
const halfSet: readonly HalfSet[] = [
  ['endpoint without header', { IDENTITY_ENDPOINT: endpoint }, 'ERR_SOURCE_INCOMPLETE', ['IDENTITY_HEADER'], pair],
  ['header blank', { ...current, IDENTITY_HEADER: '  ' }, 'ERR_SOURCE_INCOMPLETE', ['IDENTITY_HEADER'], pair],
  ['header without endpoint', { IDENTITY_HEADER: 'x' }, 'ERR_SOURCE_INCOMPLETE', ['IDENTITY_ENDPOINT'], pair],
  [
    'MSI_ENDPOINT without its secret on App Service',
    { ...site, MSI_ENDPOINT: endpoint },
    'ERR_SOURCE_INCOMPLETE',
    ['MSI_SECRET'],
    ['MSI_ENDPOINT', 'MSI_SECRET'],
    'App Service',
  ],
  [
    'MSI_SECRET without its endpoint',
    { MSI_SECRET: 'x' },
    'ERR_SOURCE_INCOMPLETE',
    ['MSI_ENDPOINT'],
    ['MSI_SECRET', 'MSI_ENDPOINT'],
  ],
  [
    'App Service without identity',
    site,
    'ERR_HOST_WITHOUT_IDENTITY',
    pair,
    pair,
    'App Service',
    'az webapp identity assign --name APP --resource-group GROUP',
  ],
  [
    'Functions without identity',
    { ...site, FUNCTIONS_EXTENSION_VERSION: '~4' },
    'ERR_HOST_WITHOUT_IDENTITY',
    pair,
    pair,
    'Azure Functions',
    'az functionapp identity assign --name APP --resource-group GROUP',
  ],
  [
    'Container Apps without identity',
    { CONTAINER_APP_NAME: 'a' },
    'ERR_HOST_WITHOUT_IDENTITY',
    pair,
    pair,
    'Container Apps',
    'az containerapp identity assign --name APP --resource-group GROUP --system-assigned',
  ],
  [
    'a job of Container Apps without identity',
    {
      CONTAINER_APP_JOB_NAME: 'clean',
      CONTAINER_APP_JOB_EXECUTION_NAME: 'clean-a1b2c3d',
      CONTAINER_APP_REPLICA_NAME: 'r',
    },
    'ERR_HOST_WITHOUT_IDENTITY',
    pair,
    pair,
    'Container Apps job',
    'az containerapp job identity assign --name clean --resource-group GROUP --system-assigned',
  ],
  [
    "Kudu's container",
    { ...site, KUDU_RUN_USER: 'u1' },
    'ERR_HOST_WITHOUT_IDENTITY',
    pair,
    ["Kudu's console", 'says nothing'],
    'App Service',
    'az webapp identity assign --name APP --resource-group GROUP',
  ],
  [
    'Kudu, which hides the values',
    { ...site, IDENTITY_ENDPOINT: hidden, IDENTITY_HEADER: hidden, MSI_ENDPOINT: hidden, MSI_SECRET: hidden },
    'ERR_HOST_WITHOUT_IDENTITY',
    pair,
    ["Kudu's console", 'says nothing'],
    'App Service',
    'az webapp identity assign --name APP --resource-group GROUP',
  ],
  ['Automation without identity', automation, 'ERR_HOST_WITHOUT_IDENTITY', pair, pair, 'Azure Automation'],
  [
    'a malformed endpoint',
    { ...current, IDENTITY_ENDPOINT: '127.0.0.1:41741/msi' },
    'ERR_ENDPOINT_MALFORMED',
    [],
    ['IDENTITY_ENDPOINT'],
    'App Service',
  ],
  [
    'an endpoint with a user name',
    { ...current, IDENTITY_ENDPOINT: 'http://me@127.0.0.1/msi' },
    'ERR_ENDPOINT_MALFORMED',
    [],
    ['IDENTITY_ENDPOINT'],
    'App Service',
  ],
  [
    'a public plain-http endpoint',
    { ...current, IDENTITY_ENDPOINT: 'http://token.example.com/msi' },
    'ERR_ENDPOINT_PUBLIC',
    [],
    ['IDENTITY_ENDPOINT', 'token.example.com'],
    'App Service',
  ],
  [
    'a header that HTTP cannot carry',
    { ...current, IDENTITY_HEADER: `${marker}\nb` },
    'ERR_SETTING_INVALID',
    [],
    ['IDENTITY_HEADER'],
    'App Service',
  ],
];

describe('app-service is half-set', () => {
  test.each(halfSet.map((row) => [row[0], row] as const))('%s', (_, [, env, code, missing, names, host, run]) => {
    const detection = detect(appService, env);
    expect(detection).toMatchObject({ verdict: 'partial', missing, problem: { code } });
    expect(detection).toHaveProperty('host', host);
    for (const name of names) expect(problemOf(appService, env).cause).toContain(name);
    expect(runsOf(problemOf(appService, env))).toEqual(run === undefined ? [] : [run]);
    expect(JSON.stringify(detection)).not.toContain(marker);
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
    expect(detect(appService, env).verdict).toBe('absent');
  });
});

describe('the golden file', () => {
  test.each(goldenRows('app-service'))('%s', (_, row) => expectHostExchange('app-service', row));
});

describe('app-service, asked', () => {
  const env = { ...current, ...legacy, ...site };
  const unsupported = json(400, { error: { code: 'UnsupportedApiVersion', message: 'does not support 2019-08-01' } });

  test('falls back once to the protocol of 2017 when the runtime does not know that of 2019', async () => {
    const { io, token } = ask(env, { answers: [unsupported, tokenReply()] });
    await token;
    const query = (version: string) => `api-version=${version}&resource=https%3A%2F%2Fvault.azure.net`;
    expect(io.requests.map(onTheWire)).toEqual([
      {
        line: `GET ${endpoint}?${query('2019-08-01')}`,
        headers: { metadata: 'true', 'x-identity-header': 'header-secret' },
      },
      { line: `GET ${endpoint}?${query('2017-09-01')}`, headers: { metadata: 'true', secret: 'msi-secret' } },
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
    await credential.getToken(vaultScope);
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
    const { io, token } = ask({ ...legacy, ...site }, {}, { objectId: world.objectId });
    await expect(token).rejects.toMatchObject({ code: 'ERR_IDENTITY_UNSUPPORTED', source: 'app-service' });
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
    const { io, token } = ask(current, { answers: Array.from({ length: requests }, () => plain(status, '', headers)) });
    await expect(token).rejects.toMatchObject({ code, status });
    expect(io.requests).toHaveLength(requests);
  });

  test('tries again what is passing', async () => {
    const { io, token } = ask(current, { answers: [networkError('ECONNREFUSED'), json(500, {}), tokenReply()] });
    await token;
    expect(io.requests).toHaveLength(3);
  });

  test('says which host was unreachable and keeps the cause', async () => {
    const { io, token } = ask(current, { answers: [forever(networkError('ECONNREFUSED'))] });
    await expect(token).rejects.toMatchObject({
      name: 'AuthenticationError',
      code: 'ERR_UNREACHABLE',
      explanation: { cause: expect.stringMatching(/GET http:\/\/127\.0\.0\.1:41741\/msi\/token .*ECONNREFUSED/) },
      cause: { code: 'ECONNREFUSED' },
    });
    expect(io.requests).toHaveLength(8);
  });
});

test.each([
  ['an app', 'CONTAINER_APP_NAME', true],
  ['a job', 'CONTAINER_APP_JOB_NAME', true],
  ['a web app', 'WEBSITE_SITE_NAME', false],
])('where nobody ever listens, %s of %s may be an init container: %s', async (_, name, isTold) => {
  const { token } = ask({ ...current, [name]: 'shop' }, { answers: [forever(networkError('ECONNREFUSED'))] });
  const { fix } = await explanationOfFailure(token);
  expect(fix.some(({ text }) => /init container/i.test(text ?? ''))).toBe(isTold);
});

interface Situation {
  readonly env?: Environment;
  readonly options?: CredentialOptions;
  readonly scope?: string;
}
type Refused = readonly [title: string, reply: HttpReply, code: ErrorCode, runs: string[], situation?: Situation];

const notFound = 'ERR_IDENTITY_NOT_FOUND';
const nobody = plain(400, '{"statusCode":400,"message":"Unable to load requested managed identity."}');
const noIdentity = 'No User Assigned or Delegated Managed Identity found for specified ClientId';
const said200 = (body: object) => json(200, body);
const byClientId = { clientId: world.clientId };
const assign = 'az webapp identity assign --name APP --resource-group GROUP';
const refusals: readonly Refused[] = [
  ['400, no system-assigned identity', nobody, notFound, [assign]],
  ['400, no such identity', nobody, notFound, [`${assign} --identities RESOURCE_ID`], { options: byClientId }],
  [
    '400, no such identity in a job of Container Apps',
    nobody,
    notFound,
    ['az containerapp job identity assign --name JOB --resource-group GROUP --user-assigned RESOURCE_ID'],
    { env: { ...current, CONTAINER_APP_JOB_NAME: 'clean', AZURE_CLIENT_ID: world.clientId } },
  ],
  ['400, no identity on Automation', nobody, notFound, [], { env: { ...current, ...automation } }],
  [
    '400, no such identity on Automation',
    nobody,
    notFound,
    [],
    { env: { ...current, ...automation }, options: byClientId },
  ],
  [
    '400, in other words',
    plain(400, '{"message":"No MSI found for specified ClientId/ResourceId."}'),
    notFound,
    [assign],
  ],
  [
    '400, about the header',
    plain(400, '{"statusCode":400,"message":"X-IDENTITY-HEADER is missing."}'),
    'ERR_REFUSED',
    [],
  ],
  ['400, about the resource', plain(400, '{"message":"resource is missing"}'), 'ERR_REFUSED', []],
  ['400, plain text', plain(400, 'Bad Request'), 'ERR_REFUSED', []],
  ['400, a page', plain(400, '<title>Identity Portal</title>'), 'ERR_REFUSED', []],
  ['401', plain(401), 'ERR_REFUSED', []],
  ['403', plain(403), 'ERR_REFUSED', []],
  ['200 with a refusal that states its status', said200({ statusCode: 400, message: noIdentity }), notFound, [assign]],
  ['200 with an exception', said200({ StatusCode: '400', ExceptionMessage: noIdentity }), notFound, [assign]],
  ['200 with a nested refusal', said200({ error: { code: 'X', message: noIdentity } }), notFound, [assign]],
  ['200 with an OAuth refusal', said200({ error: 'bad', error_description: noIdentity }), notFound, [assign]],
  ['200 with a problem', said200({ title: 'Forbidden', status: 403, detail: 'no' }), 'ERR_REFUSED', []],
  ['200 with a refusal and an empty token', said200({ access_token: '', Message: 'no luck' }), 'ERR_REFUSED', []],
  ['200 with a byte order mark before a refusal', plain(200, '\uFEFF{"message":"no luck"}'), 'ERR_REFUSED', []],
  ['500 for a known resource', plain(500), 'ERR_REFUSED', []],
  ['500 for an unknown resource', plain(500), 'ERR_REFUSED', [], { scope: 'https://vault.azure.con/.default' }],
  ['503 for an unknown resource', plain(503), 'ERR_REFUSED', [], { scope: 'https://vault.azure.con/.default' }],
];
const refused = ([, reply, , , { env = current, options, scope = vaultScope } = {}]: Refused) =>
  ask(env, { answers: [forever(reply)], scope }, options);

describe('app-service, refused:', () => {
  test.each(refusals.map((row) => [row[0], row] as const))('%s', async (_, row) => {
    const [, { status }, code, runs] = row;
    const explanation = await explanationOfFailure(refused(row).token);
    expect(explanation).toMatchObject({ code, status });
    expect(runsOf(explanation)).toEqual(runs);
  });
});

describe('where nobody ever listens, the advice', () => {
  const silent = { answers: [forever(networkError('ECONNREFUSED'))] };
  test.each([
    ['on Container Apps names the init container', { CONTAINER_APP_NAME: 'shop' }, true],
    ['elsewhere does not', site, false],
  ])('%s', async (_, host, isNamed) => {
    const { fix } = await explanationOfFailure(ask({ ...current, ...host }, silent).token);
    expect(JSON.stringify(fix).includes('init container')).toBe(isNamed);
  });
});

test('the wording of each problem', async () => {
  const told = await Promise.all([
    ...halfSet.map(([title, env]) => [`half-set: ${title}`, problemOf(appService, env)] as const),
    failing('an id that its protocol cannot name', ask(legacy, {}, { objectId: world.objectId }).token),
    ...refusals.map((row) => failing(row[0], refused(row).token)),
    failing(
      'nobody listens on Container Apps',
      ask({ ...current, CONTAINER_APP_NAME: 'shop' }, { answers: [forever(networkError('ECONNREFUSED'))] }).token,
    ),
  ]);
  await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/app-service.txt');
});
