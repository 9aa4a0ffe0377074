import { describe, expect, test } from 'vitest';
import { KeyVaultReferencesError, resolveKeyVaultReferences } from '../index.ts';
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
    '@Microsoft.KeyVault()',
    '@Microsoft.KeyVault(VaultName=contoso)',
    '@Microsoft.KeyVault(VaultName=contoso;SecretName=a_b)',
    '@Microsoft.KeyVault(VaultName=contoso.vault.azure.net;SecretName=x)',
    '@Microsoft.KeyVault(VaultName=contoso;VaultName=contoso;SecretName=x)',
    '@Microsoft.KeyVault(VaultName=contoso;SecretName=x;Other=y)',
    '@Microsoft.KeyVault(SecretUri=http://contoso.vault.azure.net/secrets/x)',
    '@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/keys/x)',
    '@Microsoft.KeyVault(SecretUri=https://contoso.vault.azure.net/secrets/x;SecretName=x)',
    '@Microsoft.KeyVault(SecretUri=contoso)',
    '@Microsoft.KeyVault(VaultName=contoso;SecretName=x',
    '@Microsoft.KeyVault(VaultName=contoso;SecretName=x) and more',
  ])('%s means to be one and is none', (value) => {
    expect(isReference(value)).toBe(true);
    expect(read(value)).toBeUndefined();
  });

  test.each(['', 'x', 'keyvaultref:x', 'see @Microsoft.KeyVault(SecretUri=x)', '@Microsoft.AppConfiguration(x)'])(
    '%j is none of ours',
    (value) => expect(isReference(value)).toBe(false),
  );
});

describe('an environment', () => {
  const broken = { A: 'plain', B: '@Microsoft.KeyVault(VaultName=contoso', C: undefined };

  test('without references comes back as a new object, and nothing is asked', async () => {
    const env = { A: 'plain', C: undefined };
    const resolved = await resolveKeyVaultReferences(env);
    expect(resolved).toEqual(env);
    expect(resolved).not.toBe(env);
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

  test('keeps it on demand', async () => {
    expect(await resolveKeyVaultReferences(broken, { onError: 'keep' })).toEqual(broken);
  });
});
