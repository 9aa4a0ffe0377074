import { describe, expect, it } from 'vitest';
import { readConfig } from '../../config.ts';
import { answer } from '../../routes.ts';
import { createState } from '../../state/state.ts';
import { readJwt } from '../../tokens/tokens.ts';

const connection = 'a0000000-0000-4000-8000-0000000000b3';

function setUp(options = {}) {
  const state = createState(readConfig(options));
  const usual = {
    authorization: `Bearer ${state.hostSecrets.of('azure-pipelines')}`,
    'content-type': 'application/json',
    'x-tfs-fedauthredirect': 'Suppress',
  };
  const send = (
    headers: Record<string, string> = {},
    query = `api-version=7.1&serviceConnectionId=${connection}`,
    init = {},
  ) => {
    const url = `https://localhost/local/_apis/distributedtask/hubs/build/plans/1/jobs/2/oidctoken?${query}`;
    const request = new Request(url, { method: 'POST', headers: { ...usual, ...headers }, ...init });
    return answer('azure-pipelines', request, state);
  };
  return { state, send };
}

describe("Azure Pipelines' OIDC service", () => {
  it.each([
    ['a wrong access token', { authorization: 'Bearer wrong' }, undefined, 401],
    ['a connection that does not exist', {}, 'api-version=7.1&serviceConnectionId=other', 404],
    ['no connection', {}, 'api-version=7.1', 404],
  ])('refuses %s without a word', async (_title, headers, query, status) => {
    const response = await setUp().send(headers, query);
    expect([response.status, await response.text()]).toEqual([status, '']);
    expect(response.headers.get('x-vss-e2eid')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['another api-version', {}, `api-version=7.0&serviceConnectionId=${connection}`, {}, 400],
    ['a body', {}, undefined, { body: '{}' }, 400],
    ['another content type', { 'content-type': 'text/plain' }, undefined, {}, 415],
    ['GET', {}, undefined, { method: 'GET' }, 405],
  ])('refuses %s', async (_title, headers, query, init, status) => {
    expect((await setUp().send(headers, query, init)).status).toBe(status);
  });

  it.each(['', 'Follow'])(
    'with X-TFS-FedAuthRedirect "%s" sends a wrong access token to the sign-in page, no good one',
    async (redirect) => {
      const headers = { 'x-tfs-fedauthredirect': redirect };
      const response = await setUp().send({ ...headers, authorization: 'Bearer wrong' });
      expect([response.status, response.headers.get('location')]).toEqual([302, 'https://localhost/_signin']);
      expect((await setUp().send(headers)).status).toBe(200);
    },
  );

  it.each([
    ['entra', 'https://login.microsoftonline.com/a0000000-0000-4000-8000-000000000001/v2.0', /^\/eid1\/c\/pub\//],
    ['azure-devops', 'https://vstoken.dev.azure.com/a0000000-0000-4000-8000-0000000000b4', /^sc:\/\//],
  ])('gives a token of the issuer "%s" for ten minutes', async (pipelinesIssuer, iss, sub) => {
    const body = await (await setUp({ pipelinesIssuer }).send()).text().then(JSON.parse);
    const claims = readJwt(body.oidcToken)?.claims;
    expect(claims).toMatchObject({ iss, sub: expect.stringMatching(sub), aud: 'api://AzureADTokenExchange' });
    expect(Number(claims?.exp) - Number(claims?.iat)).toBe(600);
  });
});
