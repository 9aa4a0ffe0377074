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
    ['capitals and a slash', 'https://CONTOSO.Vault.Azure.Net/', {}, url],
    ["another cloud's", 'https://contoso.vault.usgovcloudapi.net', {}, 'https://contoso.vault.usgovcloudapi.net'],
    ["a stand-in's name", 'https://lowkey-vault:8443', {}, 'https://lowkey-vault:8443'],
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
    [
      'the identifier of a secret',
      { KEY_VAULT_URL: `${url}/secrets/x` },
      'KV_URL_INVALID',
      'KEY_VAULT_URL is the identifier of a secret, not the address of its vault. Write https://contoso.vault.azure.net here. What follows /secrets/ is the name of the secret.',
    ],
    ['the identifier of a key', { KEY_VAULT_URL: `${url}/keys/x/1` }, 'KV_URL_INVALID', 'is the identifier of a key'],
    [
      'a path',
      { KEY_VAULT_URL: `${url}/x` },
      'KV_URL_INVALID',
      'has more than a host. Write https://contoso.vault.azure.net.',
    ],
    ["a stand-in's path", { KEY_VAULT_URL: 'https://localhost:8443/x' }, 'KV_URL_INVALID', 'without a path'],
    [
      'a macro of a pipeline',
      { KEY_VAULT_URL: 'https://$(keyVaultName).vault.azure.net' },
      'KV_URL_INVALID',
      'placeholder',
    ],
    [
      'a variable of a shell',
      { KEY_VAULT_URL: `https://\${KEY_VAULT_NAME}.vault.azure.net` },
      'KV_URL_INVALID',
      'placeholder',
    ],
    [
      'a mark of a template',
      { KEY_VAULT_URL: 'https://#{KeyVaultName}#.vault.azure.net' },
      'KV_URL_INVALID',
      'placeholder',
    ],
    ['a chart', { KEY_VAULT_URL: 'https://{{ .Values.vault }}.vault.azure.net' }, 'KV_URL_INVALID', 'placeholder'],
    ['a variable of cmd', { KEY_VAULT_URL: 'https://%VAULT%.vault.azure.net' }, 'KV_URL_INVALID', 'placeholder'],
    [
      'the mark of an example',
      { KEY_VAULT_URL: 'https://<your-vault>.vault.azure.net' },
      'KV_URL_INVALID',
      'placeholder',
    ],
    ["this documentation's own", { KEY_VAULT_URL: 'https://VAULT.vault.azure.net' }, 'KV_URL_INVALID', 'placeholder'],
    [
      'a name that was missing',
      { KEY_VAULT_URL: 'https://undefined.vault.azure.net' },
      'KV_URL_INVALID',
      'placeholder',
    ],
    ['an example name', { KEY_VAULT_URL: 'https://your-key-vault.vault.azure.net' }, 'KV_URL_INVALID', 'placeholder'],
    [
      'an underscore',
      { KEY_VAULT_URL: 'https://my_vault.vault.azure.net' },
      'KV_URL_INVALID',
      'names no vault: the name in it has other characters',
    ],
    [
      'a short name',
      { KEY_VAULT_URL: 'https://kv.vault.azure.net' },
      'KV_URL_INVALID',
      'the name in it has 2 characters, not 3 to 24',
    ],
    ['two labels', { KEY_VAULT_URL: 'https://a.b.vault.azure.net' }, 'KV_URL_INVALID', 'names no vault'],
    ['no name', { KEY_VAULT_URL: 'https://vault.azure.net' }, 'KV_URL_INVALID', 'lacks the name of the vault'],
    [
      'a managed HSM',
      { KEY_VAULT_URL: 'https://pool.managedhsm.azure.net' },
      'KV_URL_INVALID',
      'is the address of a managed HSM, which holds keys only',
    ],
    [
      "a managed HSM of another cloud's",
      { KEY_VAULT_URL: 'https://pool.managedhsm.usgovcloudapi.net/' },
      'KV_URL_INVALID',
      'managed HSM',
    ],
    [
      'a private endpoint',
      { KEY_VAULT_URL: 'https://contoso.privatelink.vaultcore.azure.net' },
      'KV_URL_INVALID',
      "is the name of a vault's private endpoint. Write https://contoso.vault.azure.net.",
    ],
    [
      'another ending',
      { KEY_VAULT_URL: 'https://contoso.vault.azure.com' },
      'KV_URL_INVALID',
      "does not end as a vault's address does",
    ],
    [
      'another ending in the middle',
      { KEY_VAULT_URL: 'https://contoso.vaults.azure.net' },
      'KV_URL_INVALID',
      "does not end as a vault's address does",
    ],
    [
      'an Azure resource id',
      { KEY_VAULT_URL: '/subscriptions/a0/resourceGroups/g/providers/Microsoft.KeyVault/vaults/contoso' },
      'KV_URL_INVALID',
      "is the vault's Azure resource id. Write https://contoso.vault.azure.net.",
    ],
    [
      "a host of another cloud's",
      { KEY_VAULT_URL: 'contoso.vault.azure.cn' },
      'KV_URL_INVALID',
      'Write https://contoso.vault.azure.cn.',
    ],
    ["a closed cloud's host", { KEY_VAULT_URL: 'contoso.vault.microsoftazure.de' }, 'KV_URL_INVALID', 'is not a URL'],
    [
      'a host with a path',
      { KEY_VAULT_URL: 'contoso.vault.azure.net/secrets/x' },
      'KV_URL_INVALID',
      'lacks its scheme, and has a path. Write https://contoso.vault.azure.net.',
    ],
    [
      'a host with a port',
      { KEY_VAULT_URL: 'contoso.vault.azure.net:443' },
      'KV_URL_INVALID',
      'lacks its scheme. Write https://contoso.vault.azure.net.',
    ],
    ['another scheme', { KEY_VAULT_URL: 'ftp://contoso.vault.azure.net' }, 'KV_URL_INVALID', 'is not a URL'],
    ["a stand-in's http", { KEY_VAULT_URL: 'http://localhost:8080' }, 'KV_URL_INSECURE', 'speaks TLS'],
    ['http', { KEY_VAULT_URL: 'http://contoso.vault.azure.net' }, 'KV_URL_INSECURE', 'begins with http'],
    [
      'another cloud',
      { KEY_VAULT_URL: 'contoso', AZURE_AUTHORITY_HOST: 'https://login.chinacloudapi.cn' },
      'KV_URL_INVALID',
      'https://VAULT.vault.azure.cn',
    ],
    ['a part', { KEY_VAULT_URL: `${url}/#x` }, 'KV_URL_INVALID', 'has more than a host'],
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

const version = '5d1f0c6a9be24c4f8f6f1a7b3c2d9e01';
test.each([
  [`${url}/secrets/x`, 'identifier', `getKeyVaultSecret('x', { vaultUrl: '${url}' })`],
  [
    `${url}/secrets/x/${version}`,
    'identifier',
    `getKeyVaultSecret('x', { vaultUrl: '${url}', version: '${version}' })`,
  ],
  [`x/${version}`, 'version is an option', `getKeyVaultSecret('x', { version: '${version}' })`],
  ['secrets/x', 'path', "getKeyVaultSecret('x')"],
  ['@Microsoft.KeyVault(VaultName=contoso;SecretName=x)', 'reference', 'resolveKeyVaultReferences'],
  ['a_b', "A secret's name has", 'hyphen'],
])('the name %s is told for what it is', async (name, what, write) => {
  const error = await getKeyVaultSecret(name, { vaultUrl: url, env: {} }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'TypeError', code: 'KV_INVALID_NAME' });
  expect(String(error)).toContain(what);
  expect(String(error)).toContain(write);
});
