import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type Local, startLocal } from '../index.ts';

let local: Local;
afterEach(() => local.stop());

/** The status of a POST that freezes the clock, with these headers in place of the right ones. */
async function post(changes: Record<string, string | undefined>): Promise<number | undefined> {
  local = await startLocal();
  const url = new URL('/_local/clock', local.addresses.control);
  const right = { authorization: `Bearer ${local.controlSecret}`, 'content-type': 'application/json' };
  const headers = Object.entries({ ...right, ...changes }).filter(([, value]) => value !== undefined);
  return new Promise((done, fail) =>
    request(url, { method: 'POST', headers: Object.fromEntries(headers) as Record<string, string> }, (response) =>
      done(response.resume().statusCode),
    )
      .once('error', fail)
      .end('{"freeze":"2030-01-01T00:00:00Z"}'),
  );
}

const moved = () => local.clock.now() === Date.parse('2030-01-01T00:00:00Z');

describe('the control endpoints', () => {
  it.each<[string, Record<string, string | undefined>]>([
    ['has the secret and sends JSON', {}],
    ['names the character set as well', { 'content-type': 'application/json; charset=utf-8' }],
    ['comes from the address bar or a program', { 'sec-fetch-site': 'none' }],
  ])('obey a request that %s', async (_, changes) => {
    expect([await post(changes), moved()]).toEqual([200, true]);
  });

  it.each<[string, Record<string, string | undefined>, number]>([
    ['has no secret', { authorization: undefined }, 401],
    ['has another secret', { authorization: `Bearer ${'0'.repeat(32)}` }, 401],
    ['has the secret in another way', { authorization: 'Basic bXNpLWxvY2FsOg==' }, 401],
    ['comes from a web page', { origin: 'https://evil.example' }, 403],
    ['comes from a sandboxed page', { origin: 'null' }, 403],
    ['comes from a page on this machine', { origin: 'http://localhost:3000' }, 403],
    ['comes from another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['comes from another port of this site', { 'sec-fetch-site': 'same-site' }, 403],
    ['is sent as a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['is sent as text', { 'content-type': 'text/plain' }, 415],
    ['does not say what it sends', { 'content-type': undefined }, 415],
    ['is for a name that leads here', { host: 'evil.example' }, 404],
  ])('refuse one that %s', async (_, changes, status) => {
    expect([await post(changes), moved()]).toEqual([status, false]);
  });

  it('have a secret of their own for each run, which no record shows', async () => {
    await post({});
    expect(JSON.stringify(local.requests.all)).not.toContain(local.controlSecret);
    await using other = await startLocal();
    expect(other.controlSecret).not.toBe(local.controlSecret);
  });
});

describe('a metadata service, or any other address on this machine', () => {
  it.each([
    ['127.0.0.1', 200],
    ['localhost', 200],
    ['LOCALHOST', 200],
    ['169.254.169.254', 200],
    ['evil.example', 404],
    ['127.0.0.1.nip.io', 404],
    ['metadata.google.internal', 404],
  ])('asked for as %s answers %i', async (host, status) => {
    local = await startLocal();
    const { AZURE_POD_IDENTITY_AUTHORITY_HOST = '' } = local.variables('vm');
    expect(await statusOf(`${AZURE_POD_IDENTITY_AUTHORITY_HOST}${token}`, host)).toBe(status);
  });

  it.each(['cloud-shell', 'azure-ml', 'app-service', 'container-apps', 'container-instances'] as const)(
    'is not there on %s under a name of another site',
    async (host) => {
      local = await startLocal();
      const { MSI_ENDPOINT, IDENTITY_ENDPOINT } = local.variables(host);
      const url = IDENTITY_ENDPOINT ?? MSI_ENDPOINT ?? '';
      expect(await statusOf(url, 'evil.example')).toBe(404);
      expect(await statusOf(url, '127.0.0.1')).not.toBe(404);
    },
  );
});

const token = '/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net';

function statusOf(url: string, host: string): Promise<number | undefined> {
  const { port } = new URL(url);
  return new Promise((done, fail) =>
    request(url, { headers: { metadata: 'true', host: `${host}:${port}` } }, (response) =>
      done(response.resume().statusCode),
    )
      .once('error', fail)
      .end(),
  );
}
