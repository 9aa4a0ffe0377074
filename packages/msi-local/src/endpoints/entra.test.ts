import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { answer } from '../routes.ts';
import { createState } from '../state/state.ts';

const state = createState(readConfig({}));
const { tenantId, servicePrincipal } = state.world;

async function signIn(loginHost: string, resource: string, scope = `${resource}/.default`) {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: servicePrincipal.clientId,
    client_secret: state.hostSecrets.of('service-principal'),
    scope,
  });
  const url = `https://${loginHost}/${tenantId}/oauth2/v2.0/token`;
  const response = await answer('entra', new Request(url, { method: 'POST', body }), state);
  return { status: response.status, ...(await response.text().then(JSON.parse)) };
}

describe('an application that signs in', () => {
  const [world, government, china] = [
    'login.microsoftonline.com',
    'login.microsoftonline.us',
    'login.chinacloudapi.cn',
  ];
  it.each([
    [world, 'https://vault.azure.net'],
    [world, 'https://graph.microsoft.com'],
    [world, 'https://storage.azure.com'],
    [world, 'https://myapi.example.com'],
    [government, 'https://vault.usgovcloudapi.net'],
    [government, 'https://storage.azure.com'],
    [government, 'https://graph.microsoft.us'],
    [china, 'https://vault.azure.cn'],
  ])('at %s gets a token for %s', async (loginHost, resource) => {
    expect(await signIn(loginHost, resource)).toMatchObject({ status: 200, access_token: expect.any(String) });
  });

  it.each([
    [world, 'https://vault.usgovcloudapi.net'],
    [world, 'https://vault.azure.cn'],
    [world, 'https://management.usgovcloudapi.net'],
    [world, 'https://management.chinacloudapi.cn'],
    [world, 'https://graph.microsoft.us'],
    [government, 'https://vault.azure.net'],
    [government, 'https://management.azure.com'],
    [government, 'https://vault.azure.cn'],
    [china, 'https://vault.azure.net'],
    [china, 'https://graph.microsoft.com'],
  ])('at %s gets none for %s, a service of another cloud', async (loginHost, resource) => {
    expect(await signIn(loginHost, resource)).toMatchObject({
      status: 400,
      error: 'invalid_resource',
      error_codes: [500011],
      error_description: expect.stringContaining(resource),
    });
  });

  const scope = 'https://vault.azure.net/.default';
  it.each([
    `openid profile offline_access ${scope}`,
    `${scope} email`,
    ` openid  ${scope} openid `,
    'https://vault.azure.net//.default openid',
  ])('may name scopes of OpenID Connect beside the one of its resource: "%s"', async (scopes) => {
    expect(await signIn(world, '', scopes)).toMatchObject({ status: 200, access_token: expect.any(String) });
  });

  it.each([
    'openid profile offline_access',
    'https://vault.azure.net',
    'https://vault.azure.net/user_impersonation openid',
    `${scope} https://graph.microsoft.com/.default`,
    `${scope} ${scope}`,
    `${scope} OpenID`,
    `${scope},openid`,
  ])('names exactly one resource: "%s" is refused', async (scopes) => {
    expect(await signIn(world, '', scopes)).toMatchObject({ status: 400, error_codes: [70011] });
  });
});
