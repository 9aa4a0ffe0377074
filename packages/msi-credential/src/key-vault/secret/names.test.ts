import { describe, expect, test } from 'vitest';
import { tenantOfChallenge } from '../explain/answer.ts';
import { isSecretName, isVaultName, problemWithVaultName, vaultNameIn } from './names.ts';

describe('the name of a vault', () => {
  test.each([
    ['kv', 'has 2 characters, not 3 to 24'],
    ['v'.repeat(25), 'has 25 characters, not 3 to 24'],
    ['1kv', 'does not begin with a letter'],
    ['kv_dev', 'has other characters than letters, digits and hyphens'],
    ['a.b.c', 'has other characters than letters, digits and hyphens'],
    ['kv--dev', 'has two hyphens in a row'],
    ['kv-dev-', 'ends with a hyphen'],
    ['kv1', undefined],
    ['Contoso-Dev', undefined],
    ['v'.repeat(24), undefined],
  ])('%s %s', (name, problem) => {
    expect(problemWithVaultName(name)).toBe(problem);
    expect(isVaultName(name)).toBe(problem === undefined);
  });

  test.each([
    ['contoso.vault.azure.net', 'contoso'],
    ['contoso.vault.usgovcloudapi.net', 'contoso'],
    ['Contoso.Vault.Azure.CN', 'Contoso'],
    ['a.b.vault.azure.net', 'a.b'],
    ['xvault.azure.net', undefined],
    ['vault.azure.net', undefined],
    ['localhost', undefined],
  ])('stands in %s as %s', (host, name) => expect(vaultNameIn(host)).toBe(name));
});

test.each([
  ['a', true],
  ['1-A', true],
  ['x'.repeat(127), true],
  ['x'.repeat(128), false],
  ['', false],
  ['a_b', false],
  [undefined, false],
])('%j can be the name of a secret: %s', (name, expected) => expect(isSecretName(name)).toBe(expected));

const tenant = '11111111-aaaa-4bbb-8ccc-000000000001';

test.each([
  [`Bearer authorization="https://login.microsoftonline.com/${tenant}", resource="https://vault.azure.net"`, tenant],
  [`Bearer authorization="https://login.windows.net/${tenant}/",resource="x"`, tenant],
  ['Bearer authorization="https://login.microsoftonline.com/common"', undefined],
  [`Bearer realm="", authorization_uri="https://login.microsoftonline.com/${tenant}"`, undefined],
  ['Bearer authorization="https://x/$(reboot)"', undefined],
  ['', undefined],
  [undefined, undefined],
])('the challenge %s names the tenant %s', (header, expected) => expect(tenantOfChallenge(header)).toBe(expected));
