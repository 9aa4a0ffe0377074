import { describe, expect, test } from 'vitest';
import {
  ask,
  expectGolden,
  expectNoSecret,
  goldenRows,
  indiscreet,
  marker,
  onTheWire,
  world,
} from '../../../test/ask.ts';
import { json, tokenReply } from '../../../test/fake-io.ts';
import { ExchangeError } from '../../io.ts';
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
const nested = (status: number, code: string) => json(status, { error: { correlationId: 'id', code, message: 'no' } });

describe('service-fabric is found', () => {
  test.each<[string, Environment, object]>([
    ['by its three variables', fabric, { host: 'Service Fabric', thumbprint, apiVersion: '2019-07-01-preview' }],
    ['at the address of its node', { ...fabric, IDENTITY_ENDPOINT: 'https://10.0.0.4:2377/x' }, { thumbprint }],
    [
      'with the version that it names',
      { ...fabric, IDENTITY_API_VERSION: '2020-05-01' },
      { apiVersion: '2020-05-01', thumbprint },
    ],
    [
      'with its thumbprint in upper case and colons',
      { ...fabric, IDENTITY_SERVER_THUMBPRINT: thumbprint.toUpperCase().replace(/..(?=.)/g, '$&:') },
      { thumbprint },
    ],
    [
      'with white space in its thumbprint',
      { ...fabric, IDENTITY_SERVER_THUMBPRINT: ` ${thumbprint.replace(/..(?=.)/g, '$& ')}\n` },
      { thumbprint },
    ],
    ['as Container Instances on plain http', instances, { host: 'Container Instances', apiVersion: '1.0' }],
    [
      'as Container Instances, whose version is that of its endpoint',
      { ...instances, IDENTITY_API_VERSION: '2020-05-01' },
      { apiVersion: '1.0' },
    ],
  ])('%s', (_, env, settings) => {
    const detection = serviceFabric.detect(env, {});
    expect(detection).toMatchObject({ verdict: 'found', settings });
  });

  test('on plain http without anything to compare a certificate with', () => {
    expect(serviceFabric.detect(instances, {})).not.toHaveProperty('settings.thumbprint');
  });
});

describe('service-fabric is half-set', () => {
  test.each<[string, Environment, string, string[], string]>([
    [
      'the thumbprint alone',
      { IDENTITY_SERVER_THUMBPRINT: thumbprint },
      'ERR_SOURCE_INCOMPLETE',
      ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'],
      'IDENTITY_ENDPOINT and IDENTITY_HEADER are not',
    ],
    [
      'without its header',
      { ...fabric, IDENTITY_HEADER: undefined },
      'ERR_SOURCE_INCOMPLETE',
      ['IDENTITY_HEADER'],
      'IDENTITY_SERVER_THUMBPRINT is set but IDENTITY_HEADER is not',
    ],
    [
      'with a blank header',
      { ...fabric, IDENTITY_HEADER: ' ' },
      'ERR_SOURCE_INCOMPLETE',
      ['IDENTITY_HEADER'],
      'IDENTITY_HEADER is not',
    ],
    [
      'a thumbprint that is too short',
      { ...fabric, IDENTITY_SERVER_THUMBPRINT: thumbprint.slice(1) },
      'ERR_SETTING_INVALID',
      [],
      'IDENTITY_SERVER_THUMBPRINT is not a SHA-1 thumbprint',
    ],
    [
      'a thumbprint of SHA-256',
      { ...fabric, IDENTITY_SERVER_THUMBPRINT: 'a'.repeat(64) },
      'ERR_SETTING_INVALID',
      [],
      'IDENTITY_SERVER_THUMBPRINT',
    ],
    [
      'an endpoint that is none',
      { ...fabric, IDENTITY_ENDPOINT: 'localhost:2377' },
      'ERR_ENDPOINT_MALFORMED',
      [],
      'IDENTITY_ENDPOINT is not an http or https URL',
    ],
    [
      'Container Instances at a public address',
      { ...fabric, IDENTITY_ENDPOINT: 'http://tokens.example.com/' },
      'ERR_ENDPOINT_PUBLIC',
      [],
      'tokens.example.com',
    ],
    [
      'a secret that HTTP cannot carry',
      { ...fabric, IDENTITY_HEADER: `${marker}\r\nx` },
      'ERR_SETTING_INVALID',
      [],
      'IDENTITY_HEADER contains characters',
    ],
  ])('%s', (_, env, code, missing, message) => {
    const detection = serviceFabric.detect(env, {});
    expect(detection).toMatchObject({
      verdict: 'partial',
      missing,
      problem: { code, message: expect.stringContaining(message) },
    });
    expect(JSON.stringify(detection)).not.toContain(marker);
  });
});

describe('service-fabric is absent', () => {
  test.each<[string, Environment]>([
    ['nothing set', {}],
    ['a blank thumbprint', { ...fabric, IDENTITY_SERVER_THUMBPRINT: '  ' }],
    ['Container Instances on Linux', { ...fabric, IDENTITY_ENDPOINT: '', IDENTITY_API_VERSION: '2020-05-01' }],
  ])('%s', (_, env) => {
    expect(serviceFabric.detect(env, {}).verdict).toBe('absent');
  });
});

describe('the golden file', () => {
  test.each(goldenRows('service-fabric'))('%s', (_, row) => expectGolden('service-fabric', row));
});

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
    expect(io.requests[0]).not.toHaveProperty('thumbprint');
  });

  test.each<[number, string, string, number[]]>([
    [400, 'SecretHeaderNotFound', 'ERR_REFUSED', [0]],
    [400, 'ArgumentNullOrEmpty', 'ERR_REFUSED', [0]],
    [400, 'InvalidApiVersion', 'ERR_REFUSED', [0]],
    [404, 'ManagedIdentityNotFound', 'ERR_IDENTITY_NOT_FOUND', [0]],
    [404, 'DefaultIdentityNotDefined', 'ERR_IDENTITY_NOT_FOUND', [0]],
    [404, 'NotFound', 'ERR_REFUSED', [0]],
    [500, 'InternalServerError', 'ERR_REFUSED', [0]],
    [503, 'Unavailable', 'ERR_REFUSED', [0]],
    [302, 'Elsewhere', 'ERR_REFUSED', [0]],
    [429, 'TooManyRequests', 'ERR_THROTTLED', [0, 1, 3, 7, 15, 31]],
  ])('status %i %s: %s, requests after %j s', async (status, reason, code, expected) => {
    const { token, times } = ask(fabric, { answers: [nested(status, reason)] });
    await expect(token).rejects.toMatchObject({ code, status, message: expect.stringContaining(reason) });
    expect(times).toEqual(expected);
  });

  test.each(['', '<h1>Not Found</h1>', '404 page not found'])('takes no 404 with "%s" for its own', async (body) => {
    const { token } = ask(fabric, { answers: [{ status: 404, headers: {}, body }] });
    await expect(token).rejects.toMatchObject({
      code: 'ERR_REFUSED',
      hint: expect.stringContaining("the endpoint's address"),
    });
  });

  test('waits as long as the service asks, if that is not too long', async () => {
    const wait = (seconds: string) => ({ status: 429, headers: { 'retry-after': seconds }, body: '' });
    const patient = ask(fabric, { answers: [wait('20'), tokenReply()] });
    await patient.token;
    expect(patient.times).toEqual([0, 20]);
    const { token, times } = ask(fabric, { answers: [wait('600')] });
    await expect(token).rejects.toMatchObject({ code: 'ERR_THROTTLED', retryAfterMs: 600_000 });
    expect(times).toEqual([0]);
  });

  test('says nothing to a server with another certificate, and does not ask it again', async () => {
    const other = new ExchangeError('certificate', 'its certificate has the thumbprint bb, not the one announced');
    const { token, times } = ask(fabric, { answers: [other] });
    await expect(token).rejects.toThrow('its certificate has the thumbprint bb');
    expect(times).toHaveLength(1);
  });

  test.each<[string, Environment, CredentialOptions, string]>([
    ['client id on Service Fabric', fabric, { clientId: world.clientId }, 'one identity only'],
    ['object id on Service Fabric', fabric, { objectId: world.objectId }, 'one identity only'],
    ['resource id on Service Fabric', fabric, { resourceId: world.resourceId }, 'one identity only'],
    ['AZURE_CLIENT_ID on Service Fabric', { ...fabric, AZURE_CLIENT_ID: world.clientId }, {}, 'AZURE_CLIENT_ID'],
    ['client id on Container Instances', instances, { clientId: world.clientId }, 'by object id'],
    ['resource id on Container Instances', instances, { resourceId: world.resourceId }, 'by object id'],
  ])('refuses a user-assigned identity by %s before any request', async (_, env, options, hint) => {
    const { io, token } = ask(env, { answers: [tokenReply()] }, options);
    await expect(token).rejects.toMatchObject({
      code: 'ERR_IDENTITY_UNSUPPORTED',
      hint: expect.stringContaining(hint),
    });
    expect(io.requests).toEqual([]);
  });

  test.each(indiscreet(fabric.IDENTITY_HEADER).map((answer) => [answer]))('repeats no secret after %o', (answer) =>
    expectNoSecret(ask(fabric, { answers: [answer] })),
  );
});
