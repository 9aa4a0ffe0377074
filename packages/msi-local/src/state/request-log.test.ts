import { expect, test } from 'vitest';
import { startLocal } from '../index.ts';
import { createRequestLog, type FormRecord, formOf } from './request-log.ts';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const header = { alg: 'PS256', typ: 'JWT', 'x5t#S256': 'thumbprint' };
const assertion = `${part(header)}.${part({ iss: 'client', jti: 'MARKER' })}.MARKER`;
const vault = 'https://vault.azure.net';
const form = 'application/x-www-form-urlencoded';
const secret = 'client_secret=MARKER';

test.each<[string, string, string, FormRecord | undefined]>([
  [
    'a secret and a scope',
    form,
    `grant_type=client_credentials&${secret}&scope=${vault}/.default openid`,
    { fields: ['grant_type', 'client_secret', 'scope'], scope: `${vault}/.default openid` },
  ],
  [
    'version 1',
    `${form};charset=utf-8`,
    `resource=${vault}&${secret}`,
    { fields: ['resource', 'client_secret'], scope: vault },
  ],
  [
    'an assertion',
    form.toUpperCase(),
    `client_assertion=${assertion}`,
    { fields: ['client_assertion'], assertion: header },
  ],
  ['an assertion that is none', form, 'client_assertion=MARKER', { fields: ['client_assertion'] }],
  ['a field twice', form, 'a=MARKER&a=MARKER', { fields: ['a', 'a'] }],
  ['an empty form', form, '', { fields: [] }],
  ['JSON', 'application/json', '{"client_secret":"MARKER"}', undefined],
])('what is noted of %s', async (_, type, body, expected) => {
  const request = new Request('http://127.0.0.1/', { method: 'POST', headers: { 'content-type': type }, body });
  const noted = await formOf(request);
  expect(noted).toEqual(expected);
  expect(JSON.stringify(noted) ?? '').not.toContain('MARKER');
  // The endpoint still has its body.
  expect(await request.text()).toBe(body);
});

test.each([
  [true, { fields: ['resource'], scope: vault }],
  [false, undefined],
])('forms are noted on demand: %s', async (recordForms, expected) => {
  const local = await startLocal({ recordForms });
  try {
    const { MSI_ENDPOINT = '' } = local.variables('cloud-shell');
    const body = new URLSearchParams({ resource: vault });
    await fetch(MSI_ENDPOINT, { method: 'POST', headers: { metadata: 'true' }, body });
    expect(local.requests.all.map(({ form }) => form)).toEqual([expected]);
  } finally {
    await local.stop();
  }
});

test('a record without a form has no such field', () => {
  const log = createRequestLog();
  log.add('entra', '/', new Request('http://127.0.0.1/'))(200);
  expect(log.all[0]).not.toHaveProperty('form');
});
