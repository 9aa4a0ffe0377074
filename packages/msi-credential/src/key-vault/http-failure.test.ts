import { describe, expect, test } from 'vitest';
import { getKeyVaultCredential } from '../credential.ts';
import { getKeyVaultUrl, httpFailureOf } from './index.ts';

const caught = async (work: () => unknown) => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
};
const token = (env: Record<string, string>) => () =>
  getKeyVaultCredential({ env }).getToken('https://vault.azure.net/.default');
const url = (text: string) => () => getKeyVaultUrl({ KEY_VAULT_URL: text });
const managed = { IDENTITY_ENDPOINT: 'http://127.0.0.1:9/', IDENTITY_HEADER: 'MARKER' };
const denied = Object.assign(new Error('MARKER does not have secrets get permission'), {
  statusCode: 403,
  code: 'Forbidden',
});

describe('a failure as a web service tells it', () => {
  test.each<[string, () => unknown, 502 | 503, string]>([
    ['an app without identity', token({ WEBSITE_SITE_NAME: 'x' }), 503, 'ERR_HOST_WITHOUT_IDENTITY'],
    ['an endpoint that is down', token(managed), 502, 'ERR_UNREACHABLE'],
    ['no vault', () => getKeyVaultUrl({ KEY_VAULT_URL: ' ' }), 503, 'KV_URL_MISSING'],
    ['a bare name', url('my-vault'), 503, 'KV_URL_INVALID'],
    ['quotes', url('"https://my-vault.vault.azure.net"'), 503, 'KV_URL_INVALID'],
    ['a reference', url('@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s)'), 503, 'KV_URL_INVALID'],
    ['http', url('http://my-vault.vault.azure.net'), 503, 'KV_URL_INSECURE'],
    ['a refusal', () => Promise.reject(denied), 502, 'KV_DENIED_BY_POLICY'],
    ['a limit that was reached', () => Promise.reject(AbortSignal.abort().reason), 502, 'KV_ABORTED'],
    ['anything else', () => Promise.reject(new Error('MARKER')), 502, 'KV_UNKNOWN'],
  ])('%s', async (_, work, status, code) => {
    const failure = httpFailureOf(await caught(work));
    expect(failure).toMatchObject({ status, explanation: { code } });
    expect(failure.text).not.toMatch(/MARKER|\n\s+at |node_modules/);
  });

  test('has a text with the cause, each command on a line of its own, the code and its address', async () => {
    const { text, explanation } = httpFailureOf(await caught(token({ WEBSITE_SITE_NAME: 'x' })));
    const lines = text.split('\n').map((line) => line.trim());
    const commands = explanation.fix.flatMap(({ run }) => run ?? []);
    expect(lines).toEqual(expect.arrayContaining([explanation.cause, ...commands]));
    expect(lines.at(-2)).toBe(`${explanation.code}: ${explanation.docs}`);
  });
});

test.each([
  [
    { KEY_VAULT_URL: 'https://contoso.vault.azure.net/', KEY_VAULT_URI: 'https://fabrikam.vault.azure.net' },
    'https://contoso.vault.azure.net',
  ],
  [{ KEY_VAULT_URL: ' ', KEY_VAULT_URI: 'https://fabrikam.vault.azure.net/' }, 'https://fabrikam.vault.azure.net'],
])('the vault of %j is %s', (env, expected) => expect(getKeyVaultUrl(env)).toBe(expected));
