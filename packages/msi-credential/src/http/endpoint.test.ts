import { expect, test } from 'vitest';
import { catalogueOf } from '../../test/catalogue.ts';
import { cannotBePublic, readEndpoint } from './endpoint.ts';

test.each([
  ['http://127.0.0.1:41741/msi/token', true],
  ['http://127.1/msi', true],
  ['http://2130706433/msi', true],
  ['http://0x7f.1/msi', true],
  ['http://localhost:8081/msi/token', true],
  ['http://169.254.169.254/metadata', true],
  ['http://10.92.0.5:2377/x', true],
  ['http://172.16.7.2:8081/msi/token', true],
  ['http://172.32.0.1/x', false],
  ['http://192.168.1.1/x', true],
  ['http://100.100.1.1/x', true],
  ['http://8.8.8.8/x', false],
  ['http://[::1]:80/x', true],
  ['http://[fe80::1]/x', true],
  ['http://[fd00::1]/x', true],
  ['http://[2001:db8::1]/x', false],
  ['http://[::ffff:8.8.8.8]/x', false],
  ['http://host.docker.internal:8080/x', true],
  ['http://token-relay/x', true],
  ['http://printer.local/x', true],
  ['http://identity.test/x', true],
  ['http://identity.test.example/x', false],
  ['http://example.com/x', false],
  ['http://127.0.0.1.example.com/x', false],
  ['http://localhost.example.com/x', false],
  ['https://example.com/x', true],
])('%s may carry a secret: %s', (url, allowed) => {
  expect('url' in readEndpoint('IDENTITY_ENDPOINT', url)).toBe(allowed);
});

test.each([
  '',
  'x',
  '127.0.0.1:80',
  'ftp://127.0.0.1/',
  'file:///etc/passwd',
  'http://u@127.0.0.1/',
  'http://127.0.0.1/#x',
  'javascript:1',
])('%j is no endpoint', (text) => {
  expect(readEndpoint('MSI_ENDPOINT', text)).toMatchObject({ problem: { code: 'ERR_ENDPOINT_MALFORMED' } });
});

test('a value that is not a URL is never quoted: it may be a secret in the wrong place', () => {
  expect(JSON.stringify(readEndpoint('MSI_ENDPOINT', 'marker-secret'))).not.toContain('marker-secret');
});

test('every spelling of a public IPv4 address is public', () => {
  expect(cannotBePublic(new URL('http://134744072/').hostname)).toBe(false);
});

test('quotes, which docker run --env-file keeps, are told', () => {
  const problem = { cause: expect.stringMatching(/^MSI_ENDPOINT .*quotes/) };
  expect(readEndpoint('MSI_ENDPOINT', '"http://127.0.0.1/"')).toMatchObject({ problem });
});

test('the wording of each problem', async () => {
  const values = ['x', '"http://127.0.0.1/"', 'http://u@127.0.0.1/', 'http://127.0.0.1/#x', 'http://example.com/x'];
  const told = values.map((value) => {
    const endpoint = readEndpoint('MSI_ENDPOINT', value);
    if ('problem' in endpoint) return [value, endpoint.problem] as const;
    throw new Error(`${value} is an endpoint.`);
  });
  await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/endpoint.txt');
});
