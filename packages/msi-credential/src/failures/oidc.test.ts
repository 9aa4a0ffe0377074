import { expect, test } from 'vitest';
import { catalogueOf } from '../../test/catalogue.ts';
import { json, start } from '../../test/fake-io.ts';
import type { ErrorCode } from '../codes.ts';
import type { HttpReply, NamedProxy } from '../io.ts';
import { explainOidc } from './oidc.ts';

const secret = 'MARKER-of-the-job';
const service = {
  source: 'github-actions',
  title: 'GitHub',
  field: 'value',
  secret,
  variables: { url: 'REQUEST_URL', secret: 'REQUEST_TOKEN' },
  statusPage: 'https://status.example',
  fix: [{ text: 'Check the permissions of the job.' }],
} as const;
const plain = (status: number, body: string, headers = {}): HttpReply => ({ status, headers, body });
const page = `<html>${secret}</html>`;
const proxy = { variable: 'HTTPS_PROXY', url: new URL(`http://me:${secret}@proxy.example:3128`) };

function explain(reply: HttpReply, through?: NamedProxy) {
  const url = new URL('https://oidc.example/token?x=y');
  return explainOidc(reply, { method: 'GET', url, headers: {}, proxy: through }, service, start);
}

const rows: [title: string, HttpReply, ErrorCode, names: readonly string[], NamedProxy?][] = [
  ['too many requests', plain(429, ''), 'ERR_THROTTLED', []],
  ['a proxy that wants a password', plain(407, ''), 'ERR_REFUSED', ['HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT']],
  ['a proxy that wants another password', plain(407, ''), 'ERR_REFUSED', ['in HTTPS_PROXY', '%25'], proxy],
  ['an outage', plain(503, ''), 'ERR_REFUSED', ['https://status.example']],
  ['an outage with a page', plain(502, page), 'ERR_REFUSED', ['https://status.example']],
  ['a redirect', plain(302, '', { location: `https://x/?${secret}` }), 'ERR_REFUSED', ['REQUEST_TOKEN']],
  ['no such path', plain(404, ''), 'ERR_REFUSED', ['REQUEST_URL', 'permissions']],
  ['a wrong token', json(401, { message: `not ${secret}` }), 'ERR_REFUSED', ['REQUEST_TOKEN', 'permissions']],
  ['a sign-in page', plain(203, page), 'ERR_RESPONSE_MALFORMED', ['REQUEST_TOKEN', 'oidc.example, port 443']],
  ["a proxy's page", plain(200, page), 'ERR_RESPONSE_MALFORMED', ['REQUEST_TOKEN', 'the proxy of HTTPS_PROXY'], proxy],
  ['no token in the answer', json(200, { token: secret }), 'ERR_RESPONSE_MALFORMED', ['permissions']],
  ['a page with a refusal', plain(403, page), 'ERR_REFUSED', ['oidc.example, port 443', 'permissions']],
  ['a refusal', json(403, { message: 'no' }), 'ERR_REFUSED', ['403, no.', 'permissions']],
];

test.each(rows)('%s', (_, reply, code, names, through) => {
  const { explanation } = explain(reply, through);
  expect(explanation).toMatchObject({ code, status: reply.status });
  const told = JSON.stringify(explanation);
  for (const name of ['GitHub', 'GET https://oidc.example/token', ...names]) expect(told).toContain(name);
  expect(told).not.toContain(secret);
  expect(told).not.toContain('x=y');
});

test('the pause that it asks for is kept', () => {
  expect(explain(plain(429, '', { 'retry-after': '7' })).retryAfterMs).toBe(7_000);
});

test('the wording of each', async () => {
  const told = rows.map(([title, reply, , , through]) => [title, explain(reply, through).explanation] as const);
  await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/oidc.txt');
});
