import { describe, expect, test } from 'vitest';
import { invisibleIn, placeholderIn, placeholderWithin, visible } from './placeholder.ts';

const guid = 'a0000000-0000-4000-8000-0000000000c2';

describe('a placeholder', () => {
  test.each([
    ['@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s/)', 'Key Vault reference'],
    ['@microsoft.keyvault(VaultName=v;SecretName=s)', 'Key Vault reference'],
    ['@Microsoft.KeyVault(VaultName=v;SecretName=s', 'Key Vault reference'],
    ['"@Microsoft.KeyVault(VaultName=v;SecretName=s)"', 'Key Vault reference'],
    [' @Microsoft.KeyVault(VaultName=v;SecretName=s)\n', 'Key Vault reference'],
    ['@Microsoft.AppConfiguration(Endpoint=https://c.azconfig.io; Key=k)', 'App Configuration reference'],
    ['$(ClientSecret)', 'macro'],
    ['$(System.AccesToken)', 'macro'],
    ["'$(ClientSecret)'", 'macro'],
    ['$(cat $(secret.file))', 'macro'],
    ['$[variables.secret]', 'macro'],
    ['\x24{{ secrets.AZURE_CLIENT_SECRET }}', 'expression'],
    ['\x24{{parameters.secret}}', 'expression'],
    ['#{client-secret}#', 'template'],
    ['#{ClientSecret}', 'template'],
    ['{{ .Values.secret }}', 'template'],
    ['{{client_secret}}', 'template'],
    ['{client-secret}', 'template'],
    ['__CLIENT_SECRET__', 'template'],
    ['@client.secret@', 'template'],
    ['@@CLIENT_SECRET@@', 'template'],
    ['%(client_secret)s', 'template'],
    ["[parameters('secret')]", 'template'],
    ['[client-secret]', 'template'],
    ['[[client-secret]]', 'template'],
    ['{0}', 'template'],
    ['<%= secret %>', 'example'],
    ['\x24{SECRET}', 'variable'],
    ['\x24{SECRET:-}', 'variable'],
    ['$AZURE_CLIENT_SECRET', 'variable'],
    ['$env:SECRET', 'variable'],
    ['%SECRET%', 'variable'],
    ['%%SECRET%%', 'variable'],
    ['op://vault/item/field', 'secret store'],
    ['secretref:client-secret', 'secret store'],
    ['<client-secret>', 'example'],
    ['<your secret here>', 'example'],
    ['your-client-secret', 'example'],
    ['changeme', 'example'],
    ['TODO', 'example'],
    ['undefined', 'missing value'],
    ['null', 'missing value'],
    ['None', 'missing value'],
    ['[object Object]', 'missing value'],
    ['***', 'mask'],
    ['••••••••', 'mask'],
    ['xxxxxxxx', 'mask'],
  ])('%s', (value, what) => {
    expect(placeholderIn(value)?.what).toContain(what);
    for (const { text } of placeholderIn(value)?.fix ?? []) expect(text).toMatch(/^[A-Z].*\.$/);
  });

  // Entra's secrets hold ~, . _ and -; people choose the passwords of certificates.
  test.each([
    'abc8Q~aB$cd%ef.gh_ij-kl(mn)op{qr}st<uv>wx',
    'p$(x)q',
    'p\x24{x}',
    'a%b%c',
    'x<y>z',
    '50%',
    '%',
    '$',
    '$ecret',
    '$1',
    '#{a',
    '{}',
    '$()',
    '<>',
    '@Microsoft',
    'nullable',
    'undefined behaviour',
    '*',
    'xxx',
    'changeit',
    guid,
    'contoso.com',
    '/var/run/secrets/token',
    'https://login.microsoftonline.com',
    'http://[::1]:41741/msi/token',
    '',
  ])('is not %j', (value) => expect(placeholderIn(value)).toBeUndefined());

  test.each([
    'https://login.microsoftonline.com/$(tenantId)',
    'https://$(keyVaultName).vault.azure.net',
    'https://{{host}}/token',
    'https://<host>/token',
    '/secrets/\x24{NAME}/cert.pem',
    '%USERPROFILE%\\cert.pem',
    '#{tenant}#.onmicrosoft.com',
    '$(TenantId)',
    'https://login.microsoftonline.com/{tenant}',
  ])('in a part of an address, an id or a path: %s', (value) => expect(placeholderWithin(value)).toBeDefined());

  test.each([
    guid,
    'contoso.onmicrosoft.com',
    `{${guid}}`,
    'https://dev.azure.com/contoso/_apis/oidctoken?a=%C3%A9&b=%20c%20&c=%E2%82%AC',
    'C:\\Program Files (x86)\\cert.pem',
    '/subscriptions/s/resourceGroups/g(1)/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i',
  ])('is in no part of %s', (value) => expect(placeholderWithin(value)).toBeUndefined());
});

test.each([
  [`${guid}\u200b`, ['U+200B'], guid],
  [`\ufeff${guid}`, ['U+FEFF'], guid],
  [`contoso\u00ad.com`, ['U+00AD'], 'contoso.com'],
  [`a\u00a0b\u00a0`, ['U+00A0'], 'ab'],
  [guid, [], guid],
  ['né~€', [], 'né~€'],
])('what nobody sees in %j', (text, found, shown) => {
  expect(invisibleIn(text)).toEqual(found);
  expect(visible(text)).toBe(shown);
});
