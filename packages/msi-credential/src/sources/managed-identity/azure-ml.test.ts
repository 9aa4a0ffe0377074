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
import { json, start, tokenReply } from '../../../test/fake-io.ts';
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
const plain = (status: number, body: string): HttpReply => ({ status, headers: {}, body });

describe('azure-ml is', () => {
  test.each<[string, Environment, string, object]>([
    ['found by its three variables', compute, 'found', { settings: { defaultClientId: computeId } }],
    ['found on a compute without identity', withoutIdentity, 'found', { settings: { defaultClientId: undefined } }],
    [
      'found by another of its markers',
      { ...compute, DEFAULT_IDENTITY_CLIENT_ID: '', AZUREML_RUN_ID: 'r' },
      'found',
      { settings: { defaultClientId: undefined }, identityRequired: expect.any(String) },
    ],
    ['absent without any marker', { ...compute, DEFAULT_IDENTITY_CLIENT_ID: undefined }, 'absent', {}],
    ['absent with blank markers', { ...compute, DEFAULT_IDENTITY_CLIENT_ID: ' ', AZUREML_RUN_ID: '' }, 'absent', {}],
    ['absent on App Service', { ...compute, WEBSITE_SITE_NAME: 'shop' }, 'absent', {}],
    [
      'absent with its marker alone',
      { DEFAULT_IDENTITY_CLIENT_ID: computeId },
      'absent',
      { near: expect.stringContaining('assign an identity') },
    ],
    ['absent with nothing', {}, 'absent', {}],
    ['half-set without secret', { ...compute, MSI_SECRET: undefined }, 'partial', { missing: ['MSI_SECRET'] }],
    ['half-set with a blank secret', { ...compute, MSI_SECRET: ' ' }, 'partial', { missing: ['MSI_SECRET'] }],
    ['half-set without endpoint', { ...compute, MSI_ENDPOINT: '' }, 'partial', { missing: ['MSI_ENDPOINT'] }],
    [
      'half-set with an endpoint that is none',
      { ...compute, MSI_ENDPOINT: '127.0.0.1/MSI' },
      'partial',
      { problem: { code: 'ERR_ENDPOINT_MALFORMED', message: expect.stringContaining('MSI_ENDPOINT') } },
    ],
    [
      'half-set with a secret that HTTP cannot carry',
      { ...compute, MSI_SECRET: `${marker}é` },
      'partial',
      { problem: { code: 'ERR_SETTING_INVALID', message: expect.stringContaining('MSI_SECRET') } },
    ],
  ])('%s', (_, env, verdict, more) => {
    const detection = azureMl.detect(env, {});
    expect(detection).toMatchObject({ verdict, ...more });
    if (detection.verdict !== 'found') expect(JSON.stringify(detection)).not.toContain(marker);
  });
});

describe('the golden file', () => {
  test.each(goldenRows('azure-ml'))('%s', (_, row) => expectGolden('azure-ml', row));
});

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

  test.each<[string, Environment, CredentialOptions, string]>([
    ['object id', compute, { objectId: world.objectId }, 'by client id'],
    ['resource id', compute, { resourceId: world.resourceId }, 'by client id'],
    ['nothing on a compute without identity', withoutIdentity, {}, 'AZURE_MANAGED_IDENTITY_CLIENT_ID'],
    ['a client id that is no GUID', compute, { clientId: 'clientid' }, 'by its client id'],
    ['an AZURE_CLIENT_ID that is no GUID', { ...compute, AZURE_CLIENT_ID: 'mine' }, {}, 'by its client id'],
  ])('by %s refuses before any request, which would give the token of a person', async (_, env, options, hint) => {
    const { io, token } = ask(env, { answers: [tokenReply()] }, options);
    await expect(token).rejects.toMatchObject({
      name: 'CredentialUnavailableError',
      code: 'ERR_IDENTITY_UNSUPPORTED',
      hint: expect.stringContaining(hint),
    });
    expect(io.requests).toEqual([]);
  });

  test('takes numbers for times', async () => {
    const expires = start / 1000 + 85_702;
    const { token } = ask(compute, {
      answers: [json(200, { access_token: 'a.b.c', expires_in: 85_702, expires_on: expires, token_type: 'Bearer' })],
    });
    expect((await token).expiresOnTimestamp).toBe(expires * 1000);
  });

  // The statuses of its refusals are not documented: whatever they are, the code must be true.
  test.each<[number, string, string, string, number[]]>([
    [400, 'InternalError - :{ Info: x }', 'ERR_IDENTITY_NOT_FOUND', 'Assign the identity', [0]],
    [404, 'No identity has this clientid.', 'ERR_IDENTITY_NOT_FOUND', 'Assign the identity', [0]],
    [400, 'The api-version is missing.', 'ERR_REFUSED', "path of the endpoint's address", [0]],
    [400, '', 'ERR_REFUSED', "path of the endpoint's address", [0]],
    [404, '', 'ERR_REFUSED', 'Nothing is served at that path', [0]],
    [404, '404 page not found', 'ERR_REFUSED', 'Nothing is served at that path', [0]],
    [404, '<title>Identity Portal</title>', 'ERR_REFUSED', 'Something else answered', [0]],
    [400, 'Invalid secret token header: .', 'ERR_REFUSED', 'secret was not accepted', [0]],
    [401, 'Invalid secret token header: .', 'ERR_REFUSED', 'secret was not accepted', [0]],
    [200, 'Invalid secret token header: .', 'ERR_RESPONSE_MALFORMED', 'proxy', [0]],
    [403, '', 'ERR_REFUSED', 'secret was not accepted', [0]],
    [429, '', 'ERR_THROTTLED', 'Wait', [0, 0.4, 1.2, 2.8]],
    [
      500,
      'InternalError - :{ Info: Request failure status code: 404 }',
      'ERR_REFUSED',
      'restart the host',
      [0, 0.4, 1.2, 2.8],
    ],
  ])('status %i "%s": %s, %s', async (status, body, code, hint, expected) => {
    const { token, times } = ask(compute, { answers: [plain(status, body)] });
    await expect(token).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) });
    expect(times).toEqual(expected);
  });

  test.each(indiscreet(compute.MSI_SECRET).map((answer) => [answer]))('repeats no secret after %o', (answer) =>
    expectNoSecret(ask(compute, { answers: [answer] })),
  );
});
