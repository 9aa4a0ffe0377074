import { expect, test } from 'vitest';
import { credentialFor } from './kept.ts';

const first = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/', IDENTITY_HEADER: 'x' };

test.each<[string, Record<string, string>, boolean]>([
  ['nothing', {}, true],
  ['the identity that is meant', { AZURE_CLIENT_ID: '33333333-aaaa-4bbb-8ccc-000000000003' }, false],
  ["the endpoint's secret", { IDENTITY_HEADER: 'y' }, false],
  ['the sources that are allowed', { AZURE_TOKEN_CREDENTIALS: 'prod' }, false],
])('a change of %s in the same environment keeps the credential: %s', (_, change, keeps) => {
  const env: Record<string, string> = { ...first };
  const { credential } = credentialFor({ env }, 1000);
  Object.assign(env, change);
  expect(credentialFor({ env }, 1000).credential === credential).toBe(keeps);
});

test('a variable that is taken away changes the credential, too', () => {
  const env: Record<string, string | undefined> = { ...first };
  const { credential } = credentialFor({ env }, 1000);
  delete env.IDENTITY_ENDPOINT;
  expect(credentialFor({ env }, 1000).credential).not.toBe(credential);
});

test('other options have another credential, and one that failed is forgotten', () => {
  const env = { ...first };
  const { credential, forget } = credentialFor({ env }, 1000);
  expect(credentialFor({ env, clientId: '33333333-aaaa-4bbb-8ccc-000000000003' }, 1000).credential).not.toBe(
    credential,
  );
  forget();
  expect(credentialFor({ env }, 1000).credential).not.toBe(credential);
});
