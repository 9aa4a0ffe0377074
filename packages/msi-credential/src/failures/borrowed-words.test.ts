// What answers may put into advice: a person reads it, and pastes its commands into a shell.
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ask, expectNoSecret, marker, world } from '../../test/ask.ts';
import { type Exchange, entraRefusal, fakeAzureIdentity } from '../../test/fake-azure-identity.ts';
import { jwt } from '../../test/fake-io.ts';
import { isCredentialError } from '../errors.ts';
import { KeyVaultError } from '../key-vault/explain/error.ts';
import { explainKeyVaultError } from '../key-vault/explain/explain.ts';

describe('Entra, or a proxy in its place, cannot bring into a command', () => {
  const application = { AZURE_TENANT_ID: world.tenantId, AZURE_CLIENT_ID: world.applicationId };
  const withSecret = { ...application, AZURE_CLIENT_SECRET: marker };
  const sent = { iss: 'https://oidc.example/own', sub: 'own:subject', aud: 'api://AzureADTokenExchange' };
  const form = new URLSearchParams({ client_assertion: jwt(sent) }).toString();
  const says = (text: string): Exchange => ({ ...entraRefusal(700213, text), sent: form });

  /** The whole of what a person gets to see. */
  async function shown(env: Record<string, string>, exchange: Exchange) {
    const asked = ask(env, { azureIdentity: fakeAzureIdentity(() => exchange) });
    const error = await asked.token.catch((reason: unknown) => reason);
    if (!isCredentialError(error)) throw error;
    await expectNoSecret(asked);
    return { commands: error.explanation.fix.map(({ run = '' }) => run).join('\n'), all: JSON.stringify(error) };
  }

  test.each([
    ['the secret, as a subject', `presented assertion subject '${marker}'`],
    ['the secret, as an issuer', `Assertion Issuer: 'https://${marker}.example'`],
    ['the secret, as an audience', `Assertion Audience: '${marker}'`],
    ['the secret in a URL', `Assertion Subject: 'x:${encodeURIComponent(marker)}'`],
    ["somebody else's issuer", "Assertion Issuer: 'https://evil.example/'"],
    ["somebody else's repository", "Assertion Subject: 'repo:evil/evil:ref:refs/heads/main'"],
    ["somebody else's service account", "Assertion Subject: 'system:serviceaccount:evil:evil'"],
    ["somebody else's audience", "Assertion Audience: 'api://evil'"],
    ['a second line', "Assertion Subject: 'x\nrm -rf x'"],
  ])('%s', async (_, words) => {
    const { commands } = await shown(withSecret, says(words));
    expect(commands).toContain('federated-credential create');
    expect(commands).toContain('"issuer":"https://oidc.example/own","subject":"own:subject"');
    expect(commands).not.toMatch(/evil|rm -rf|MARKER/i);
  });
});

describe('a vault, or something in its place, cannot bring into advice', () => {
  const guid = '55555555-aaaa-4bbb-8ccc-000000000005';
  const token = `eyJhbGciOiJub25lIn0.eyJ4IjoiTUFSS0VSIn0.${'aB3'.repeat(30)}`;
  const opaque = 'AXoAv4j5cvGGr0GRqy180BHbR8YYvQ1xOGNlYTU2Nz';
  const vaults = 'providers/Microsoft.KeyVault/vaults';
  const request = (value: string) => ({
    method: 'PUT',
    url: 'https://contoso-dev.vault.azure.net/secrets/a',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ value }),
  });
  const refused = (words: string, value: string, status: number, code: string) =>
    Object.assign(new Error(words), {
      name: 'RestError',
      statusCode: status,
      details: { error: { code, message: words } },
      request: request(value),
      response: { status, headers: { 'x-ms-request-id': value } },
    });

  test.each<[title: string, words: string, value?: string]>([
    ['a token as a subscription', `Resource: '/subscriptions/${token}/vaults/contoso-dev'`],
    ['a token as a group', `Resource: '/subscriptions/${guid}/resourceGroups/${token}/${vaults}/contoso-dev'`],
    ['an unknown key as a group', `Resource: '/subscriptions/${guid}/resourceGroups/${opaque}/${vaults}/contoso-dev'`],
    [
      'a token between the id and the vault',
      `Resource: '/subscriptions/${guid}/resourceGroups/a/${token}/${vaults}/contoso-dev'`,
    ],
    [
      'a token as a secret',
      `Resource: '/subscriptions/${guid}/resourceGroups/a/${vaults}/contoso-dev/secrets/${token}'`,
    ],
    ['a command', `Resource: '/subscriptions/${guid}/resourceGroups/$(id)/${vaults}/contoso-dev'`],
    [
      'a GUID that is the value',
      'Caller: appid=1;oid=66666666-aaaa-4bbb-8ccc-000000000006;iss=x',
      '66666666-aaaa-4bbb-8ccc-000000000006',
    ],
    ['a value as a vault', 'Vault: hunter2hunter2;location=x', 'hunter2hunter2'],
    [
      'a value as a group',
      `Resource: '/subscriptions/${guid}/resourceGroups/hunter2hunter2/${vaults}/contoso-dev'`,
      'hunter2hunter2',
    ],
    ['the token as an audience', `AKV10022: Invalid audience, found: https://${token}`],
    ['a key as an audience', `AKV10022: Invalid audience, found: https://x.example/${opaque}`],
  ])('%s', (_, words, value = 'another value') => {
    const isAudience = words.startsWith('AKV');
    const error = isAudience
      ? refused(words, value, 401, 'Unauthorized')
      : refused(`Caller is not authorized to perform action on resource.\r\n${words}`, value, 403, 'Forbidden');
    const explanation = explainKeyVaultError(error);
    expect(explanation.code).toBe(isAudience ? 'KV_TOKEN_AUDIENCE' : 'KV_DENIED_BY_RBAC');
    const told = new KeyVaultError(explanation, { cause: error });
    const seen = [JSON.stringify(explanation), JSON.stringify(told), inspect(told, { depth: 9, showHidden: true })];
    expect(seen[0]).not.toContain('$(id)');
    for (const hidden of [token, opaque, value]) expect(seen.join('\n')).not.toContain(hidden);
  });
});
