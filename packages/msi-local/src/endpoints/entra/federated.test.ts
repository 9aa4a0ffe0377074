import { describe, expect, it } from 'vitest';
import { readConfig } from '../../config.ts';
import { answer } from '../../routes.ts';
import { cluster } from '../../state/federations.ts';
import type { Identity } from '../../state/identities.ts';
import { issueForIdentity } from '../../state/issue-token.ts';
import { serviceAccountToken } from '../../state/service-account.ts';
import { createState } from '../../state/state.ts';
import { readJwt } from '../../tokens/tokens.ts';

const state = createState(readConfig({}));
const { world } = state;
const exchange = 'api://AzureADTokenExchange';

async function signIn(clientId: string, assertion: string) {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    scope: 'https://vault.azure.net/.default',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  });
  const url = `https://login.microsoftonline.com/${world.tenantId}/oauth2/v2.0/token`;
  const response = await answer('entra', new Request(url, { method: 'POST', body }), state);
  return response.text().then(JSON.parse);
}

const exchanged = (identity: Identity, audience = exchange) => issueForIdentity(state, identity, audience).token;

describe("a managed identity's token in place of an application's secret", () => {
  it('is a v2 token whose subject is the object id', () => {
    expect(readJwt(exchanged(world.userAssigned))?.claims).toMatchObject({
      iss: `https://login.microsoftonline.com/${world.tenantId}/v2.0`,
      sub: world.userAssigned.objectId,
      aud: exchange,
      ver: '2.0',
    });
  });

  it('is taken when the application trusts the user-assigned identity', async () => {
    const { access_token } = await signIn(world.servicePrincipal.clientId, exchanged(world.userAssigned));
    expect(readJwt(access_token)?.claims).toMatchObject({ appid: world.servicePrincipal.clientId, ver: '1.0' });
  });

  it.each<[string, Identity, string, number]>([
    ['the system-assigned identity', world.systemAssigned, exchange, 700213],
    ['an identity that the application does not know', world.secondUserAssigned, exchange, 700213],
    [
      'an identity by its client id',
      { ...world.userAssigned, objectId: world.userAssigned.clientId },
      exchange,
      700213,
    ],
    ["another cloud's audience", world.userAssigned, `${exchange}USGov`, 700212],
    ['a token for a resource', world.userAssigned, 'https://vault.azure.net', 700211],
  ])('is refused from %s', async (_title, identity, audience, code) => {
    const body = await signIn(world.servicePrincipal.clientId, exchanged(identity, audience));
    expect(body.error_codes).toEqual([code]);
  });
});

describe('a federated assertion', () => {
  const good = () => ({ ...readJwt(serviceAccountToken(state))?.claims });

  it('is good for the application that trusts it and for no other', async () => {
    const assertion = serviceAccountToken(state);
    const { access_token } = await signIn(world.userAssigned.clientId, assertion);
    expect(readJwt(access_token)?.claims).toMatchObject({
      oid: world.userAssigned.objectId,
      xms_mirid: world.userAssigned.resourceId,
    });
    expect((await signIn(world.servicePrincipal.clientId, assertion)).error_codes).toEqual([700211]);
  });

  it("is refused under another algorithm, or another issuer's key", async () => {
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    const claims = Buffer.from(JSON.stringify(good())).toString('base64url');
    const others = [`${unsigned}.${claims}.`, state.issuers['github-actions'].sign(good())];
    for (const assertion of others) {
      expect((await signIn(world.userAssigned.clientId, assertion)).error_codes).toEqual([700027]);
    }
  });

  it('is allowed five minutes of clock difference, no more', async () => {
    const now = Math.floor(state.clock.now() / 1000);
    const at = (exp: number, nbf: number) => state.issuers.aks.sign({ ...good(), exp, nbf });
    expect(await signIn(world.userAssigned.clientId, at(now - 200, now + 200))).toHaveProperty('access_token');
    expect((await signIn(world.userAssigned.clientId, at(now - 400, now))).error_codes).toEqual([700024]);
    expect((await signIn(world.userAssigned.clientId, at(now + 600, now + 400))).error_codes).toEqual([700024]);
  });

  it('quotes the subject that was presented', async () => {
    const assertion = state.issuers.aks.sign({ ...good(), sub: 'system:serviceaccount:default:other' });
    const { error_description } = await signIn(world.userAssigned.clientId, assertion);
    expect(error_description).toContain("presented assertion subject 'system:serviceaccount:default:other'");
    expect(error_description).toContain(cluster.issuer(world));
  });
});

it("a managed identity has no secret, not even the application's", async () => {
  const url = `https://login.microsoftonline.com/${world.tenantId}/oauth2/v2.0/token`;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: world.userAssigned.clientId,
    scope: 'https://vault.azure.net/.default',
    client_secret: state.hostSecrets.of('service-principal'),
  });
  const response = await answer('entra', new Request(url, { method: 'POST', body }), state);
  expect((await response.text().then(JSON.parse)).error_codes).toEqual([7000215]);
});
