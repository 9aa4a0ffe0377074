import { describe, expect, test } from 'vitest';
import { getKeyVaultSecret } from '../index.ts';
import { vaultUrlOf } from './vault-url.ts';

const url = 'https://contoso.vault.azure.net';

describe('the vault', () => {
  test.each([
    ['the option first', 'https://option.vault.azure.net', { KEY_VAULT_URL: url }, 'https://option.vault.azure.net'],
    [
      'KEY_VAULT_URL before KEY_VAULT_URI',
      undefined,
      { KEY_VAULT_URL: url, KEY_VAULT_URI: 'https://b.vault.azure.net' },
      url,
    ],
    ['KEY_VAULT_URI', undefined, { KEY_VAULT_URL: ' ', KEY_VAULT_URI: `${url}/` }, url],
    ['a port', 'https://localhost:8443', {}, 'https://localhost:8443'],
  ])('%s', (_, option, env, expected) => expect(vaultUrlOf(option, env, undefined)).toBe(expected));

  test.each([
    ['nothing', {}, 'KV_URL_MISSING', 'Set KEY_VAULT_URL=https://VAULT.vault.azure.net'],
    [
      'a bare name',
      { KEY_VAULT_URL: 'contoso' },
      'KV_URL_INVALID',
      'KEY_VAULT_URL is a bare name. Write https://VAULT.vault.azure.net',
    ],
    [
      'a host',
      { KEY_VAULT_URI: 'contoso.vault.azure.net/' },
      'KV_URL_INVALID',
      'KEY_VAULT_URI lacks its scheme. Write https://contoso.vault.azure.net.',
    ],
    ['a path', { KEY_VAULT_URL: `${url}/secrets/x` }, 'KV_URL_INVALID', 'without a path'],
    [
      "a host of another cloud's",
      { KEY_VAULT_URL: 'contoso.vault.azure.cn' },
      'KV_URL_INVALID',
      'Write https://contoso.vault.azure.cn.',
    ],
    ["a closed cloud's host", { KEY_VAULT_URL: 'contoso.vault.microsoftazure.de' }, 'KV_URL_INVALID', 'is not a URL'],
    ['http', { KEY_VAULT_URL: 'http://contoso.vault.azure.net' }, 'KV_URL_INSECURE', 'begins with http'],
    [
      'another cloud',
      { KEY_VAULT_URL: 'contoso', AZURE_AUTHORITY_HOST: 'https://login.chinacloudapi.cn' },
      'KV_URL_INVALID',
      'https://VAULT.vault.azure.cn',
    ],
    ['a part', { KEY_VAULT_URL: `${url}/#x` }, 'KV_URL_INVALID', 'without a path'],
    ['quotes', { KEY_VAULT_URL: `"${url}"` }, 'KV_URL_INVALID', 'without quotes'],
    [
      'a reference of App Service',
      { KEY_VAULT_URL: '@Microsoft.KeyVault(VaultName=contoso;SecretName=x)' },
      'KV_URL_INVALID',
      'is a Key Vault reference',
    ],
    [
      'the page of the portal',
      {
        KEY_VAULT_URL:
          'https://portal.azure.com/#@contoso.com/resource/subscriptions/a0/resourceGroups/g/providers/Microsoft.KeyVault/vaults/contoso/overview',
      },
      'KV_URL_INVALID',
      'Write https://contoso.vault.azure.net.',
    ],
    ['something else', { KEY_VAULT_URL: 'p4ss w0rd' }, 'KV_URL_INVALID', 'is not a URL'],
  ])('%s is a TypeError with the fix', (_, env, code, message) => {
    const attempt = () => vaultUrlOf(undefined, env, undefined);
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
    expect(attempt).not.toThrow('p4ss');
  });
});

test.each(['', 'a_b', 'a/b', '../keys', 'x'.repeat(128), undefined])('the name %j is a TypeError', async (name) => {
  await expect(getKeyVaultSecret(name as string, { vaultUrl: url, env: {} })).rejects.toMatchObject({
    name: 'TypeError',
    code: 'KV_INVALID_NAME',
  });
});
