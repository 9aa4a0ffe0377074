import { describe, expect, test } from 'vitest';
import { ask, copyOf, detect, expectNoSecret, indiscreet, marker, onTheWire, world } from '../../../test/ask.ts';
import { catalogueOf, explanationOfFailure, failing, problemOf, runsOf } from '../../../test/catalogue.ts';
import { forever, json, plain, tokenReply } from '../../../test/fake-io.ts';
import { goldenRows } from '../../../test/golden.ts';
import { expectHostExchange } from '../../../test/golden-managed-identity.ts';
import type { ErrorCode } from '../../codes.ts';
import { ExchangeError, type HttpReply, type HttpRequest } from '../../io.ts';
import { parseJson, refusalCode } from '../../tokens/read-token.ts';
import type { CredentialOptions, Environment } from '../../types.ts';
import { serviceFabric } from './service-fabric.ts';

const thumbprint = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334';
const fabric = {
  IDENTITY_ENDPOINT: 'https://localhost:2377/metadata/identity/oauth2/token',
  IDENTITY_HEADER: `${marker}-of-the-host`,
  IDENTITY_SERVER_THUMBPRINT: thumbprint,
};
const instances = {
  ...fabric,
  IDENTITY_ENDPOINT: 'http://10.92.0.3:2377/metadata/identity/oauth2/token?api-version=1.0',
};
const preview = '2019-07-01-preview';
const nested = (status: number, code: string) => json(status, { error: { correlationId: 'id', code, message: 'no' } });

describe('service-fabric is found', () => {
  const pinned = { host: 'Service Fabric', version: '2019-07-01-preview', pin: thumbprint, identityKeys: ['objectId'] };
  const group = { host: 'Container Instances', version: '1.0', pin: undefined, identityKeys: ['objectId'] };
  test.each<[string, Environment, typeof pinned | typeof group]>([
    ['by its three variables', fabric, pinned],
    ['at the address of its node', { ...fabric, IDENTITY_ENDPOINT: 'https://10.0.0.4:2377/x' }, pinned],
    [
      'with the version that it names',
      { ...fabric, IDENTITY_API_VERSION: '2020-05-01' },
      { ...pinned, version: '2020-05-01' },
    ],
    [
      'with its thumbprint in upper case and colons',
      { ...fabric, IDENTITY_SERVER_THUMBPRINT: thumbprint.toUpperCase().replace(/..(?=.)/g, '$&:') },
      pinned,
    ],
    [
      'with white space in its thumbprint',
      { ...fabric, IDENTITY_SERVER_THUMBPRINT: ` ${thumbprint.replace(/..(?=.)/g, '$& ')}\n` },
      pinned,
    ],
    // On plain http there is no certificate to compare with.
    ['as Container Instances on plain http', instances, group],
    [
      'as Container Instances, whose version is that of its endpoint',
      { ...instances, IDENTITY_API_VERSION: '2020-05-01' },
      group,
    ],
  ])('%s', async (_, env, { host, version, pin, identityKeys }) => {
    const endpoints = [new URL(String(env.IDENTITY_ENDPOINT))];
    expect(detect(serviceFabric, env)).toMatchObject({ verdict: 'found', offer: { host, endpoints, identityKeys } });
    const { io, token } = ask(env, { answers: [tokenReply()] });
    await token;
    const [request] = io.requests;
    expect(request?.url.searchParams.getAll('api-version')).toEqual([version]);
    expect(request?.thumbprint).toBe(pin);
  });
});

type HalfSet = readonly [string, Environment, ErrorCode, missing: string[], names: string[]];
const halfSet: readonly HalfSet[] = [
  [
    'the thumbprint alone',
    { IDENTITY_SERVER_THUMBPRINT: thumbprint },
    'ERR_SOURCE_INCOMPLETE',
    ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'],
    ['IDENTITY_SERVER_THUMBPRINT', 'IDENTITY_ENDPOINT', 'IDENTITY_HEADER'],
  ],
  [
    'without its header',
    { ...fabric, IDENTITY_HEADER: undefined },
    'ERR_SOURCE_INCOMPLETE',
    ['IDENTITY_HEADER'],
    ['IDENTITY_SERVER_THUMBPRINT', 'IDENTITY_HEADER'],
  ],
  [
    'with a blank header',
    { ...fabric, IDENTITY_HEADER: ' ' },
    'ERR_SOURCE_INCOMPLETE',
    ['IDENTITY_HEADER'],
    ['IDENTITY_SERVER_THUMBPRINT', 'IDENTITY_HEADER'],
  ],
  [
    'a thumbprint that is too short',
    { ...fabric, IDENTITY_SERVER_THUMBPRINT: thumbprint.slice(1) },
    'ERR_SETTING_INVALID',
    [],
    ['IDENTITY_SERVER_THUMBPRINT'],
  ],
  [
    'a thumbprint of SHA-256',
    { ...fabric, IDENTITY_SERVER_THUMBPRINT: 'a'.repeat(64) },
    'ERR_SETTING_INVALID',
    [],
    ['IDENTITY_SERVER_THUMBPRINT'],
  ],
  [
    'an endpoint that is none',
    { ...fabric, IDENTITY_ENDPOINT: 'localhost:2377' },
    'ERR_ENDPOINT_MALFORMED',
    [],
    ['IDENTITY_ENDPOINT'],
  ],
  [
    'Container Instances at a public address',
    { ...fabric, IDENTITY_ENDPOINT: 'http://tokens.example.com/' },
    'ERR_ENDPOINT_PUBLIC',
    [],
    ['IDENTITY_ENDPOINT', 'tokens.example.com'],
  ],
  [
    'a secret that HTTP cannot carry',
    { ...fabric, IDENTITY_HEADER: `${marker}\r\nx` },
    'ERR_SETTING_INVALID',
    [],
    ['IDENTITY_HEADER'],
  ],
];

describe('service-fabric is half-set', () => {
  test.each(halfSet)('%s', (_, env, code, missing, names) => {
    const detection = detect(serviceFabric, env);
    expect(detection).toMatchObject({ verdict: 'partial', missing, problem: { code } });
    for (const name of names) expect(problemOf(serviceFabric, env).cause).toContain(name);
    expect(JSON.stringify(detection)).not.toContain(marker);
  });
});

describe('service-fabric is absent', () => {
  test.each<[string, Environment]>([
    ['nothing set', {}],
    ['a blank thumbprint', { ...fabric, IDENTITY_SERVER_THUMBPRINT: '  ' }],
    ['Container Instances on Linux', { ...fabric, IDENTITY_ENDPOINT: '', IDENTITY_API_VERSION: '2020-05-01' }],
  ])('%s', (_, env) => {
    expect(detect(serviceFabric, env).verdict).toBe('absent');
  });
});

describe('the golden file', () => {
  test.each(goldenRows('service-fabric'))('%s', (_, row) => expectHostExchange('service-fabric', row));
});

const otherCertificate = new ExchangeError(
  'certificate',
  'its certificate has the thumbprint bb, not the announced one',
);

/** What the host cannot select by, and what the advice names. */
const unsupported: readonly (readonly [string, Environment, CredentialOptions, name: string])[] = [
  ['client id on Service Fabric', fabric, { clientId: world.clientId }, 'the option clientId'],
  ['resource id on Service Fabric', fabric, { resourceId: world.resourceId }, 'the option resourceId'],
  ['AZURE_CLIENT_ID on Service Fabric', { ...fabric, AZURE_CLIENT_ID: world.clientId }, {}, 'AZURE_CLIENT_ID'],
  ['client id on Container Instances', instances, { clientId: world.clientId }, 'object id'],
  ['resource id on Container Instances', instances, { resourceId: world.resourceId }, 'object id'],
];

describe('service-fabric, asked', () => {
  test('sends one GET with its secret, to the server of that certificate', async () => {
    const { io, token } = ask(fabric, { answers: [tokenReply()] });
    await token;
    expect(io.requests.map(onTheWire)).toEqual([
      {
        line: 'GET https://localhost:2377/metadata/identity/oauth2/token?api-version=2019-07-01-preview&resource=https%3A%2F%2Fvault.azure.net',
        headers: { secret: fabric.IDENTITY_HEADER },
      },
    ]);
    expect(io.requests[0]?.thumbprint).toBe(thumbprint);
  });

  test('sets the version of Container Instances instead of adding another', async () => {
    const { io, token } = ask(instances, { answers: [tokenReply()] }, { objectId: world.objectId });
    await token;
    expect(io.requests.map(onTheWire)).toEqual([
      {
        line: `GET http://10.92.0.3:2377/metadata/identity/oauth2/token?api-version=1.0&resource=https%3A%2F%2Fvault.azure.net&principalId=${world.objectId}`,
        headers: { secret: fabric.IDENTITY_HEADER },
      },
    ]);
    expect(io.requests[0]?.thumbprint).toBeUndefined();
  });

  test('names an identity of the application by its object id', async () => {
    const { io, token } = ask(fabric, { answers: [tokenReply()] }, { objectId: world.objectId });
    await token;
    expect(io.requests.map(({ url }) => url.searchParams.get('principalId'))).toEqual([world.objectId]);
  });

  test.each<[string, Environment, string, versions: string[]]>([
    ['InvalidApiVersion', { ...fabric, IDENTITY_API_VERSION: '2024-06-11' }, '2024-06-11', ['2024-06-11', preview]],
    ['UnsupportedApiVersion', { ...fabric, IDENTITY_API_VERSION: '2020-05-01' }, '2020-05-01', ['2020-05-01', preview]],
    ['InvalidApiVersion', fabric, preview, [preview]],
    ['ArgumentNullOrEmpty', { ...fabric, IDENTITY_API_VERSION: '2020-05-01' }, '2020-05-01', ['2020-05-01']],
  ])('tries the version that all clients send once after %s (%#)', async (code, env, refusedVersion, versions) => {
    const answer = ({ url }: HttpRequest) =>
      url.searchParams.get('api-version') === refusedVersion ? nested(400, code) : tokenReply();
    const { io, token } = ask(env, { answers: [forever(answer)] });
    await token.catch(() => {});
    expect(io.requests.map(({ url }) => url.searchParams.get('api-version'))).toEqual(versions);
    expect(io.requests.map((request) => request.thumbprint)).toEqual(versions.map(() => thumbprint));
  });

  test('waits as long as the service asks, if that is not too long', async () => {
    const wait = (seconds: string) => plain(429, '', { 'retry-after': seconds });
    const patient = ask(fabric, { answers: [wait('20'), tokenReply()] });
    await patient.token;
    expect(patient.times).toEqual([0, 20]);
    const { token, times } = ask(fabric, { answers: [wait('600')] });
    await expect(token).rejects.toMatchObject({ code: 'ERR_THROTTLED', retryAfterMs: 600_000 });
    expect(times).toEqual([0]);
  });

  test('says nothing to a server with another certificate, and does not ask it again', async () => {
    const { token, times } = ask(fabric, { answers: [otherCertificate] });
    await expect(token).rejects.toMatchObject({ code: 'ERR_RESPONSE_MALFORMED', cause: copyOf(otherCertificate) });
    await expect(token).rejects.toThrow(otherCertificate.message);
    expect(times).toHaveLength(1);
  });

  test.each(unsupported)('refuses a user-assigned identity by %s before any request', async (_, env, options, name) => {
    const { io, token } = ask(env, { answers: [tokenReply()] }, options);
    await expect(token).rejects.toMatchObject({
      code: 'ERR_IDENTITY_UNSUPPORTED',
      source: 'service-fabric',
      hint: expect.stringContaining(name),
    });
    expect(io.requests).toEqual([]);
  });
});

const notFound = 'ERR_IDENTITY_NOT_FOUND';
type Refused = readonly [string, HttpReply, ErrorCode, times: number[], env?: Environment];
const refusals: readonly Refused[] = [
  ['400 SecretHeaderNotFound', nested(400, 'SecretHeaderNotFound'), 'ERR_REFUSED', [0]],
  ['400 ArgumentNullOrEmpty', nested(400, 'ArgumentNullOrEmpty'), 'ERR_REFUSED', [0]],
  ['400 InvalidApiVersion', nested(400, 'InvalidApiVersion'), 'ERR_REFUSED', [0]],
  ['401', plain(401), 'ERR_REFUSED', [0]],
  ['403', plain(403), 'ERR_REFUSED', [0]],
  ['404 ManagedIdentityNotFound', nested(404, 'ManagedIdentityNotFound'), notFound, [0]],
  ['404 DefaultIdentityNotDefined', nested(404, 'DefaultIdentityNotDefined'), notFound, [0]],
  [
    '404 ManagedIdentityNotFound on Container Instances',
    nested(404, 'ManagedIdentityNotFound'),
    notFound,
    [0],
    instances,
  ],
  ['404 NotFound', nested(404, 'NotFound'), 'ERR_REFUSED', [0]],
  // Without a code they are somebody else's.
  ['404 without a word', plain(404), 'ERR_REFUSED', [0]],
  ['404 with a page', plain(404, '<h1>Not Found</h1>'), 'ERR_REFUSED', [0]],
  ['404 in plain text', plain(404, '404 page not found'), 'ERR_REFUSED', [0]],
  ['500 InternalServerError', nested(500, 'InternalServerError'), 'ERR_REFUSED', [0]],
  ['503 Unavailable', nested(503, 'Unavailable'), 'ERR_REFUSED', [0]],
  ['302 Elsewhere', nested(302, 'Elsewhere'), 'ERR_REFUSED', [0]],
  ['429 TooManyRequests', nested(429, 'TooManyRequests'), 'ERR_THROTTLED', [0, 1, 3, 7, 15, 31]],
];
const refused = ([, reply, , , env = fabric]: Refused) => ask(env, { answers: [forever(reply)] });

describe('service-fabric, refused:', () => {
  test.each(refusals.map((row) => [row[0], row] as const))('%s', async (_, row) => {
    const [, reply, code, expected] = row;
    const { token, times } = refused(row);
    const explanation = await explanationOfFailure(token);
    expect(explanation).toMatchObject({ code, status: reply.status });
    expect(explanation.cause).toContain(refusalCode(parseJson(reply.body)) ?? '');
    // The manifest of the application is edited by hand.
    expect(runsOf(explanation)).toEqual([]);
    expect(times).toEqual(expected);
  });

  test.each(indiscreet(fabric.IDENTITY_HEADER).map((answer) => [answer]))('repeats no secret after %o', (answer) =>
    expectNoSecret(ask(fabric, { answers: [answer] })),
  );
});

test('the wording of each problem', async () => {
  const told = await Promise.all([
    ...halfSet.map(([title, env]) => [`half-set: ${title}`, problemOf(serviceFabric, env)] as const),
    ...unsupported.map(([title, env, options]) => failing(title, ask(env, {}, options).token)),
    ...refusals.map((row) => failing(row[0], refused(row).token)),
    failing('another certificate', ask(fabric, { answers: [otherCertificate] }).token),
  ]);
  await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/service-fabric.txt');
});
