import { describe, expect, test } from 'vitest';
import { explainKeyVaultError } from './explain.ts';

const vaultUrl = 'https://localhost:8443';
const answered = (statusCode: number, code: string, message: string, inner?: string) =>
  Object.assign(new Error(message), {
    name: 'RestError',
    statusCode,
    code,
    details: { error: { code, message, ...(inner && { innerError: { code: inner } }) } },
    request: { method: 'GET', url: `${vaultUrl}/secrets/s` },
  });
const coded = (code: string) => Object.assign(new Error('x'), { name: 'RestError', code });

describe('a stand-in gets no command of Azure CLI', () => {
  test.each<[string, unknown, string]>([
    ['denied by a role', answered(403, 'Forbidden', 'Not you.', 'ForbiddenByRbac'), 'KV_DENIED_BY_RBAC'],
    ['denied by a policy', answered(403, 'Forbidden', 'Not you.', 'ForbiddenByPolicy'), 'KV_DENIED_BY_POLICY'],
    ['denied', answered(403, 'Forbidden', 'Not you.'), 'KV_DENIED'],
    ['not there', answered(404, 'SecretNotFound', 'Not you.'), 'KV_SECRET_NOT_FOUND'],
    ['of another tenant', answered(401, 'Unauthorized', 'AKV10032: Not you.'), 'KV_TOKEN_TENANT'],
    ['an unknown refusal', answered(401, 'Unauthorized', 'Not you.'), 'KV_TOKEN_REFUSED'],
    ['a bad request', answered(400, 'BadParameter', 'Not you.'), 'KV_BAD_REQUEST'],
    ['a call that it does not know', answered(501, 'NotImplemented', 'Not you.'), 'KV_SERVICE_ERROR'],
    ['a method that it does not know', answered(405, 'MethodNotAllowed', 'Not you.'), 'KV_UNEXPECTED_RESPONSE'],
    ['deleted', answered(409, 'Conflict', 'Not you.', 'ObjectIsDeletedButRecoverable'), 'KV_SECRET_DELETED'],
  ])('%s, and its own words are told', (_, error, code) => {
    const explanation = explainKeyVaultError(error);
    expect(explanation.code).toBe(code);
    expect(explanation.cause).toMatch(/said: .*Not you\./);
    expect(JSON.stringify(explanation.fix)).not.toMatch(/\baz /);
    expect(explanation.fix.length).toBeGreaterThan(0);
  });

  test.each(['ENOTFOUND', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'DEPTH_ZERO_SELF_SIGNED_CERT'])(
    '%s',
    (code) => {
      const { fix } = explainKeyVaultError(coded(code), undefined, { vaultUrl });
      expect(JSON.stringify(fix)).not.toMatch(/\baz |privatelink\.vaultcore/);
      expect(fix[0]?.text).toContain('stand-in');
    },
  );

  test('a refusal in the form of Key Vault is quoted, a page is not', () => {
    expect(explainKeyVaultError(answered(405, 'MethodNotAllowed', 'Not you.')).cause).toContain('Not you.');
    const page = Object.assign(new Error('Unexpected status code: 502'), {
      statusCode: 502,
      response: { status: 502, bodyAsText: '<html>Not you.</html>' },
    });
    expect(explainKeyVaultError(page).cause).not.toContain('Not you.');
  });
});
