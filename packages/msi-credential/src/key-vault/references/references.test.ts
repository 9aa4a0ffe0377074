import { SecretClient } from '@azure/keyvault-secrets';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { KeyVaultReferencesError, type ReferenceOptions, resolveKeyVaultReferences } from '../index.ts';
import * as kept from '../secret/kept.ts';
import { isReference, readReference } from './syntax.ts';

const read = (value: string) => readReference(value, 'vault.azure.net');
const vaultUrl = 'https://contoso.vault.azure.net';
const latest = { vaultUrl, secretName: 'db-password', version: undefined };
const version = '5d1f0c6a9be24c4f8f6f1a7b3c2d9e01';

describe('a reference', () => {
  test.each([
    ['@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/secrets/db-password)', latest],
    ['@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/secrets/db-password/)', latest],
    [`@Microsoft.KeyVault(SecretUri=${vaultUrl}/secrets/db-password/${version})`, { ...latest, version }],
    [`@Microsoft.KeyVault(SecretUri=${vaultUrl}/secrets/db-password/${version}/)`, { ...latest, version }],
    ['@Microsoft.KeyVault(VaultName=contoso;SecretName=db-password)', latest],
    [`@Microsoft.KeyVault(VaultName=contoso;SecretName=db-password;SecretVersion=${version})`, { ...latest, version }],
    ['@Microsoft.KeyVault(VaultName=contoso;SecretName=db-password;SecretVersion=)', latest],
    [' @microsoft.keyvault ( secretname = db-password ; VAULTNAME = Contoso ) ', latest],
  ])('%s', (value, expected) => expect(read(value)).toEqual(expected));

  test.each([
    ['@Microsoft.KeyVault()', 'nothing between the parentheses'],
    ['@Microsoft.KeyVault(x)', 'NAME=VALUE'],
    ['@Microsoft.KeyVault(VaultName=contoso)', 'SecretName is missing'],
    ['@Microsoft.KeyVault(SecretName=x)', 'VaultName is missing'],
    [
      '@Microsoft.KeyVault(VaultName=contoso;SecretName=my_secret)',
      "SecretName is not the name of a secret. A secret's name has",
    ],
    ['@Microsoft.KeyVault(VaultName=contoso;SecretName=a b)', 'SecretName is not the name of a secret'],
    ['@Microsoft.KeyVault(VaultName=con_toso;SecretName=x)', 'VaultName has other characters'],
    ['@Microsoft.KeyVault(VaultName=kv;SecretName=x)', 'VaultName has 2 characters'],
    ['@Microsoft.KeyVault(VaultName=contoso.vault.azure.net;SecretName=x)', 'without https:// and .vault.azure.net'],
    [
      '@Microsoft.KeyVault(VaultName=https://contoso.vault.azure.net/;SecretName=x)',
      'without https:// and .vault.azure.net',
    ],
    ['@Microsoft.KeyVault(VaultName=contoso;VaultName=contoso;SecretName=x)', 'twice'],
    ['@Microsoft.KeyVault(VaultName=contoso;SecretName=x;Other=y)', 'only fields'],
    ['@Microsoft.KeyVault(Vault=contoso;Secret=x)', 'only fields'],
    ['@Microsoft.KeyVault(VaultName=contoso,SecretName=x)', 'semicolon'],
    ['@Microsoft.KeyVault(VaultName=contoso;SecretName=x, SecretVersion=1)', 'semicolon'],
    ['@Microsoft.KeyVault(VaultName=contoso;SecretName=x;SecretVersion=1_2)', 'SecretVersion is not the version'],
    ['@Microsoft.KeyVault(SecretUri=http://contoso.vault.azure.net/secrets/x)', 'https://'],
    ['@Microsoft.KeyVault(SecretUri=contoso.vault.azure.net/secrets/x)', 'does not begin with https://'],
    ['@Microsoft.KeyVault(SecretUri=contoso)', 'does not begin with https://'],
    ['@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net//secrets/x)', 'two slashes'],
    ['@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/keys/x)', 'a key or a certificate'],
    ['@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/certificates/x)', 'a key or a certificate'],
    ['@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net)', 'lacks /secrets/'],
    ['@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/secrets/)', 'lacks /secrets/'],
    ['@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/secrets/my_secret)', 'is not the name of a secret'],
    ['@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/secrets/x/1_2)', 'is not the version'],
    ['@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/secrets/x/1/2)', 'after the version'],
    ['@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/secrets/x?a=b)', '? or #'],
    ['@Microsoft.KeyVault(SecretUri=https://a:b@contoso.vault.azure.net/secrets/x)', 'user name'],
    ['@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/secrets/x;SecretName=x)', 'Beside SecretUri'],
    ['@Microsoft.KeyVault(VaultName=contoso;SecretName=x', 'cut off: its closing parenthesis'],
    ['@Microsoft.KeyVault(VaultName=contoso', 'cut off: its closing parenthesis'],
    ['@Microsoft.KeyVault', 'cut off before its parenthesis'],
    ['Microsoft.KeyVault(VaultName=contoso;SecretName=x)', 'does not begin with @'],
    ['"@Microsoft.KeyVault(VaultName=contoso;SecretName=x)"', 'in quotes'],
    ["'@Microsoft.KeyVault(VaultName=contoso;SecretName=x)'", 'in quotes'],
    ['@Microsoft.KeyVault(VaultName=contoso;SecretName=x) and more', 'whole value'],
    ['Server=db;Password=@Microsoft.KeyVault(VaultName=contoso;SecretName=x);', 'whole value'],
    ['{"password":"@Microsoft.KeyVault(VaultName=contoso;SecretName=x)"}', 'whole value'],
    ['@Microsoft.KeyVault(VaultName=a;SecretName=b)@Microsoft.KeyVault(VaultName=c;SecretName=d)', 'whole value'],
  ])('%s means to be one and is none: %s', (value, says) => {
    expect(isReference(value)).toBe(true);
    const read = readReference(value, 'vault.azure.net');
    expect(read).toEqual({ mistake: expect.stringContaining(says) });
    expect(JSON.stringify(read)).not.toMatch(/contoso|my_secret/);
  });

  test.each([
    '',
    'x',
    'keyvaultref:x',
    'Microsoft.KeyVault',
    '@Microsoft.AppConfiguration(x)',
    'Microsoft.KeyVault/vaults',
  ])('%j is none of ours', (value) => expect(isReference(value)).toBe(false));
});

describe('an environment', () => {
  const broken = { A: 'plain', B: '@Microsoft.KeyVault(VaultName=contoso', C: undefined };

  test('without references gives nothing, and nothing is asked', async () => {
    expect(await resolveKeyVaultReferences({ A: 'plain', C: undefined })).toEqual({});
  });

  test('with one that cannot be read says which, in the words of App Service', async () => {
    const error = await resolveKeyVaultReferences(broken).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KeyVaultReferencesError);
    expect(error).toMatchObject({
      code: 'KV_REFERENCES',
      message: expect.stringContaining('B: InvalidSyntax.'),
      failures: [{ variable: 'B', status: 'InvalidSyntax', explanation: { code: 'KV_REFERENCE_SYNTAX' } }],
    });
  });

  test('keeps it on demand, and only it', async () => {
    expect(await resolveKeyVaultReferences(broken, { onError: 'keep' })).toEqual({ B: broken.B });
  });

  test("App Service's own report on its references holds none", async () => {
    const report = JSON.stringify({ B: { rawReference: '@Microsoft.KeyVault(VaultName=contoso;SecretName=x)' } });
    expect(await resolveKeyVaultReferences({ WEBSITE_KEYVAULT_REFERENCES: report })).toEqual({});
  });

  test('the command of the fix has nothing that a shell would change', async () => {
    const error = await resolveKeyVaultReferences(broken).catch((thrown: unknown) => thrown);
    const runs = (error as KeyVaultReferencesError).failures[0]?.explanation.fix.flatMap(({ run }) => run ?? []);
    expect(runs).toEqual(['az webapp config appsettings set -g GROUP -n APP --settings "@settings.json"']);
  });
});

describe('a reference is read', () => {
  /** The vaults that are asked, and by whom. */
  async function asked(values: Record<string, string>, env: Record<string, string>, options: ReferenceOptions = {}) {
    const seen: unknown[] = [];
    vi.spyOn(SecretClient.prototype, 'getSecret').mockImplementation(async function (this: SecretClient, name) {
      seen.push(`${this.vaultUrl} ${name}`);
      return { value: `value of ${name}` } as never;
    });
    const resolved = await resolveKeyVaultReferences(values, { env, ...options });
    return { seen, resolved };
  }
  afterEach(() => vi.restoreAllMocks());
  const DB = '@Microsoft.KeyVault(VaultName=contoso;SecretName=x)';

  test('and nothing else is returned', async () => {
    expect((await asked({ DB, LEVEL: 'debug' }, {})).resolved).toEqual({ DB: 'value of x' });
  });

  test.each<[string, Record<string, string>, Record<string, string>, string]>([
    ['in the public cloud', {}, {}, 'vault.azure.net'],
    [
      'as AZURE_AUTHORITY_HOST says',
      { AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us' },
      {},
      'vault.usgovcloudapi.net',
    ],
    ["in the app's own cloud", { WEBSITE_HOSTNAME: 'app.azurewebsites.us' }, {}, 'vault.usgovcloudapi.net'],
    ["in the app's own cloud, China's", { WEBSITE_HOSTNAME: 'app.chinacloudsites.cn' }, {}, 'vault.azure.cn'],
    [
      "in the container app's own cloud",
      { CONTAINER_APP_HOSTNAME: 'a.b.usgovvirginia.azurecontainerapps.us' },
      {},
      'vault.usgovcloudapi.net',
    ],
    ['in the cloud of KEY_VAULT_URL', { KEY_VAULT_URL: 'https://other.vault.azure.cn/' }, {}, 'vault.azure.cn'],
    [
      'in the cloud of KEY_VAULT_URL among the values',
      {},
      { KEY_VAULT_URL: 'https://other.vault.azure.cn' },
      'vault.azure.cn',
    ],
    [
      'in the cloud of the app before that of KEY_VAULT_URL',
      { WEBSITE_HOSTNAME: 'app.azurewebsites.net', KEY_VAULT_URL: 'https://other.vault.azure.cn' },
      {},
      'vault.azure.net',
    ],
  ])('%s', async (_, env, values, suffix) => {
    const { seen } = await asked({ DB, ...values }, env);
    expect(seen).toEqual([`https://contoso.${suffix} x`]);
  });

  test('though another one is disabled', async () => {
    vi.spyOn(SecretClient.prototype, 'getSecret').mockImplementation(async (name) => {
      if (name !== 'off') return { value: name } as never;
      const details = { error: { code: 'Forbidden', message: 'x', innerError: { code: 'SecretDisabled' } } };
      throw Object.assign(new Error('x'), { name: 'RestError', statusCode: 403, code: 'Forbidden', details });
    });
    const of = (name: string) => `@Microsoft.KeyVault(VaultName=contoso;SecretName=${name})`;
    const values = { A: of('a'), B: of('off'), C: of('c') };
    const error = await resolveKeyVaultReferences(values, { env: {} }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ failures: [{ variable: 'B', explanation: { code: 'KV_SECRET_DISABLED' } }] });
    const kept = await resolveKeyVaultReferences(values, { env: {}, onError: 'keep' });
    expect(kept).toEqual({ A: 'a', B: values.B, C: 'c' });
  });

  test('with the identity of the process, whatever the values say', async () => {
    const chosen = vi.spyOn(kept, 'credentialFor');
    const values = { DB, AZURE_CLIENT_ID: 'x', AZURE_TENANT_ID: 'x', AZURE_CLIENT_SECRET: 'x', MSI_ENDPOINT: 'x' };
    vi.spyOn(SecretClient.prototype, 'getSecret').mockResolvedValue({ value: 'x' } as never);
    await resolveKeyVaultReferences(values);
    expect(chosen.mock.lastCall?.[0].env).toBe(process.env);
  });
});
