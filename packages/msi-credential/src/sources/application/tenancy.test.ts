import { afterEach, describe, expect, test, vi } from 'vitest';
import { ask, world } from '../../../test/ask.ts';
import { explanationOfFailure } from '../../../test/catalogue.ts';
import { diagnose } from '../../credential.ts';
import type { Environment } from '../../types.ts';
import { authorityOf, knownCloud } from './clouds.ts';
import { tenancyOf } from './tenancy.ts';

const { tenantId, otherTenantId, applicationId } = world;
const env = { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: applicationId, AZURE_CLIENT_SECRET: 'p4ss~' };
const entra = 'https://login.microsoftonline.com';

afterEach(() => vi.unstubAllEnvs());

describe('an authority', () => {
  test.each([
    [entra, entra],
    [`${entra}/`, entra],
    [`${entra}/common`, entra],
    [`${entra}/${tenantId}/v2.0`, entra],
    [`${entra}/${tenantId}/oauth2/v2.0/token?x=1#y`, entra],
    [`${entra}:443`, entra],
    ['HTTPS://Login.MicrosoftOnline.com/Common', entra],
    ['login.microsoftonline.us', 'https://login.microsoftonline.us'],
    ['https://STS.windows.net/x/', 'https://sts.windows.net'],
    ['https://ADFS.contoso.com/adfs/', 'https://adfs.contoso.com/adfs'],
    ['adfs.contoso.com', 'adfs.contoso.com'],
    ['http://login.microsoftonline.com', 'http://login.microsoftonline.com'],
    ['https://me:pw@login.microsoftonline.com', 'https://me:pw@login.microsoftonline.com'],
    [`"${entra}"`, `"${entra}"`],
    ['', ''],
  ])('%j is asked as %s', (text, expected) => {
    expect(authorityOf(text)).toBe(expected);
    expect(tenancyOf({ AZURE_AUTHORITY_HOST: text || entra }, {}).authorityHost).toBe(expected || entra);
  });

  test.each([
    [`${entra}/common`, true],
    ['Login.microsoftonline.US', true],
    ['https://login.microsoftonline.com.example', false],
    ['https://example/login.microsoftonline.com', false],
    [undefined, false],
  ])("%s is one of Microsoft's: %s", (text, isKnown) => expect(knownCloud(text) !== undefined).toBe(isKnown));

  test.each([
    [entra, 0],
    [`${entra}/common`, 0],
    [undefined, 0],
    ['https://login.evil.example', 1],
    ['https://127.0.0.1:8443', 1],
  ])('%s gets the secret, with so many warnings: %i', async (authority, count) => {
    const { warnings } = diagnose({ env: { ...env, AZURE_AUTHORITY_HOST: authority } });
    expect(warnings).toEqual(
      Array.from({ length: count }, () => ({
        code: 'SETTING_DOUBTFUL',
        message: expect.stringContaining(`AZURE_AUTHORITY_HOST) is ${new URL(authority ?? entra).host}`),
      })),
    );
  });

  test('in an option is warned of as such, also for a federated credential', () => {
    const authorityHost = 'https://login.evil.example';
    const messages = (options: object, at: Environment) =>
      diagnose({ env: at, ...options }).warnings.map((w) => w.message);
    expect(messages({ authorityHost }, env)).toEqual([expect.stringContaining('the option authorityHost')]);
    const federatedCredential = { clientId: applicationId, tenantId };
    const host = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/', IDENTITY_HEADER: 'h' };
    const options = { authorityHost, federatedCredential, clientId: world.clientId };
    expect(messages(options, host)).toEqual([expect.stringContaining('login.evil.example')]);
  });

  test('in quotes is called so', () => {
    const { problem } = diagnose({ env: { ...env, AZURE_AUTHORITY_HOST: `"${entra}"` } });
    expect(problem).toMatchObject({ code: 'ERR_SETTING_INVALID', cause: expect.stringContaining('in quotes') });
  });
});

test.each([`a;${otherTenantId}`, `a,${otherTenantId}`, `a, ${otherTenantId} ,`, `a ${otherTenantId}\u200b`, '*'])(
  'AZURE_ADDITIONALLY_ALLOWED_TENANTS=%s allows the second tenant',
  async (allowed) => {
    const asked = ask(
      { ...env, AZURE_ADDITIONALLY_ALLOWED_TENANTS: allowed },
      { request: { tenantId: otherTenantId } },
    );
    await asked.token;
    expect(asked.made[0]?.asked[0]?.options.tenantId).toBe(otherTenantId);
  },
);

test.each(['\u200b', '\ufeff', '\u00a0', '\u00ad'])(
  'ids with the invisible character %j are the ids without',
  async (hidden) => {
    const within = (id: string) => `${id.slice(0, 9)}${hidden}${id.slice(9)}${hidden}`;
    const odd = { ...env, AZURE_TENANT_ID: within(tenantId), AZURE_CLIENT_ID: within(applicationId) };
    const { token, made } = ask(odd);
    await token;
    expect(made[0]?.args.slice(0, 3)).toEqual([tenantId, applicationId, 'p4ss~']);
    expect(diagnose({ env: odd }).warnings).toEqual([]);
  },
);

test('a secret keeps what nobody sees within it, and loses it at its ends', async () => {
  const { token, made } = ask({ ...env, AZURE_CLIENT_SECRET: '\ufeffp4\u200bss~\u200b\n' });
  await token;
  expect(made[0]?.args[2]).toBe('p4\u200bss~');
});

test('a proxy of another kind stops the sign-in before anything is sent', async () => {
  vi.stubEnv('HTTPS_PROXY', 'socks5://127.0.0.1:1080');
  const { token, made } = ask(env);
  expect(await explanationOfFailure(token)).toMatchObject({
    code: 'ERR_SETTING_INVALID',
    cause: expect.stringContaining('SOCKS'),
  });
  expect(made).toEqual([]);
});
