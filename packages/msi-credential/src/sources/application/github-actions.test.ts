import { afterEach, describe, expect, test, vi } from 'vitest';
import { ask, detect, expectNoSecret, indiscreet, marker, onTheWire, world } from '../../../test/ask.ts';
import { catalogueOf, explanationOfFailure } from '../../../test/catalogue.ts';
import { detectionsOf } from '../../../test/detections.ts';
import { fakeAzureIdentity } from '../../../test/fake-azure-identity.ts';
import { type Answer, fakeIo, forever, json, networkError, start } from '../../../test/fake-io.ts';
import { goldenRows } from '../../../test/golden.ts';
import { expectSignIn } from '../../../test/golden-application.ts';
import type { Explanation } from '../../codes.ts';
import { createWorld, credentialIn } from '../../credential.ts';
import type { HttpReply } from '../../io.ts';
import type { CredentialOptions, Environment } from '../../types.ts';
import { githubActions } from './github-actions.ts';

const url = 'https://pipelines.actions.githubusercontent.com/a/_apis/idtoken/1?api-version=2.0&run=a%20b~c';
const ids = { AZURE_TENANT_ID: world.tenantId, AZURE_CLIENT_ID: world.applicationId };
const job = {
  GITHUB_ACTIONS: 'true',
  ACTIONS_ID_TOKEN_REQUEST_URL: url,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: `${marker}-of-the-job`,
};
const env = { ...job, ...ids };
const assertion = (value = 'header.claims.signature') => json(200, { count: value.length, value });
const plain = (status: number, body: string): HttpReply => ({ status, headers: {}, body });

const detections: [title: string, Environment, CredentialOptions, verdict: string, more: object][] = [
  ['found by its four variables', env, {}, 'found', { offer: { host: 'GitHub Actions' } }],
  ['found with the ids as options', job, { clientId: world.clientId, tenantId: 'contoso.com' }, 'found', {}],
  [
    'half-set without url',
    { ...env, ACTIONS_ID_TOKEN_REQUEST_URL: '' },
    {},
    'partial',
    { missing: ['ACTIONS_ID_TOKEN_REQUEST_URL'] },
  ],
  [
    'half-set without token',
    { ...env, ACTIONS_ID_TOKEN_REQUEST_TOKEN: ' ' },
    {},
    'partial',
    { missing: ['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] },
  ],
  ['half-set without tenant', { ...env, AZURE_TENANT_ID: undefined }, {}, 'partial', { missing: ['AZURE_TENANT_ID'] }],
  ['half-set without client', { ...env, AZURE_CLIENT_ID: '' }, {}, 'partial', { missing: ['AZURE_CLIENT_ID'] }],
  [
    'half-set with a url that is none',
    { ...env, ACTIONS_ID_TOKEN_REQUEST_URL: 'nowhere' },
    {},
    'partial',
    { problem: { code: 'ERR_ENDPOINT_MALFORMED', cause: expect.stringContaining('ACTIONS_ID_TOKEN_REQUEST_URL') } },
  ],
  [
    'half-set with plain http to a public address',
    { ...env, ACTIONS_ID_TOKEN_REQUEST_URL: 'http://actions.example.com/?a=b' },
    {},
    'partial',
    { problem: { code: 'ERR_ENDPOINT_PUBLIC' } },
  ],
  [
    'half-set with a token that HTTP cannot carry',
    { ...env, ACTIONS_ID_TOKEN_REQUEST_TOKEN: `${marker}\nx` },
    {},
    'partial',
    { problem: { code: 'ERR_SETTING_INVALID' } },
  ],
  [
    'half-set with a tenant that is none',
    { ...env, AZURE_TENANT_ID: 'a/b' },
    {},
    'partial',
    { problem: { code: 'ERR_SETTING_INVALID', cause: expect.stringContaining('AZURE_TENANT_ID') } },
  ],
  [
    'half-set with plain http to Entra',
    { ...env, AZURE_AUTHORITY_HOST: 'http://login.microsoftonline.us' },
    {},
    'partial',
    { problem: { code: 'ERR_SETTING_INVALID', cause: expect.stringContaining('AZURE_AUTHORITY_HOST') } },
  ],
  // Such a job asks for a token for another cloud, or signs in with azure/login.
  ['absent, but near, without any id', job, {}, 'absent', { remedy: expect.stringContaining('ids') }],
  [
    'absent, but near, in a job without the permission',
    { GITHUB_ACTIONS: 'true', ...ids },
    {},
    'absent',
    { remedy: expect.stringContaining('permissions: id-token: write') },
  ],
  [
    'absent in a job that has nothing to do with Azure',
    { GITHUB_ACTIONS: 'true' },
    {},
    'absent',
    { remedy: undefined },
  ],
  ['absent with ids alone', ids, {}, 'absent', {}],
  ['absent with nothing', {}, {}, 'absent', {}],
];

afterEach(() => vi.unstubAllEnvs());

describe('github-actions is', () => {
  test.each(detections)('%s', (_, given, options, verdict, more) => {
    const detection = detect(githubActions, given, options);
    expect(detection).toMatchObject({ verdict, ...more });
    if (detection.verdict === 'partial') {
      for (const name of detection.missing) expect(detection.problem.cause).toContain(name);
      expect(JSON.stringify(detection)).not.toContain(marker);
    }
  });
});

describe('the golden file', () => {
  test.each(goldenRows('github-actions'))('%s', (_, row) => expectSignIn('github-actions', row));
});

// GitHub documents neither the bodies of its refusals nor when to ask again.
const refusals: [title: string, Answer, code: string, requests: number, name?: string][] = [
  ['401', plain(401, ''), 'ERR_REFUSED', 1],
  ['403', json(403, { message: 'no' }), 'ERR_REFUSED', 1],
  ['404', plain(404, ''), 'ERR_REFUSED', 1, 'ACTIONS_ID_TOKEN_REQUEST_URL'],
  ['404, and the permission', plain(404, ''), 'ERR_REFUSED', 1],
  ['407', plain(407, ''), 'ERR_REFUSED', 1, 'HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT'],
  [
    '302',
    { status: 302, headers: { location: 'https://github.com/login' }, body: '' },
    'ERR_REFUSED',
    1,
    'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  ],
  ['429', plain(429, ''), 'ERR_THROTTLED', 4, '429'],
  ['503', plain(503, '<html>'), 'ERR_REFUSED', 4, 'https://www.githubstatus.com'],
  ['403 of a proxy', plain(403, '<html>'), 'ERR_REFUSED', 1, 'pipelines.actions.githubusercontent.com, port 443'],
  ['200 without value', json(200, { count: 0 }), 'ERR_RESPONSE_MALFORMED', 1],
  ['200 with a value that is no text', json(200, { value: 7 }), 'ERR_RESPONSE_MALFORMED', 1],
  ['200 of a proxy', plain(200, '<html>'), 'ERR_RESPONSE_MALFORMED', 1, 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'],
];

const failed = (code: string, more: object = {}) => Object.assign(new Error(code), { code, ...more });
const proxy = `http://me:${marker}@proxy.example:3128`;
/** How the request through the proxy fails, what the explanation names, and how often it is tried. */
const unreached: [title: string, Error, names: readonly string[], requests: number][] = [
  ['that is not there', failed('ECONNREFUSED'), ['ECONNREFUSED (5 tries)'], 5],
  [
    'that refuses',
    failed('ERR_PROXY_TUNNEL', { statusCode: 403 }),
    ['ERR_PROXY_TUNNEL', 'status 403', 'pipelines.actions.githubusercontent.com, port 443'],
    1,
  ],
  ['that no name server knows', failed('EAI_AGAIN'), ['EAI_AGAIN', 'DNS'], 5],
  [
    'of which an error repeats the address',
    failed('ERR_X', { input: `http://me:${marker}@proxy.example` }),
    ['ERR_X'],
    5,
  ],
];

describe('github-actions, asked', () => {
  test('adds the audience to the query as it is written, and hands the token to Entra', async () => {
    const { io, token, made } = ask(env, { answers: [assertion()] });
    expect((await token).token).toBe('from-azure-identity');
    expect(io.requests.map(onTheWire)).toEqual([
      {
        line: `GET ${url}&audience=api%3A%2F%2FAzureADTokenExchange`,
        headers: { authorization: `Bearer ${job.ACTIONS_ID_TOKEN_REQUEST_TOKEN}`, accept: 'application/json' },
      },
    ]);
    const [tenantId, clientId, getAssertion, options] = (made[0]?.args ?? []) as unknown as [
      string,
      string,
      () => Promise<string>,
      object,
    ];
    expect([tenantId, clientId, await getAssertion()]).toEqual([
      world.tenantId,
      world.applicationId,
      'header.claims.signature',
    ]);
    expect(options).toMatchObject({
      authorityHost: 'https://login.microsoftonline.com',
      additionallyAllowedTenants: [],
    });
  });

  test.each<[string, string]>([
    ['https://login.microsoftonline.us/', 'api://AzureADTokenExchangeUSGov'],
    ['https://login.chinacloudapi.cn', 'api://AzureADTokenExchangeChina'],
    ['https://login.partner.microsoftonline.cn', 'api://AzureADTokenExchangeChina'],
    ['https://login.local.azurestack.external', 'api://AzureADTokenExchange'],
  ])('asks for the audience of the cloud of %s', async (AZURE_AUTHORITY_HOST, audience) => {
    const { io, token } = ask({ ...env, AZURE_AUTHORITY_HOST }, { answers: [assertion()] });
    await token;
    expect(io.requests[0]?.url.searchParams.getAll('audience')).toEqual([audience]);
  });

  test('replaces an audience that stands there already: it must come once', async () => {
    const given = { ...env, ACTIONS_ID_TOKEN_REQUEST_URL: `${url}&audience=other` };
    const { io, token } = ask(given, { answers: [assertion()] });
    await token;
    expect(io.requests[0]?.url.search).toBe('?api-version=2.0&run=a%20b~c&audience=api%3A%2F%2FAzureADTokenExchange');
  });

  test('gets a fresh assertion for each exchange', async () => {
    const fake = fakeAzureIdentity(() => ({ token: 't', expiresOnTimestamp: start + 60_000 }));
    const io = fakeIo({ azureIdentity: fake.azureIdentity, answers: [assertion('first'), assertion('second')] });
    const credential = credentialIn(createWorld(io), { env });
    for (const scope of ['https://vault.azure.net/.default', 'https://storage.azure.com/.default']) {
      await io.settle(credential.getToken(scope));
    }
    const assertions = fake.made.map(({ args }) => (args[2] as () => Promise<string>)());
    expect(await Promise.all(assertions)).toEqual(['first', 'second']);
  });

  test('names all who may be asked when the time is up', async () => {
    const { token } = ask(env, { answers: [() => new Promise(() => {})] });
    await expect(token).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    const { origin, pathname } = new URL(url);
    for (const address of [origin + pathname, 'https://login.microsoftonline.com']) {
      await expect(token).rejects.toThrow(address);
    }
  });

  test('asks in another tenant only where that is allowed, and before any request', async () => {
    const request = { tenantId: world.otherTenantId };
    const refused = ask(env, { answers: [assertion()], request });
    await expect(refused.token).rejects.toMatchObject({ code: 'ERR_TENANT_NOT_ALLOWED' });
    expect(refused.io.requests).toEqual([]);
    const allowed = { ...env, AZURE_ADDITIONALLY_ALLOWED_TENANTS: world.otherTenantId.toUpperCase() };
    const { token, made } = ask(allowed, { answers: [assertion()], request });
    await token;
    expect(made[0]?.asked[0]?.options.tenantId).toBe(world.otherTenantId.toUpperCase());
  });

  test.each(refusals)(
    '%s: the code, what to do about it, and Entra is not asked',
    async (title, answer, code, requests, name = 'id-token: write') => {
      const { io, token, made } = ask(env, { answers: [forever(answer)] });
      await expect(token).rejects.toMatchObject({
        code,
        source: 'github-actions',
        status: Number.parseInt(title, 10),
        message: expect.stringContaining(name),
      });
      expect(io.requests).toHaveLength(requests);
      expect(made).toEqual([]);
    },
  );

  describe('through a proxy', () => {
    test('sends its request there', async () => {
      vi.stubEnv('HTTPS_PROXY', 'http://proxy.example:3128');
      const { io, token } = ask(env, { answers: [assertion()] });
      await token;
      expect(io.requests[0]?.proxy).toMatchObject({ variable: 'HTTPS_PROXY', url: { host: 'proxy.example:3128' } });
    });

    test.each(unreached)('%s', async (_, error, names, requests) => {
      vi.stubEnv('HTTPS_PROXY', proxy);
      const asked = ask(env, { answers: [forever(error)] });
      await expect(asked.token).rejects.toMatchObject({ code: 'ERR_UNREACHABLE' });
      for (const name of ['HTTPS_PROXY', 'proxy.example:3128', ...names]) {
        await expect(asked.token).rejects.toThrow(name);
      }
      expect(asked.io.requests).toHaveLength(requests);
      await expectNoSecret(asked);
    });
  });

  test('keeps the code when nobody answers', async () => {
    await expect(ask(env, { answers: [forever(networkError('ECONNREFUSED'))] }).token).rejects.toMatchObject({
      code: 'ERR_UNREACHABLE',
    });
  });

  test.each(indiscreet(job.ACTIONS_ID_TOKEN_REQUEST_TOKEN).map((answer) => [answer]))(
    'repeats no secret after %o',
    (answer) => expectNoSecret(ask(env, { answers: [answer] })),
  );
});

test('the wording of each', async () => {
  const found = detections.map(([title, given, options]) => [title, detect(githubActions, given, options)] as const);
  const told: [string, Explanation][] = [];
  for (const [title, answer] of refusals) {
    told.push([title, await explanationOfFailure(ask(env, { answers: [forever(answer)] }).token)]);
  }
  vi.stubEnv('HTTPS_PROXY', proxy);
  for (const [title, error] of unreached) {
    told.push([`a proxy ${title}`, await explanationOfFailure(ask(env, { answers: [forever(error)] }).token)]);
  }
  const catalogue = [detectionsOf(found), catalogueOf(told)].join('\n');
  await expect(catalogue).toMatchFileSnapshot('./__snapshots__/github-actions.txt');
});
