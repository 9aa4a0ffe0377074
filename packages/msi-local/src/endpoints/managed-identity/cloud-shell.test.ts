import { describe, expect, it } from 'vitest';
import { readConfig } from '../../config.ts';
import { answer } from '../../routes.ts';
import { createState } from '../../state/state.ts';
import { readJwt } from '../../tokens/tokens.ts';

function send(
  body: string | undefined,
  headers: Record<string, string> = { metadata: 'true' },
  method = 'POST',
  query = '',
) {
  const state = createState(readConfig({}));
  state.clock.freeze(Date.parse('2026-11-23T12:00:00Z'));
  const init = { method, headers, ...(body === undefined ? {} : { body }) };
  return answer('cloud-shell', new Request(`http://127.0.0.1/oauth2/token${query}`, init), state);
}

describe('Cloud Shell', () => {
  it.each([
    ['no Metadata header', 'resource=https://vault.azure.net', {}, 'MissingMetadataHeader'],
    ['no resource', '', undefined, 'InvalidRequest'],
    ['a vault with a slash', 'resource=https://vault.azure.net/', undefined, 'AudienceNotSupported'],
    ['somebody else', 'resource=api://local', undefined, 'AudienceNotSupported'],
  ])('refuses %s', async (_title, body, headers, code) => {
    const response = await send(body, headers);
    expect(response.status).toBe(400);
    expect((await response.text().then(JSON.parse)).error.code).toBe(code);
  });

  it('refuses PUT with 405', async () => {
    expect((await send(undefined, undefined, 'PUT')).status).toBe(405);
  });

  it('takes no query from a POST', async () => {
    expect((await send('', undefined, 'POST', '?resource=https://vault.azure.net')).status).toBe(400);
  });

  it.each(['', '&client_id=a0000000-0000-4000-8000-0000000000c2'])(
    'gives the token of the signed-in person for an hour, whatever identity is named: "%s"',
    async (more) => {
      const body = await (await send(`resource=https://management.azure.com/${more}`)).text().then(JSON.parse);
      const claims = readJwt(body.access_token)?.claims;
      expect(claims).toMatchObject({
        aud: 'https://management.azure.com/',
        oid: 'a0000000-0000-4000-8000-0000000000d9',
        upn: 'person@local.example',
        scp: 'user_impersonation',
        exp: Date.parse('2026-11-23T13:00:00Z') / 1000,
      });
      expect(claims).not.toHaveProperty('idtyp');
    },
  );
});
