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
import type { CredentialOptions, Environment } from '../../types.ts';
import { cloudShell } from './cloud-shell.ts';

const shell = { MSI_ENDPOINT: 'http://localhost:50342/oauth2/token' };

describe('cloud-shell is', () => {
  test.each<[string, Environment, string, object]>([
    ['found by its one variable', shell, 'found', { host: 'Azure Cloud Shell', identityKeys: [] }],
    ['found beside its fingerprint', { ...shell, ACC_CLOUD: 'PROD' }, 'found', {}],
    ['found beside a blank secret', { ...shell, MSI_SECRET: ' ', IDENTITY_ENDPOINT: '' }, 'found', {}],
    [
      'half-set with an endpoint that is none',
      { MSI_ENDPOINT: 'localhost:50342' },
      'partial',
      { problem: { code: 'ERR_ENDPOINT_MALFORMED', message: expect.stringContaining('MSI_ENDPOINT') } },
    ],
    [
      'half-set at a public address',
      { MSI_ENDPOINT: 'http://tokens.example.com/' },
      'partial',
      { problem: { code: 'ERR_ENDPOINT_PUBLIC' } },
    ],
    ['absent with nothing', {}, 'absent', {}],
    ['absent with a blank endpoint', { MSI_ENDPOINT: '  ' }, 'absent', { near: undefined }],
    [
      'absent, but near, with its fingerprint alone',
      { ACC_CLOUD: 'PROD' },
      'absent',
      { near: expect.stringContaining('MSI_ENDPOINT') },
    ],
    ['absent beside a secret, which it has not', { ...shell, MSI_SECRET: 's' }, 'absent', {}],
    ['absent on App Service', { ...shell, WEBSITE_SITE_NAME: 'shop' }, 'absent', {}],
    // Container Apps sets the variable as well, and answers a POST with 405 (microsoft/azure-container-apps#502).
    ['absent on Container Apps', { ...shell, CONTAINER_APP_NAME: 'shop' }, 'absent', {}],
    ['absent on Azure Machine Learning', { ...shell, DEFAULT_IDENTITY_CLIENT_ID: world.clientId }, 'absent', {}],
    ['absent beside the newer endpoint', { ...shell, IDENTITY_ENDPOINT: 'http://127.0.0.1:1/' }, 'absent', {}],
    ['absent beside the newer header', { ...shell, IDENTITY_HEADER: 'h' }, 'absent', {}],
  ])('%s', (_, env, verdict, more) => {
    expect(cloudShell.detect(env, {})).toMatchObject({ verdict, ...more });
  });
});

describe('the golden file', () => {
  test.each(goldenRows('cloud-shell'))('%s', (_, row) => expectGolden('cloud-shell', row));
});

describe('cloud-shell, asked', () => {
  test('sends a form, without api-version and identity', async () => {
    const expires = start / 1000 + 3_599;
    const { io, token } = ask(shell, {
      answers: [
        json(200, { access_token: 'a.b.c', expires_in: '3599', expires_on: String(expires), refresh_token: '' }),
      ],
    });
    expect((await token).expiresOnTimestamp).toBe(expires * 1000);
    expect(io.requests.map(onTheWire)).toEqual([
      {
        line: 'POST http://localhost:50342/oauth2/token',
        headers: { metadata: 'true', 'content-type': 'application/x-www-form-urlencoded' },
        body: 'resource=https%3A%2F%2Fvault.azure.net',
      },
    ]);
  });

  test.each<[string, Environment, CredentialOptions]>([
    ['clientId', shell, { clientId: world.clientId }],
    ['objectId', shell, { objectId: world.objectId }],
    ['resourceId', shell, { resourceId: world.resourceId }],
    ['AZURE_MANAGED_IDENTITY_CLIENT_ID', { ...shell, AZURE_MANAGED_IDENTITY_CLIENT_ID: world.clientId }, {}],
    ['AZURE_CLIENT_ID', { ...shell, AZURE_CLIENT_ID: world.clientId }, {}],
  ])('refuses %s before any request', async (name, env, options) => {
    const { io, token } = ask(env, { answers: [tokenReply()] }, options);
    await expect(token).rejects.toMatchObject({
      name: 'CredentialUnavailableError',
      code: 'ERR_IDENTITY_UNSUPPORTED',
      hint: expect.stringMatching(new RegExp(`one identity only: leave out .*${name}`)),
    });
    expect(io.requests).toEqual([]);
  });

  const audience = {
    error: { code: 'AudienceNotSupported', message: 'Audience https://x is not a supported audience' },
  };
  test.each<[number, unknown, string, string, number[]]>([
    [400, audience, 'ERR_REFUSED', 'fixed list of resources', [0]],
    [400, {}, 'ERR_REFUSED', 'does not say why', [0]],
    [405, {}, 'ERR_REFUSED', '', [0]],
    [404, {}, 'ERR_REFUSED', '', [0]],
    [429, {}, 'ERR_THROTTLED', 'Wait', [0, 0.4, 1.2, 2.8]],
    [503, {}, 'ERR_REFUSED', '', [0, 0.4, 1.2, 2.8]],
  ])('status %i with %j: %s, %s', async (status, body, code, hint, expected) => {
    const { token, times } = ask(shell, { answers: [json(status, body)] });
    await expect(token).rejects.toMatchObject({ code, status, hint: expect.stringContaining(hint) });
    expect(times).toEqual(expected);
  });

  test.each(indiscreet(`eyJ${marker}.eyJ.c2ln`).map((answer) => [answer]))('repeats no token after %o', (answer) =>
    expectNoSecret(ask(shell, { answers: [answer] })),
  );
});
