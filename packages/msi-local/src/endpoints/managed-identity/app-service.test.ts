import { describe, expect, it } from 'vitest';
import { readConfig } from '../../config.ts';
import { answer } from '../../routes.ts';
import { createState } from '../../state/state.ts';
import { readJwt } from '../../tokens/tokens.ts';

const userAssigned = 'a0000000-0000-4000-8000-0000000000c2';

function setUp(options = {}, host = 'app-service') {
  const state = createState(readConfig(options));
  const secret = state.hostSecrets.of(host);
  const get = (query: string, headers: Record<string, string> = { 'x-identity-header': secret }, init = {}) =>
    answer('app-service', new Request(`http://127.0.0.1/msi/token${query}`, { headers, ...init }), state);
  return { state, secret, get };
}

const v2019 = 'api-version=2019-08-01&resource=https://vault.azure.net';
const v2017 = 'api-version=2017-09-01&resource=https://vault.azure.net';

describe('the App Service endpoint', () => {
  it.each([
    ['no secret', `?${v2019}`, {}, 401],
    ['a wrong secret', `?${v2019}`, { 'x-identity-header': 'wrong' }, 401],
    ['no secret, before a missing resource is noticed', '?api-version=2019-08-01', {}, 401],
    ['no api-version', '?resource=https://vault.azure.net', undefined, 400],
    ['an unknown api-version', `?${v2019.replace('2019', '2031')}`, undefined, 400],
    ['no resource', '?api-version=2019-08-01', undefined, 400],
    ['a repeated parameter', `?${v2019}&resource=https://vault.azure.net`, undefined, 400],
    ['two selectors', `?${v2019}&client_id=${userAssigned}&object_id=${userAssigned}`, undefined, 400],
    ['a scope as the resource', `?${v2019}/.default`, undefined, 500],
    [
      "a vault's own URL as the resource",
      '?api-version=2019-08-01&resource=https://local.vault.azure.net',
      undefined,
      500,
    ],
    ['no URI as the resource', '?api-version=2019-08-01&resource=keyvault', undefined, 500],
    [
      'a service of another cloud as the resource',
      '?api-version=2019-08-01&resource=https://vault.usgovcloudapi.net',
      undefined,
      500,
    ],
  ])('refuses %s', async (_title, query, headers, status) => {
    const response = await setUp().get(query, headers);
    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain('access_token');
  });

  it('refuses POST with 405', async () => {
    const { get, secret } = setUp();
    const headers = { 'x-identity-header': secret };
    expect((await get(`?${v2019}`, headers, { method: 'POST' })).status).toBe(405);
  });

  it.each(['api://local', 'https://management.azure.com/', '00000003-0000-0000-c000-000000000000'])(
    'puts the resource %s into the token exactly as asked',
    async (resource) => {
      const body = await (await setUp().get(`?api-version=2019-08-01&resource=${resource}`)).text().then(JSON.parse);
      expect(body.resource).toBe(resource);
      expect(readJwt(body.access_token)?.claims.aud).toBe(resource);
    },
  );

  it('issues tokens in the v1 shape that live a day', async () => {
    const { state, get } = setUp();
    state.clock.freeze(Date.parse('2026-11-23T12:00:00Z'));
    const body = await (await get(`?${v2019}&client_id=${userAssigned}`)).text().then(JSON.parse);
    const now = Date.parse('2026-11-23T12:00:00Z') / 1000;
    expect(body.expires_on).toBe(String(now + 86_400));
    expect(body).not.toHaveProperty('expires_in');
    expect(readJwt(body.access_token)?.claims).toMatchObject({
      iss: `https://sts.windows.net/${state.world.tenantId}/`,
      appid: userAssigned,
      oid: state.world.userAssigned.objectId,
      sub: state.world.userAssigned.objectId,
      tid: state.world.tenantId,
      idtyp: 'app',
      xms_mirid: state.world.userAssigned.resourceId,
      nbf: now - 300,
      exp: now + 86_400,
    });
  });

  it('compares resource ids without regard to case', async () => {
    const { state, get } = setUp();
    const id = state.world.userAssigned.resourceId.toUpperCase();
    expect((await (await get(`?${v2019}&mi_res_id=${id}`)).text().then(JSON.parse)).client_id).toBe(userAssigned);
  });

  it('stops taking a secret that was rotated', async () => {
    const { state, get } = setUp();
    state.hostSecrets.rotate('app-service');
    expect((await get(`?${v2019}`)).status).toBe(401);
  });

  it("does not take another host's secret", async () => {
    const { state, get } = setUp();
    const secret = state.hostSecrets.of('service-principal');
    expect((await get(`?${v2019}`, { 'x-identity-header': secret })).status).toBe(401);
  });

  it.each(['/MSI/token/', '/msi/token//'])('answers at %s too', async (path) => {
    const { state, secret } = setUp();
    const request = new Request(`http://127.0.0.1${path}?${v2017}`, { headers: { secret } });
    expect((await answer('app-service', request, state)).status).toBe(200);
  });
});

describe('the 2017 protocol', () => {
  it('ignores client_id and answers with the system-assigned identity', async () => {
    const { get, secret, state } = setUp();
    const body = await (await get(`?${v2017}&client_id=${userAssigned}`, { secret })).text().then(JSON.parse);
    expect(body.client_id).toBe(state.world.systemAssigned.clientId);
  });

  it('takes the secret in its own header only', async () => {
    const { get, secret } = setUp();
    expect((await get(`?${v2017}`, { 'x-identity-header': secret })).status).toBe(401);
  });

  it.each([
    ['linux', '2027-01-09T00:05:06Z', '01/10/2027 00:05:06 +00:00'],
    ['windows', '2027-01-09T00:05:06Z', '1/10/2027 12:05:06 AM +00:00'],
    ['windows', '2027-01-09T13:15:06Z', '1/10/2027 1:15:06 PM +00:00'],
    ['windows', '2027-01-09T12:00:00Z', '1/10/2027 12:00:00 PM +00:00'],
  ])('writes dates as a %s worker does (%s)', async (worker, now, expected) => {
    const { state, get, secret } = setUp({ worker });
    state.clock.freeze(Date.parse(now));
    const response = await get(`?${v2017}`, { secret });
    expect((await response.text().then(JSON.parse)).expires_on).toBe(expected);
    expect(response.headers.has('content-type')).toBe(worker === 'linux');
  });

  it.each([
    ['no secret', v2017, 'x', 401],
    ['another header for the secret', v2017, 'x-identity-header', 401],
    ['an identity that the app does not have', `${v2017}&clientid=a`, 'secret', 400],
    ['no resource', 'api-version=2017-09-01', 'secret', 400],
    ['a repeated parameter', `${v2017}&clientid=a&clientid=b`, 'secret', 400],
    ['no URI as the resource', 'api-version=2017-09-01&resource=keyvault', 'secret', 500],
  ])('on a Windows worker refuses %s in PascalCase, without a content type', async (_title, query, header, status) => {
    const { get, secret } = setUp({ worker: 'windows' });
    const response = await get(`?${query}`, { [header]: secret });
    expect([response.status, response.headers.has('content-type')]).toEqual([status, false]);
    const body = await response.text().then(JSON.parse);
    expect(body).toEqual({ StatusCode: status, Message: expect.any(String), CorrelationId: expect.any(String) });
  });

  it('on a Windows worker refuses the newer protocol as ever', async () => {
    const { get } = setUp({ worker: 'windows' });
    const body = await (await get('?api-version=2019-08-01')).text().then(JSON.parse);
    expect(body).toMatchObject({ statusCode: 400, message: expect.any(String) });
  });

  it('on a host that knows no other, refuses 2019-08-01 as unsupported', async () => {
    const { get, secret } = setUp({}, 'app-service-2017');
    const body = await (await get(`?${v2019}`, { 'x-identity-header': secret })).text().then(JSON.parse);
    expect(body.error.code).toBe('UnsupportedApiVersion');
  });
});

describe('Container Apps', () => {
  function get(query: string, headers?: Record<string, string>, options = {}, method = 'GET') {
    const state = createState(readConfig(options));
    const secret = state.hostSecrets.of('container-apps');
    const init = { method, headers: headers ?? { 'x-identity-header': secret } };
    return answer('container-apps', new Request(`http://127.0.0.1/msi/token?${query}`, init), state);
  }

  it.each([
    ['no header', {}, 'GET', 403],
    ['a wrong header', { 'x-identity-header': 'wrong' }, 'GET', 403],
    ['a Cloud Shell request', { metadata: 'true' }, 'POST', 405],
  ])('refuses %s without a word', async (_title, headers, method, status) => {
    const response = await get(v2019, headers, {}, method);
    expect([response.status, await response.text()]).toEqual([status, '']);
  });

  it('does not know the protocol of 2017', async () => {
    expect((await get(v2017)).status).toBe(400);
  });

  it('with user-assigned identities only, gives a token to whoever names one', async () => {
    const only = { identities: 'user-assigned' };
    const unnamed = await get(v2019, undefined, only);
    expect(await unnamed.text()).toContain('Unable to load requested managed identity.');
    expect(unnamed.status).toBe(400);
    expect((await get(`${v2019}&client_id=${userAssigned}`, undefined, only)).status).toBe(200);
  });
});
