import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { answer } from '../routes.ts';
import { issueToken, type TokenOptions } from '../state/issue-token.ts';
import { createState } from '../state/state.ts';

const state = createState(readConfig({}));
const { subscriptionId, tenantId, systemAssigned } = state.world;
const version = '?api-version=2022-12-01';
const arm = 'https://management.azure.com';
const subscription = `/subscriptions/${subscriptionId}`;

async function send(path: string, options: TokenOptions & { method?: string; authorization?: string } = {}) {
  const { method = 'GET', authorization, ...token } = options;
  const headers = { authorization: authorization ?? `Bearer ${issueToken(state, { audience: `${arm}/`, ...token })}` };
  const response = await answer('resource-manager', new Request(`${arm}${path}`, { method, headers }), state);
  return { status: response.status, headers: response.headers, ...(await response.text().then(JSON.parse)) };
}

describe('Azure Resource Manager', () => {
  it.each(['', '/'].flatMap((end) => [`${arm}${end}`, `https://management.core.windows.net${end}`]))(
    'takes a token for %s and shows the tenant and its one subscription',
    async (audience) => {
      expect(await send(`/subscriptions${version}`, { audience })).toMatchObject({
        status: 200,
        value: [{ subscriptionId, tenantId, state: 'Enabled' }],
      });
      expect(await send(`/tenants${version}`, { audience })).toMatchObject({ value: [{ tenantId }] });
      expect(await send(`${subscription}${version}`, { audience })).toMatchObject({ subscriptionId });
    },
  );

  it.each<[string, Parameters<typeof send>[1], string]>([
    ['no token', { authorization: '' }, 'AuthenticationFailed'],
    ['no JWT', { authorization: 'Bearer x' }, 'InvalidAuthenticationToken'],
    ['a forged token', { signWith: 'forged' }, 'InvalidAuthenticationToken'],
    ["Key Vault's token", { audience: 'https://vault.azure.net' }, 'InvalidAuthenticationTokenAudience'],
    ["another tenant's token", { tenantId: subscriptionId }, 'InvalidAuthenticationTokenTenant'],
    ['an old token', { expiresAt: new Date(0) }, 'ExpiredAuthenticationToken'],
    ['a token of tomorrow', { notBefore: new Date(Date.now() + 86_400_000) }, 'ExpiredAuthenticationToken'],
  ])('refuses %s', async (_title, options, code) => {
    const { status, error, headers } = await send(`/subscriptions${version}`, options);
    expect([status, error.code]).toEqual([401, code]);
    expect(headers.get('www-authenticate')).toContain(
      `authorization_uri="https://login.microsoftonline.com/${tenantId}"`,
    );
  });

  const vault = `${subscription}/resourceGroups/local/providers/Microsoft.KeyVault/vaults/local`;
  it.each([
    ['GET', `${subscription}/resourcegroups`, 'Microsoft.Resources/subscriptions/resourcegroups/read'],
    ['PUT', `${subscription}/resourcegroups/a`, 'Microsoft.Resources/subscriptions/resourcegroups/write'],
    ['GET', vault, 'Microsoft.KeyVault/vaults/read'],
    ['PUT', `${vault}/accessPolicies/add`, 'Microsoft.KeyVault/vaults/accessPolicies/write'],
    ['DELETE', vault, 'Microsoft.KeyVault/vaults/delete'],
    [
      'PUT',
      `${vault}/providers/Microsoft.Authorization/roleAssignments/a`,
      'Microsoft.Authorization/roleAssignments/write',
    ],
    [
      'POST',
      `${subscription}/resourceGroups/a/providers/Microsoft.Storage/storageAccounts/b/listKeys`,
      'Microsoft.Storage/storageAccounts/listKeys/action',
    ],
    ['POST', '/subscriptions', 'Microsoft.Resources/subscriptions/action'],
  ])('refuses %s %s to everybody, and names the action', async (method, path, action) => {
    const { status, error } = await send(`${path}${version}`, { method });
    expect([status, error.code]).toEqual([403, 'AuthorizationFailed']);
    for (const part of [`'${action}'`, `'${path}'`, systemAssigned.objectId]) expect(error.message).toContain(part);
  });

  it('wants an api-version, and knows no other subscription', async () => {
    expect(await send('/subscriptions')).toMatchObject({ status: 400, error: { code: 'MissingApiVersionParameter' } });
    expect(await send(`/subscriptions/${tenantId}${version}`)).toMatchObject({
      status: 404,
      error: { code: 'SubscriptionNotFound' },
    });
  });
});
