import { describe, expect, it } from 'vitest';
import { readConfig } from '../../config.ts';
import { answer } from '../../routes.ts';
import { createState } from '../../state/state.ts';
import { readJwt } from '../../tokens/tokens.ts';

const state = createState(readConfig({}));
const good = '?api-version=2.0&audience=api://AzureADTokenExchange';

function get(query: string, authorization = `Bearer ${state.hostSecrets.of('github-actions')}`) {
  const url = `https://localhost/_apis/distributedtask/hubs/Actions/plans/1/jobs/2/idtoken${query}`;
  return answer('github-actions', new Request(url, { headers: { authorization } }), state);
}

const claimsOf = async (response: Response) => readJwt((await response.text().then(JSON.parse)).value)?.claims;

describe("GitHub's OIDC service", () => {
  it.each([
    ['no request token', good, '', 401],
    ['a wrong request token', good, 'Bearer wrong', 401],
    ['two audiences', `${good}&audience=other`, undefined, 400],
    ['a URL that lost its query', '?audience=api://AzureADTokenExchange', undefined, 400],
  ])('refuses %s', async (_title, query, authorization, status) => {
    expect((await get(query, authorization)).status).toBe(status);
  });

  it('gives another token at each call, for five minutes', async () => {
    const [first, second] = [await claimsOf(await get(good)), await claimsOf(await get(good))];
    expect(first?.jti).not.toBe(second?.jti);
    expect(first).toMatchObject({
      iss: 'https://token.actions.githubusercontent.com',
      aud: 'api://AzureADTokenExchange',
      sub: 'repo:local/app:ref:refs/heads/main',
    });
    expect(Number(first?.exp) - Number(first?.iat)).toBe(300);
  });

  it("takes the owner's URL where no audience is named", async () => {
    expect(await claimsOf(await get('?api-version=2.0'))).toMatchObject({ aud: 'https://github.com/local' });
  });
});
