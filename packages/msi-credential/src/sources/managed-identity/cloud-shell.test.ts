import { describe, expect, test } from 'vitest';
import { ask, detect, expectNoSecret, indiscreet, marker, onTheWire, world } from '../../../test/ask.ts';
import { catalogueOf, explanationOfFailure, failing, problemOf, runsOf } from '../../../test/catalogue.ts';
import { forever, json, start, tokenReply } from '../../../test/fake-io.ts';
import { goldenRows } from '../../../test/golden.ts';
import { expectHostExchange } from '../../../test/golden-managed-identity.ts';
import type { ErrorCode } from '../../codes.ts';
import type { HttpReply } from '../../io.ts';
import type { CredentialOptions, Environment } from '../../types.ts';
import { cloudShell } from './cloud-shell.ts';

const shell = { MSI_ENDPOINT: 'http://localhost:50342/oauth2/token' };

const halfSet: readonly (readonly [string, Environment, ErrorCode, name: string])[] = [
  ['with an endpoint that is none', { MSI_ENDPOINT: 'localhost:50342' }, 'ERR_ENDPOINT_MALFORMED', 'MSI_ENDPOINT'],
  ['at a public address', { MSI_ENDPOINT: 'http://tokens.example.com/' }, 'ERR_ENDPOINT_PUBLIC', 'tokens.example.com'],
];

describe('cloud-shell is', () => {
  test.each<[string, Environment]>([
    ['by its one variable', shell],
    ['beside its fingerprint', { ...shell, ACC_CLOUD: 'PROD' }],
    ['beside a blank secret', { ...shell, MSI_SECRET: ' ', IDENTITY_ENDPOINT: '' }],
  ])('found %s', (_, env) => {
    const endpoints = [new URL(shell.MSI_ENDPOINT)];
    const offer = { host: 'Azure Cloud Shell', principal: 'person', identityKeys: [], endpoints };
    expect(detect(cloudShell, env)).toMatchObject({ verdict: 'found', offer });
  });

  test.each(halfSet)('half-set %s', (_, env, code, name) => {
    expect(detect(cloudShell, env)).toMatchObject({ verdict: 'partial', missing: [], problem: { code } });
    expect(problemOf(cloudShell, env).cause).toContain(name);
  });

  test.each<[string, Environment, remedy?: unknown]>([
    ['with nothing', {}],
    ['with a blank endpoint', { MSI_ENDPOINT: '  ' }],
    ['with its fingerprint alone, but near', { ACC_CLOUD: 'PROD' }, expect.stringContaining('MSI_ENDPOINT')],
    ['beside a secret, which it has not', { ...shell, MSI_SECRET: 's' }],
    ['on App Service', { ...shell, WEBSITE_SITE_NAME: 'shop' }],
    // Container Apps sets the variable as well, and answers a POST with 405 (microsoft/azure-container-apps#502).
    ['on Container Apps', { ...shell, CONTAINER_APP_NAME: 'shop' }],
    ['on Azure Machine Learning', { ...shell, DEFAULT_IDENTITY_CLIENT_ID: world.clientId }],
    ['beside the newer endpoint', { ...shell, IDENTITY_ENDPOINT: 'http://127.0.0.1:1/' }],
    ['beside the newer header', { ...shell, IDENTITY_HEADER: 'h' }],
  ])('absent %s', (_, env, remedy) => {
    expect(detect(cloudShell, env)).toMatchObject({ verdict: 'absent', remedy });
  });
});

describe('the golden file', () => {
  test.each(goldenRows('cloud-shell'))('%s', (_, row) => expectHostExchange('cloud-shell', row));
});

const unsupported: readonly (readonly [string, Environment, CredentialOptions])[] = [
  ['clientId', shell, { clientId: world.clientId }],
  ['objectId', shell, { objectId: world.objectId }],
  ['resourceId', shell, { resourceId: world.resourceId }],
  ['AZURE_MANAGED_IDENTITY_CLIENT_ID', { ...shell, AZURE_MANAGED_IDENTITY_CLIENT_ID: world.clientId }, {}],
  ['AZURE_CLIENT_ID', { ...shell, AZURE_CLIENT_ID: world.clientId }, {}],
];

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

  test.each(unsupported)('refuses %s before any request', async (name, env, options) => {
    const { io, token } = ask(env, { answers: [tokenReply()] }, options);
    await expect(token).rejects.toMatchObject({
      name: 'CredentialUnavailableError',
      code: 'ERR_IDENTITY_UNSUPPORTED',
      source: 'cloud-shell',
      hint: expect.stringContaining(name),
    });
    expect(io.requests).toEqual([]);
  });
});

const audience = json(400, {
  error: { code: 'AudienceNotSupported', message: 'Audience https://x is not a supported audience' },
});
const busy = [0, 0.4, 1.2, 2.8];
const refusals: readonly (readonly [string, HttpReply, ErrorCode, runs: string[], times: number[]])[] = [
  ['400 AudienceNotSupported', audience, 'ERR_REFUSED', ['az login'], [0]],
  ['400', json(400, {}), 'ERR_REFUSED', [], [0]],
  ['405', json(405, {}), 'ERR_REFUSED', [], [0]],
  ['404', json(404, {}), 'ERR_REFUSED', [], [0]],
  ['429', json(429, {}), 'ERR_THROTTLED', [], busy],
  ['503', json(503, {}), 'ERR_REFUSED', [], busy],
];

describe('cloud-shell, refused', () => {
  test.each(refusals)('%s', async (_, reply, code, runs, expected) => {
    const { token, times } = ask(shell, { answers: [forever(reply)] });
    const explanation = await explanationOfFailure(token);
    expect(explanation).toMatchObject({ code, status: reply.status });
    expect(runsOf(explanation)).toEqual(runs);
    expect(times).toEqual(expected);
  });

  test.each(indiscreet(`eyJ${marker}.eyJ.c2ln`).map((answer) => [answer]))('repeats no token after %o', (answer) =>
    expectNoSecret(ask(shell, { answers: [answer] })),
  );
});

test('the wording of each problem', async () => {
  const told = await Promise.all([
    ...halfSet.map(([title, env]) => [`half-set ${title}`, problemOf(cloudShell, env)] as const),
    ...unsupported.map(([title, env, options]) => failing(title, ask(env, {}, options).token)),
    ...refusals.map(([title, reply]) => failing(title, ask(shell, { answers: [forever(reply)] }).token)),
  ]);
  await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/cloud-shell.txt');
});
