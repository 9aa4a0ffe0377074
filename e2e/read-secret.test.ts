import { describe, expect, test } from 'vitest';
import { runLocal } from './run-local.ts';

const secret = ['--secret', 'secret=from the vault'];

describe('an unmodified SecretClient reads the secret', () => {
  test.concurrent.each([
    ['app-service', [], 'msi-credential', 'app-service'],
    ['app-service-2017', [], 'msi-credential', 'app-service'],
    ['service-principal', [], 'msi-credential', 'service-principal'],
    ['service-principal', ['--certificate'], 'msi-credential', 'service-principal'],
    ['app-service', [], 'azure-identity', undefined],
    // With MSI_ENDPOINT and MSI_SECRET alone the peer speaks Azure ML's protocol, which the same endpoint answers.
    ['app-service-2017', [], 'azure-identity', undefined],
    ['service-principal', [], 'azure-identity', undefined],
  ])('as %s %j with %s', async (host, flags, library, source) => {
    const { stdout, stderr, exitCode } = await runLocal(
      ['--as', host, ...flags, ...secret],
      ['read-secret.js', library],
    );
    expect({ stderr, stdout: JSON.parse(stdout) }).toMatchObject({
      stdout: { value: 'from the vault', ...(source && { source }) },
    });
    expect(exitCode).toBe(0);
  });
});

describe('a proxy in the environment', () => {
  test('never sees the call to the identity endpoint', async () => {
    // Node's own switch and both variables point at a port where nobody listens: whoever used them would fail.
    const proxy = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9' };
    const { stdout } = await runLocal(['--as', 'app-service', ...secret], ['read-secret.js', 'msi-credential'], proxy);
    expect(JSON.parse(stdout)).toMatchObject({ value: 'from the vault' });
  });
});

describe('what goes wrong is told', () => {
  test.concurrent.each([
    ['on a laptop without any tool', ['--as', 'laptop', ...secret], 'secret', { PATH: '' }, { error: 'ERR_NO_SOURCE' }],
    ['without permission, by RBAC', ['--deny', ...secret], 'secret', {}, { error: 'Forbidden', status: 403 }],
    [
      'without permission, by policy',
      ['--deny', '--access-policies', ...secret],
      'secret',
      {},
      { error: 'Forbidden', status: 403 },
    ],
    ['a secret that is not there', secret, 'other', {}, { error: 'SecretNotFound', status: 404 }],
  ])('%s', async (_, flags, name, env, expected) => {
    const { stdout, exitCode } = await runLocal(flags, ['read-secret.js', 'msi-credential', name], env);
    expect(JSON.parse(stdout)).toMatchObject(expected);
    expect(exitCode).toBe(1);
  });
});
