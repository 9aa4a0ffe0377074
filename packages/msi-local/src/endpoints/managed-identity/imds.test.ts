import { describe, expect, it } from 'vitest';
import { readConfig } from '../../config.ts';
import { answer } from '../../routes.ts';
import { createState } from '../../state/state.ts';
import { readJwt } from '../../tokens/tokens.ts';

const path = '/metadata/identity/oauth2/token';
const good = 'api-version=2018-02-01&resource=https://vault.azure.net';
const id = 'a0000000-0000-4000-8000-0000000000c2';

function get(target: string, headers: Record<string, string> = { metadata: 'true' }, method = 'GET') {
  const state = createState(readConfig({}));
  return answer('imds', new Request(`http://127.0.0.1:4141${target}`, { method, headers }), state);
}

describe('the metadata service', () => {
  it.each([
    ['no Metadata header, as a probe sends it', path, {}, 400, 'Required metadata header not specified'],
    ['the Metadata header in upper case', `${path}?${good}`, { metadata: 'True' }, 400, 'Required metadata header'],
    ['a proxy in between', `${path}?${good}`, { metadata: 'true', 'x-forwarded-for': '10.0.0.1' }, 400, 'X-Forwarded'],
    ['no api-version', `${path}?resource=https://vault.azure.net`, undefined, 400, 'api-version was not specified'],
    [
      'an unknown api-version',
      `${path}?${good.replace('2018', '2017')}`,
      undefined,
      400,
      '2017-02-01 is not supported',
    ],
    ['no resource', `${path}?api-version=2018-02-01`, undefined, 400, 'resource was not specified'],
    ['a repeated parameter', `${path}?${good}&resource=x`, undefined, 400, 'more than once'],
    ['two selectors', `${path}?${good}&client_id=${id}&object_id=${id}`, undefined, 400, 'Only one identity'],
    ['two spellings of one selector', `${path}?${good}&msi_res_id=x&mi_res_id=x`, undefined, 400, 'Only one identity'],
    ['a scope as the resource', `${path}?${good}/.default`, undefined, 400, 'AADSTS500011'],
  ])('refuses %s', async (_title, target, headers, status, text) => {
    const response = await get(target, headers);
    expect(response.status).toBe(status);
    const body = await response.text().then(JSON.parse);
    expect(body.error).toMatch(/^invalid_(request|resource)$/);
    expect(body.error_description).toContain(text);
  });

  it('names the newest api-versions when one is missing', async () => {
    const missing = await (await get(`${path}?resource=x`)).text().then(JSON.parse);
    expect(missing['newest-versions']).toEqual(['2025-04-07', '2024-07-17', '2024-03-15']);
  });

  it('gives a request without the Metadata header no id, and every other one', async () => {
    expect((await get(path, {})).headers.has('x-ms-request-id')).toBe(false);
    expect((await get(path)).headers.get('x-ms-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([`${path}/`, `/METADATA/identity/oauth2/token`, `/${path}`, `/${path}/`])(
    'answers at %s too',
    async (one) => {
      expect((await get(`${one}?${good}`)).status).toBe(200);
    },
  );

  it.each([
    ['GET', '/metadata/identity/getplatformmetadata?cred-api-version=2.0'],
    ['POST', '/metadata/identity/issuecredential?cred-api-version=2.0'],
    ['GET', '/metadata/instance?api-version=2021-02-01'],
  ])('has no second version and no machine to describe: %s %s', async (method, target) => {
    expect((await get(target, undefined, method)).status).toBe(404);
  });

  it('refuses POST with 405', async () => {
    expect((await get(`${path}?${good}`, undefined, 'POST')).status).toBe(405);
  });

  it.each(['client_id', 'object_id', 'msi_res_id', 'mi_res_id'])('takes %s in any letter case', async (name) => {
    const { userAssigned } = createState(readConfig({})).world;
    const values = { client_id: userAssigned.clientId, object_id: userAssigned.objectId };
    const value = (values[name as 'client_id'] ?? userAssigned.resourceId).toUpperCase();
    const body = await (await get(`${path}?${good}&${name}=${value}`)).text().then(JSON.parse);
    expect(readJwt(body.access_token)?.claims.oid).toBe(userAssigned.objectId);
  });
});
