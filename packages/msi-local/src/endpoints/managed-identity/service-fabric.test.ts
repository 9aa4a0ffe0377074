import { describe, expect, it } from 'vitest';
import { readConfig } from '../../config.ts';
import { answer } from '../../routes.ts';
import { createState } from '../../state/state.ts';
import { readJwt } from '../../tokens/tokens.ts';

const good = 'api-version=2019-07-01-preview&resource=https://vault.azure.net';
const user = 'a0000000-0000-4000-8000-0000000000c2';

function ask(
  query: string,
  headers?: Record<string, string>,
  site: 'service-fabric' | 'container-instances' = 'service-fabric',
) {
  const state = createState(readConfig({}));
  const url = `https://localhost:2377/metadata/identity/oauth2/token?${query}`;
  const secret = state.hostSecrets.of(site);
  return answer(site, new Request(url, { headers: headers ?? { secret } }), state);
}

const codeOf = async (response: Response) => (await response.text().then(JSON.parse)).error.code;

describe('Service Fabric', () => {
  it.each([
    ['no secret', good, {}, 400, 'SecretHeaderNotFound'],
    ['a wrong secret', good, { secret: 'wrong' }, 404, 'ManagedIdentityNotFound'],
    ['no api-version', 'resource=https://vault.azure.net', undefined, 400, 'InvalidApiVersion'],
    ['the api-version of another host', good.replace('07-01-preview', '08-01'), undefined, 400, 'InvalidApiVersion'],
    ['two api-versions', `${good}&api-version=2020-05-01`, undefined, 400, 'InvalidApiVersion'],
    ['no resource', 'api-version=2020-05-01', undefined, 400, 'ArgumentNullOrEmpty'],
    ['a scope as the resource', `${good}/.default`, undefined, 500, 'InternalServerError'],
  ])('refuses %s', async (_title, query, headers, status, code) => {
    const response = await ask(query, headers);
    expect(response.status).toBe(status);
    expect(await codeOf(response)).toBe(code);
  });

  it.each(['client_id', 'object_id', 'mi_res_id'])('ignores %s: its identity is the application', async (name) => {
    const body = await (await ask(`${good}&${name}=${user}`)).text().then(JSON.parse);
    expect(readJwt(body.access_token)?.claims.appid).toBe('a0000000-0000-4000-8000-0000000000c1');
  });

  it('selects by the object id of an identity', async () => {
    const body = await (await ask(`${good}&principalId=a0000000-0000-4000-8000-0000000000d2`)).text().then(JSON.parse);
    expect(readJwt(body.access_token)?.claims.appid).toBe(user);
    expect(await codeOf(await ask(`${good}&principalId=${user}`))).toBe('ManagedIdentityNotFound');
  });
});

describe('Container Instances', () => {
  it('refuses the api-version that clients add to the one of its endpoint', async () => {
    const response = await ask(`api-version=1.0&${good}`, undefined, 'container-instances');
    expect(await codeOf(response)).toBe('InvalidApiVersion');
  });

  it('ignores client_id', async () => {
    const query = `api-version=1.0&resource=https://vault.azure.net&client_id=${user}`;
    const body = await (await ask(query, undefined, 'container-instances')).text().then(JSON.parse);
    expect(readJwt(body.access_token)?.claims.appid).toBe('a0000000-0000-4000-8000-0000000000c1');
  });

  it("does not take Service Fabric's secret", async () => {
    const state = createState(readConfig({}));
    const headers = { secret: state.hostSecrets.of('service-fabric') };
    const url = 'http://127.0.0.1/metadata/identity/oauth2/token?api-version=1.0&resource=https://vault.azure.net';
    expect((await answer('container-instances', new Request(url, { headers }), state)).status).toBe(404);
  });
});
