import { type Diagnostics, diagnose, getKeyVaultCredential } from 'msi-credential';
import { describe, expect, test, vi } from 'vitest';
import { createApp } from './app.ts';
import { NotConfigured } from './failure.ts';
import { healthOf } from './health.ts';

const found = diagnose({ env: { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi', IDENTITY_HEADER: 'marker-secret' } });
const token = { resource: 'https://vault.azure.net', expiresOn: '2030-01-01T00:00:00.000Z', refreshOn: '' };

async function probe(check: () => Promise<Diagnostics>) {
  const read = vi.fn(() => Promise.reject(new Error('read')));
  const response = await createApp(read, { check }).request('/healthz');
  expect(read).not.toHaveBeenCalled();
  return { status: response.status, body: await response.json() };
}

describe('/healthz', () => {
  test('is well with a token, asks for it once and never for the secret', async () => {
    const check = vi.fn(async () => ({ ...found, token }));
    const body = { status: 'ok', source: 'app-service', tokenExpiresOn: token.expiresOn };
    expect(await probe(check)).toEqual({ status: 200, body });
    expect(check).toHaveBeenCalledOnce();
  });

  test.each([
    [
      'no identity',
      () => getKeyVaultCredential({ env: { WEBSITE_SITE_NAME: 'x' } }).check(),
      'ERR_HOST_WITHOUT_IDENTITY',
    ],
    ['no vault', () => Promise.reject(new NotConfigured('Set it.')), 'NOT_CONFIGURED'],
    ['something else', () => Promise.reject(new Error('marker-secret')), 'Error'],
  ])('says in two words why it is not: %s', async (_, check, code) => {
    const { status, body } = await probe(check as () => Promise<Diagnostics>);
    expect(status).toBe(503);
    expect(body).toEqual({ status: 'failing', code, message: expect.any(String) });
    expect(JSON.stringify(body)).not.toMatch(/marker-secret|https?:/);
  });

  test('does not wait for a check that never ends', async () => {
    const health = await healthOf(() => new Promise(() => {}), 20);
    expect(health).toEqual({ status: 'failing', code: 'TIMEOUT', message: 'No token within 0.02 s.' });
  });
});
