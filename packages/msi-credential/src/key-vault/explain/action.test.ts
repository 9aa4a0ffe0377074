import { describe, expect, test } from 'vitest';
import { formatFix } from '../../codes.ts';
import { explainKeyVaultError } from './explain.ts';

const url = (path: string) => `https://contoso.vault.azure.net${path}`;
const caller = 'Caller: appid=33333333-aaaa-4bbb-8ccc-000000000003;oid=44444444-aaaa-4bbb-8ccc-000000000004';
const rbac = (action: string) =>
  `Caller is not authorized to perform action on resource.\r\n${caller}\r\nAction: 'Microsoft.KeyVault/vaults/${action}'\r\nResource: '/subscriptions/s/resourcegroups/g/providers/microsoft.keyvault/vaults/contoso/keys/k'\r\nVault: contoso;location=westeurope`;
const policy = (what: string) =>
  `The user, group or application 'appid=x;oid=44444444-aaaa-4bbb-8ccc-000000000004;iss=y' does not have ${what} permission on key vault 'contoso;location=westeurope'.`;

/** A refusal as the clients of keys, certificates and secrets throw it alike. */
function refused(status: number, code: string, message: string, inner?: string, method = 'GET', path = '/') {
  const details = { error: { code, message, ...(inner && { innerError: { code: inner } }) } };
  const request = { method, url: url(path) };
  return explainKeyVaultError(
    Object.assign(new Error(message), { name: 'RestError', statusCode: status, code, details, request }),
  );
}
const runs = ({ fix }: ReturnType<typeof refused>) => fix.flatMap(({ run }) => run ?? []).join('\n');

describe('without a role', () => {
  test.each([
    ['keys/read', 'Key Vault Crypto User'],
    ['keys/sign/action', 'Key Vault Crypto User'],
    ['keys/wrap/action', 'Key Vault Crypto User'],
    ['keys/unwrap/action', 'Key Vault Crypto User'],
    ['keys/decrypt/action', 'Key Vault Crypto User'],
    ['keys/create/action', 'Key Vault Crypto Officer'],
    ['keys/rotate/action', 'Key Vault Crypto Officer'],
    ['keys/delete', 'Key Vault Crypto Officer'],
    ['keys/release/action', 'Key Vault Crypto Service Release User'],
    ['certificates/read', 'Key Vault Certificate User'],
    ['certificates/import/action', 'Key Vault Certificates Officer'],
    ['certificatecontacts/write', 'Key Vault Certificates Officer'],
    ['storageaccounts/read', 'Key Vault Administrator'],
    ['secrets/getSecret/action', 'Key Vault Secrets User'],
    ['secrets/setSecret/action', 'Key Vault Secrets Officer'],
  ])('%s takes %s', (action, role) => {
    const explanation = refused(403, 'Forbidden', rbac(action), 'ForbiddenByRbac');
    expect(explanation.code).toBe('KV_DENIED_BY_RBAC');
    expect(runs(explanation)).toContain(`--role "${role}" --assignee-object-id 44444444`);
    expect(explanation.cause.includes('secret values')).toBe(action.startsWith('secrets/'));
  });
});

describe('without a permission', () => {
  test.each([
    ['keys sign', '--key-permissions get sign', 'Key Vault Crypto User'],
    ['keys unwrapKey', '--key-permissions get unwrapKey', 'Key Vault Crypto User'],
    ['keys get', '--key-permissions get', 'Key Vault Crypto User'],
    ['certificates get', '--certificate-permissions get list', 'Key Vault Certificate User'],
    [
      'certificates manageissuers',
      '--certificate-permissions get list manageissuers',
      'Key Vault Certificates Officer',
    ],
    ['storage getsas', '--storage-permissions get list getsas', 'Key Vault Administrator'],
    ['secrets set', '--secret-permissions get list set', 'Key Vault Secrets Officer'],
    ['keys $(reboot)', '--key-permissions get', 'Key Vault Crypto User'],
  ])('%s: %s', (what, flag, role) => {
    const explanation = refused(403, 'Forbidden', policy(what), 'ForbiddenByPolicy', 'GET', '/keys/k');
    expect(explanation.code).toBe('KV_DENIED_BY_POLICY');
    expect(runs(explanation)).toMatch(new RegExp(`az keyvault set-policy -n contoso .* ${flag}$`, 'm'));
    expect(runs(explanation)).toContain(role);
    expect(runs(explanation).includes('--secret-permissions')).toBe(what.startsWith('secrets'));
    expect(formatFix(explanation.fix)).toContain(`replaces the principal's ${what.split(/s? /)[0]} permissions`);
  });
});

describe('where the client lost the words, the path tells', () => {
  test.each([
    ['GET', '/keys', '--key-permissions get list', 'Key Vault Crypto User'],
    ['GET', '/certificates', '--certificate-permissions get list', 'Key Vault Certificate User'],
    ['GET', '/deletedkeys', '--key-permissions get list', 'Key Vault Crypto User'],
    ['POST', '/keys/k/1/sign', '--key-permissions get sign', 'Key Vault Crypto User'],
    ['POST', '/keys/k/1/wrapkey', '--key-permissions get wrapKey', 'Key Vault Crypto User'],
    ['DELETE', '/deletedcertificates/c', '--certificate-permissions get list purge', 'Key Vault Certificates Officer'],
    ['GET', '/storage', '--storage-permissions get list', 'Key Vault Administrator'],
    ['GET', '/secrets', '--secret-permissions get list', 'Key Vault Secrets User'],
    ['PUT', '/secrets/s', '--secret-permissions get list set', 'Key Vault Secrets Officer'],
  ])('%s %s', (method, path, flag, role) => {
    const error = Object.assign(new Error('Pagination failed with unexpected statusCode 403'), {
      name: 'RestError',
      code: 'Forbidden',
      statusCode: 403,
      request: { method, url: url(`${path}?api-version=7.6`) },
    });
    const explanation = explainKeyVaultError(error);
    expect(explanation.code).toBe('KV_DENIED');
    expect(runs(explanation)).toMatch(new RegExp(` ${flag}$`, 'm'));
    expect(runs(explanation)).toContain(`--role "${role}"`);
  });
});

describe('what is not there', () => {
  test.each([
    ['KeyNotFound', 'A key with (name/id) k was not found in this key vault.', '/keys/k', 'az keyvault key list '],
    [
      'CertificateNotFound',
      'A certificate with (name/id) c was not found in this key vault.',
      '/',
      'az keyvault certificate list ',
    ],
    ['PendingCertificateNotFound', 'x', '/certificates/c/pending', 'az keyvault certificate list '],
    ['StorageAccountNotFound', 'x', '/storage/a', 'az keyvault storage list '],
  ])('%s', (code, message, path, run) => {
    const explanation = refused(404, code, message, undefined, 'GET', path);
    expect(explanation.code).toBe('KV_OBJECT_NOT_FOUND');
    expect(runs(explanation)).toContain(run);
    expect(runs(explanation)).not.toContain('az keyvault secret');
  });

  test('a code that only begins so is about a secret', () => {
    expect(refused(404, 'KeyVaultErrorNotFound', 'x').code).toBe('KV_UNEXPECTED_RESPONSE');
  });
});

describe('what no permission changes', () => {
  const managed = (verb: string) =>
    `Operation "${verb}" is not allowed on this secret, since it is associated with a certificate.`;
  test.each([
    ['SecretManagedByKeyVault', managed('set'), 'PUT', '/secrets/s', 'KV_MANAGED_BY_CERTIFICATE'],
    ['SecretManagedByKeyVault', managed('delete'), 'DELETE', '/secrets/s', 'KV_MANAGED_BY_CERTIFICATE'],
    [
      'KeyManagedByKeyVault',
      "not allowed as this object's lifetime is managed by Key Vault.",
      'DELETE',
      '/keys/k',
      'KV_MANAGED_BY_CERTIFICATE',
    ],
    [undefined, managed('set'), 'PUT', '/secrets/s', 'KV_MANAGED_BY_CERTIFICATE'],
    [
      'KeyOperationForbidden',
      'Operation decrypt is not permitted on this key.',
      'POST',
      '/keys/k/1/decrypt',
      'KV_KEY_UNUSABLE',
    ],
    ['KeyDisabled', 'Operation sign is not allowed on a disabled key.', 'POST', '/keys/k/1/sign', 'KV_KEY_UNUSABLE'],
    [undefined, 'Operation encrypt is not allowed on an expired key.', 'POST', '/keys/k/1/encrypt', 'KV_KEY_UNUSABLE'],
  ])('%s: %s', (inner, message, method, path, code) => {
    const explanation = refused(403, 'Forbidden', message, inner, method, path);
    expect(explanation.code).toBe(code);
    expect(runs(explanation)).not.toMatch(/role assignment|set-policy/);
    expect(runs(explanation)).toContain('--vault-name contoso');
  });
});

test('a key in the way of another is brought back as a key', () => {
  const explanation = refused(
    409,
    'Conflict',
    'Key k is currently in a deleted but recoverable state.',
    'ObjectIsDeletedButRecoverable',
    'POST',
    '/keys/k/create',
  );
  expect(explanation.code).toBe('KV_CONFLICT');
  expect(runs(explanation)).toContain('az keyvault key list-deleted --vault-name contoso');
});
