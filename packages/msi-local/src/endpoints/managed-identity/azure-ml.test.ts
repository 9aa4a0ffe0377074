import { describe, expect, it } from 'vitest';
import { readConfig } from '../../config.ts';
import { answer } from '../../routes.ts';
import { createState } from '../../state/state.ts';
import { readJwt } from '../../tokens/tokens.ts';

const good = 'api-version=2017-09-01&resource=https://vault.azure.net';
const user = 'a0000000-0000-4000-8000-0000000000c2';

function get(query: string, headers?: Record<string, string>, method = 'GET') {
  const state = createState(readConfig({}));
  const secret = state.hostSecrets.of('azure-ml');
  const request = new Request(`http://127.0.0.1/msi/token?${query}`, { method, headers: headers ?? { secret } });
  return answer('azure-ml', request, state);
}

describe('Azure Machine Learning', () => {
  it.each([
    ['no secret', `${good}&clientid=${user}`, {}, 401, 'Invalid secret token header: .'],
    ['a wrong secret', `${good}&clientid=${user}`, { secret: 'wrong' }, 401, 'Invalid secret token header: .'],
    ['the secret under another name', good, { 'x-identity-header': 'x' }, 401, 'Invalid secret token header: .'],
    ['no api-version', `resource=https://vault.azure.net&clientid=${user}`, undefined, 400, 'api-version'],
    ['a repeated parameter', `${good}&clientid=a&clientid=b`, undefined, 400, 'more than once'],
    ['no resource', `api-version=2017-09-01&clientid=${user}`, undefined, 400, 'InternalError - :{'],
    ['an unknown identity', `${good}&clientid=${user.replace('c2', 'ff')}`, undefined, 400, 'InternalError - :{'],
  ])('refuses %s in plain text', async (_title, query, headers, status, text) => {
    const response = await get(query, headers);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain(text);
  });

  it('refuses POST with 405', async () => {
    expect((await get(good, undefined, 'POST')).status).toBe(405);
  });

  it.each(['', '&clientid=', '&clientid=clientid', `&client_id=${user}`])(
    'answers with the token of the signed-in person to "%s"',
    async (more) => {
      const body = await (await get(`${good}${more}`)).text().then(JSON.parse);
      const claims = readJwt(body.access_token)?.claims;
      expect(claims).toMatchObject({ oid: 'a0000000-0000-4000-8000-0000000000d9', scp: 'user_impersonation' });
      expect(claims).not.toHaveProperty('idtyp');
      expect(body).not.toHaveProperty('client_id');
    },
  );
});
