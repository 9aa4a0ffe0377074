import { describe, expect, test } from 'vitest';
import { ask, detect, expectNoSecret, indiscreet, marker, onTheWire, world } from '../../../test/ask.ts';
import { catalogueOf, explanationOfFailure, failing, problemOf, runsOf } from '../../../test/catalogue.ts';
import { forever, json, plain, start, tokenReply } from '../../../test/fake-io.ts';
import { goldenRows } from '../../../test/golden.ts';
import { expectHostExchange } from '../../../test/golden-managed-identity.ts';
import type { ErrorCode } from '../../codes.ts';
import type { HttpReply } from '../../io.ts';
import type { CredentialOptions, Environment } from '../../types.ts';
import { azureMl } from './azure-ml.ts';

const computeId = 'a0000000-0000-4000-8000-0000000000c1';
const compute = {
  MSI_ENDPOINT: 'http://127.0.0.1:46808/MSI/auth',
  MSI_SECRET: `${marker}-of-the-compute`,
  DEFAULT_IDENTITY_CLIENT_ID: computeId,
};
/** So it is on a compute without an identity of its own (Azure/azure-sdk-for-python#36047). */
const withoutIdentity = { ...compute, DEFAULT_IDENTITY_CLIENT_ID: 'clientid' };

/** A managed online endpoint sets no client id (Azure/azure-sdk-for-python#31876). */
const online = {
  ...compute,
  DEFAULT_IDENTITY_CLIENT_ID: undefined,
  AZUREML_MODEL_DIR: '/var/azureml-app/azureml-models/model/1',
  AZUREML_ENTRY_SCRIPT: 'score.py',
};

const halfSet: readonly (readonly [string, Environment, ErrorCode, name: string, missing: string[]])[] = [
  ['without secret', { ...compute, MSI_SECRET: undefined }, 'ERR_SOURCE_INCOMPLETE', 'MSI_SECRET', ['MSI_SECRET']],
  ['with a blank secret', { ...compute, MSI_SECRET: ' ' }, 'ERR_SOURCE_INCOMPLETE', 'MSI_SECRET', ['MSI_SECRET']],
  ['without endpoint', { ...compute, MSI_ENDPOINT: '' }, 'ERR_SOURCE_INCOMPLETE', 'MSI_ENDPOINT', ['MSI_ENDPOINT']],
  [
    'with an endpoint that is none',
    { ...compute, MSI_ENDPOINT: '127.0.0.1/MSI' },
    'ERR_ENDPOINT_MALFORMED',
    'MSI_ENDPOINT',
    [],
  ],
  [
    'with a secret that HTTP cannot carry',
    { ...compute, MSI_SECRET: `${marker}é` },
    'ERR_SETTING_INVALID',
    'MSI_SECRET',
    [],
  ],
];

describe('azure-ml is', () => {
  test.each<[string, Environment, identityRequired: unknown]>([
    ['by its three variables', compute, undefined],
    ['on a compute without identity', withoutIdentity, expect.stringContaining('DEFAULT_IDENTITY_CLIENT_ID')],
    [
      'by another of its markers',
      { ...compute, DEFAULT_IDENTITY_CLIENT_ID: '', AZUREML_RUN_ID: 'r' },
      expect.stringContaining('DEFAULT_IDENTITY_CLIENT_ID'),
    ],
    [
      'on a compute whose identity is not known',
      { ...compute, DEFAULT_IDENTITY_CLIENT_ID: undefined, AZUREML_RUN_ID: 'r' },
      expect.not.stringContaining('is not a client id'),
    ],
    ['as an online endpoint', online, undefined],
    [
      'as an online endpoint, by its script',
      { ...online, AZUREML_MODEL_DIR: '', AZUREML_ENTRY_SCRIPT: 's.py' },
      undefined,
    ],
    // A batch endpoint has the model's folder, too. Without `clientid` its compute gives a person's token.
    ['as a batch endpoint', { ...online, AZUREML_RUN_ID: 'r' }, expect.stringContaining('is not set')],
    ['as a scoring script tried on a compute', { ...withoutIdentity, AZUREML_MODEL_DIR: '/m' }, expect.any(String)],
  ])('found %s', (_, env, identityRequired) => {
    const offer = { identityKeys: ['clientId'], identityRequired, endpoints: [new URL(compute.MSI_ENDPOINT)] };
    expect(detect(azureMl, env)).toMatchObject({ verdict: 'found', offer });
  });

  test.each<[string, Environment, remedy?: unknown]>([
    ['without any marker', { ...compute, DEFAULT_IDENTITY_CLIENT_ID: undefined }],
    ['with blank markers', { ...compute, DEFAULT_IDENTITY_CLIENT_ID: ' ', AZUREML_RUN_ID: '' }],
    ['on App Service', { ...compute, WEBSITE_SITE_NAME: 'shop' }],
    ['with its marker alone', { DEFAULT_IDENTITY_CLIENT_ID: computeId }, expect.stringContaining('identity')],
    ['with nothing', {}],
  ])('absent %s', (_, env, remedy) => {
    const detection = detect(azureMl, env);
    expect(detection).toMatchObject({ verdict: 'absent', remedy });
    expect(JSON.stringify(detection)).not.toContain(marker);
  });

  test.each(halfSet)('half-set %s', (_, env, code, name, missing) => {
    const detection = detect(azureMl, env);
    expect(detection).toMatchObject({ verdict: 'partial', missing, problem: { code } });
    expect(problemOf(azureMl, env).cause).toContain(name);
    expect(JSON.stringify(detection)).not.toContain(marker);
  });
});

describe('the golden file', () => {
  test.each(goldenRows('azure-ml'))('%s', (_, row) => expectHostExchange('azure-ml', row));
});

const unsupported: readonly (readonly [string, Environment, CredentialOptions])[] = [
  ['object id', compute, { objectId: world.objectId }],
  ['resource id', compute, { resourceId: world.resourceId }],
  ['nothing on a compute without identity', withoutIdentity, {}],
  ['nothing in a job whose compute is not known', { ...online, AZUREML_RUN_ID: 'r' }, {}],
  ['a client id that is no GUID on an online endpoint', online, { clientId: 'mine' }],
  ['a client id that is no GUID', compute, { clientId: 'clientid' }],
  ['an AZURE_CLIENT_ID that is no GUID', { ...compute, AZURE_CLIENT_ID: 'mine' }, {}],
];

describe('azure-ml, asked', () => {
  test.each<[string, Environment, CredentialOptions, string]>([
    ["the compute's own identity", compute, {}, computeId],
    ['another identity', compute, { clientId: world.clientId }, world.clientId],
    ['an identity where the compute has none', withoutIdentity, { clientId: world.clientId }, world.clientId],
    ['AZURE_CLIENT_ID', { ...compute, AZURE_CLIENT_ID: world.clientId }, {}, world.clientId],
  ])('for %s always names a client id', async (_, env, options, clientId) => {
    const { io, token } = ask(env, { answers: [tokenReply()] }, options);
    await token;
    expect(io.requests.map(onTheWire)).toEqual([
      {
        line: `GET http://127.0.0.1:46808/MSI/auth?api-version=2017-09-01&resource=https%3A%2F%2Fvault.azure.net&clientid=${clientId}`,
        headers: { metadata: 'true', secret: compute.MSI_SECRET },
      },
    ]);
  });

  test.each<[string, CredentialOptions, string]>([
    ["its own identity, without a client id, as Microsoft's own sample does", {}, ''],
    ['a user-assigned identity by its client id', { clientId: world.clientId }, `&clientid=${world.clientId}`],
  ])('on an online endpoint asks for %s', async (_, options, selector) => {
    const { io, token } = ask(online, { answers: [tokenReply()] }, options);
    await token;
    expect(io.requests.map(onTheWire)).toEqual([
      {
        line: `GET http://127.0.0.1:46808/MSI/auth?api-version=2017-09-01&resource=https%3A%2F%2Fvault.azure.net${selector}`,
        headers: { metadata: 'true', secret: compute.MSI_SECRET },
      },
    ]);
  });

  test.each(unsupported)(
    'by %s refuses before any request, which would give the token of a person',
    async (_, env, options) => {
      const { io, token } = ask(env, { answers: [tokenReply()] }, options);
      await expect(token).rejects.toMatchObject({
        name: 'CredentialUnavailableError',
        code: 'ERR_IDENTITY_UNSUPPORTED',
        source: 'azure-ml',
      });
      expect(io.requests).toEqual([]);
    },
  );

  test('takes numbers for times', async () => {
    const expires = start / 1000 + 85_702;
    const { token } = ask(compute, {
      answers: [json(200, { access_token: 'a.b.c', expires_in: 85_702, expires_on: expires, token_type: 'Bearer' })],
    });
    expect((await token).expiresOnTimestamp).toBe(expires * 1000);
  });
});

const notFound = 'ERR_IDENTITY_NOT_FOUND';
const busy = [0, 0.4, 1.2, 2.8];
/** The statuses are not documented: whatever they are, the code must be true. */
const refusals: readonly (readonly [string, HttpReply, ErrorCode, times: number[]])[] = [
  ['400 InternalError', plain(400, 'InternalError - :{ Info: x }'), notFound, [0]],
  ['404 InternalError', plain(404, 'InternalError - :{ Info: x }'), notFound, [0]],
  ['400 about the identity', plain(400, 'No identity has this clientid.'), notFound, [0]],
  ['404 about the identity', plain(404, 'No identity has this clientid.'), notFound, [0]],
  ['400 about something else', plain(400, 'The api-version is missing.'), 'ERR_REFUSED', [0]],
  ['400 without a word', plain(400), 'ERR_REFUSED', [0]],
  ['404 without a word', plain(404), 'ERR_REFUSED', [0]],
  ['404 in plain text', plain(404, '404 page not found'), 'ERR_REFUSED', [0]],
  ['404 with a page', plain(404, '<title>Identity Portal</title>'), 'ERR_REFUSED', [0]],
  ['400 about the secret', plain(400, 'Invalid secret token header: .'), 'ERR_REFUSED', [0]],
  ['401 about the secret', plain(401, 'Invalid secret token header: .'), 'ERR_REFUSED', [0]],
  ['403 without a word', plain(403), 'ERR_REFUSED', [0]],
  ['200 about the secret', plain(200, 'Invalid secret token header: .'), 'ERR_REFUSED', [0]],
  ['200 with a key', plain(200, 'c2VjcmV0LW9mLXRoZS1tYWNoaW5l'), 'ERR_RESPONSE_MALFORMED', [0]],
  ['429', plain(429), 'ERR_THROTTLED', busy],
  ['500 InternalError', plain(500, 'InternalError - :{ Info: Request failure status code: 404 }'), 'ERR_REFUSED', busy],
];

describe('azure-ml, refused', () => {
  test.each(refusals)('%s', async (_, reply, code, expected) => {
    const { token, times } = ask(compute, { answers: [forever(reply)] });
    const explanation = await explanationOfFailure(token);
    expect(explanation).toMatchObject({ code, ...(reply.status !== 200 && { status: reply.status }) });
    // Azure has no command for it.
    expect(runsOf(explanation)).toEqual([]);
    expect(times).toEqual(expected);
  });

  test.each(indiscreet(compute.MSI_SECRET).map((answer) => [answer]))('repeats no secret after %o', (answer) =>
    expectNoSecret(ask(compute, { answers: [answer] })),
  );
});

test('the wording of each problem', async () => {
  const told = await Promise.all([
    ...halfSet.map(([title, env]) => [`half-set ${title}`, problemOf(azureMl, env)] as const),
    ...unsupported.map(([title, env, options]) => failing(`an identity by ${title}`, ask(env, {}, options).token)),
    ...refusals.map(([title, reply]) => failing(title, ask(compute, { answers: [forever(reply)] }).token)),
  ]);
  await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/azure-ml.txt');
});
