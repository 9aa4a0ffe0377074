import { diagnose, getKeyVaultCredential } from 'msi-credential';
import { describe, expect, test } from 'vitest';
import { createApp } from './app.ts';
import { NotConfigured } from './failure.ts';
import type { ReadSecret } from './secret.ts';
import { readSettings } from './settings.ts';

const env = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi', IDENTITY_HEADER: 'marker-secret' };
const principal = { objectId: 'o', applicationId: 'a', tenantId: 't' };
const read: ReadSecret = async () => ({ value: 'xyzzy', diagnostics: { ...diagnose({ env }), principal } });

async function get(readSecret: ReadSecret, path = '/', accept = '*/*') {
  const response = await createApp(readSecret).request(path, { headers: { accept } });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    cache: response.headers.get('cache-control'),
    text: await response.text(),
  };
}

describe('the app', () => {
  test('answers /ping without Azure', async () => {
    expect(await get(() => Promise.reject(new Error()), '/ping')).toMatchObject({
      status: 200,
      text: 'Hello World!!!',
    });
  });

  test('shows the secret, where the token came from and whose it was', async () => {
    const { status, text, cache } = await get(read);
    expect(status).toBe(200);
    expect(text.split('\n')).toEqual([
      'Your secret value is: xyzzy.',
      'Source: app-service (IDENTITY_ENDPOINT and IDENTITY_HEADER are set (protocol 2019-08-01))',
      'Object id: o',
      'Application id: a',
      'Tenant: t',
      '',
    ]);
    expect(cache).toBe('no-store');
  });

  test('answers in JSON to those who ask for it', async () => {
    const { text, type } = await get(read, '/', 'application/json');
    expect(type).toContain('application/json');
    expect(JSON.parse(text)).toMatchObject({ value: 'xyzzy', source: 'app-service', principal });
  });

  test.each([
    [
      'an app without identity',
      () => getKeyVaultCredential({ env: { WEBSITE_SITE_NAME: 'x' } }).getToken('s') as never,
      503,
      'ERR_HOST_WITHOUT_IDENTITY',
    ],
    [
      'an endpoint that is down',
      () => getKeyVaultCredential({ env: { ...env, IDENTITY_ENDPOINT: 'http://127.0.0.1:9/' } }).getToken('s') as never,
      502,
      'ERR_UNREACHABLE',
    ],
    ['no vault', () => Promise.reject(new NotConfigured('Set KEY_VAULT_URL.')), 503, 'NOT_CONFIGURED'],
    [
      'a refusal of the vault',
      () => Promise.reject(Object.assign(new Error('does not have secrets get permission'), { code: 'Forbidden' })),
      502,
      'Forbidden',
    ],
  ])('explains %s, without stack or secret', async (_, failing, status, code) => {
    const asked = await get(failing as ReadSecret, '/', 'application/json');
    expect(asked.status).toBe(status);
    expect(JSON.parse(asked.text).error.code).toBe(code);
    const shown = await get(failing as ReadSecret);
    expect(shown.status).toBe(status);
    expect(asked.text + shown.text).not.toMatch(/marker-secret|\n\s+at |node_modules/);
  });
});

describe('settings', () => {
  test.each([
    [{}, { vaultUrl: undefined, secretName: 'secret', port: 3000 }],
    [{ KEY_VAULT_URL: ' ', KEY_VAULT_URI: 'https://v.vault.azure.net/' }, { vaultUrl: 'https://v.vault.azure.net/' }],
    [
      {
        KEY_VAULT_URL: 'https://a.vault.azure.net',
        KEY_VAULT_URI: 'https://b.vault.azure.net',
        SECRET_NAME: 'db',
        PORT: '8080',
      },
      { vaultUrl: 'https://a.vault.azure.net', secretName: 'db', port: 8080 },
    ],
  ])('%j', (given, expected) => {
    expect(readSettings(given)).toMatchObject(expected);
  });

  test.each([
    { PORT: 'x' },
    { PORT: '70000' },
    { KEY_VAULT_URL: 'my-vault' },
    { KEY_VAULT_URL: 'http://v.vault.azure.net' },
  ])('%j is refused by name', (given) => {
    expect(() => readSettings(given)).toThrow(Object.keys(given)[0]);
  });
});
