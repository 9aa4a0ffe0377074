import { describe, expect, test } from 'vitest';
import { ask, expectNoSecret, marker, refusal, world } from '../../test/ask.ts';
import { catalogueOf, explanationOfFailure, failing, runsOf } from '../../test/catalogue.ts';
import { type Exchange, entraRefusal, fakeAzureIdentity } from '../../test/fake-azure-identity.ts';
import { formatFix } from '../codes.ts';
import { diagnose } from '../credential.ts';
import { formatDiagnostics } from '../diagnosis/report.ts';
import type { Environment } from '../types.ts';
import { failedReferences } from './unresolved.ts';

const servicePrincipal = {
  AZURE_TENANT_ID: world.tenantId,
  AZURE_CLIENT_ID: world.applicationId,
  AZURE_CLIENT_SECRET: 'p4ss~',
};
const appService = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi', IDENTITY_HEADER: 'h' };
const pipelines = {
  SYSTEM_OIDCREQUESTURI: 'https://dev.azure.com/contoso/oidctoken',
  SYSTEM_ACCESSTOKEN: 'job-secret',
  AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: world.objectId,
  AZURESUBSCRIPTION_TENANT_ID: world.tenantId,
  AZURESUBSCRIPTION_CLIENT_ID: world.applicationId,
};
const reference = `@Microsoft.KeyVault(SecretUri=https://${marker}.vault.azure.net/secrets/s/)`;
const signIn = (env: Environment, exchange: Exchange) => ask(env, { azureIdentity: fakeAzureIdentity(() => exchange) });

describe('a setting that holds a placeholder', () => {
  test.each<[setting: string, Environment]>([
    ['AZURE_CLIENT_SECRET', { ...servicePrincipal, AZURE_CLIENT_SECRET: reference }],
    ['AZURE_CLIENT_SECRET', { ...servicePrincipal, AZURE_CLIENT_SECRET: '$(ClientSecret)' }],
    ['AZURE_CLIENT_SECRET', { ...servicePrincipal, AZURE_CLIENT_SECRET: 'AZURE_CLIENT_SECRET' }],
    ['AZURE_CLIENT_ID', { ...servicePrincipal, AZURE_CLIENT_ID: '$(ClientId)' }],
    ['AZURE_CLIENT_ID', { ...appService, AZURE_CLIENT_ID: reference }],
    ['AZURE_MANAGED_IDENTITY_CLIENT_ID', { ...appService, AZURE_MANAGED_IDENTITY_CLIENT_ID: '<client-id>' }],
    ['SYSTEM_ACCESSTOKEN', { ...pipelines, SYSTEM_ACCESSTOKEN: '$(System.AccesToken)' }],
    ['IDENTITY_HEADER', { ...appService, IDENTITY_HEADER: 'undefined' }],
    ['AZURE_CLIENT_SECRET', { ...servicePrincipal, AZURE_CLIENT_SECRET: `p4ss\u200b~` }],
  ])('%s is warned of, and nothing else is, and what to do is said', (setting, env) => {
    const { warnings } = diagnose({ env });
    const about = warnings.filter(({ code }) => code === 'SETTING_DOUBTFUL');
    expect(about).toEqual([
      { code: 'SETTING_DOUBTFUL', message: expect.stringContaining(setting), fix: expect.any(Array) },
    ]);
    expect(formatDiagnostics(diagnose({ env }))).toContain(formatFix(about[0]?.fix ?? []));
    expect(JSON.stringify(diagnose({ env }))).not.toContain(marker);
  });

  test('of another source than the chosen one stops nothing', () => {
    const { warnings } = diagnose({ env: { ...appService, AZURE_CLIENT_SECRET: '$(ClientSecret)' } });
    expect(warnings.map(({ code }) => code)).toEqual(['SETTING_DOUBTFUL', 'HALF_SET']);
    expect(warnings.flatMap(({ fix }) => fix ?? [])).toEqual([]);
  });

  test.each(['clientId', 'objectId', 'resourceId'])('may be the option %s', (option) => {
    const { warnings } = diagnose({ env: appService, [option]: '$(Id)' });
    expect(warnings).toMatchObject([{ message: expect.stringContaining(`option ${option}`), fix: [{}] }]);
  });

  test.each<[Environment, string]>([
    [{ ...servicePrincipal, AZURE_TENANT_ID: '$(TenantId)' }, 'AZURE_TENANT_ID'],
    [{ ...servicePrincipal, AZURE_TENANT_ID: '#{tenant}#' }, 'AZURE_TENANT_ID'],
    [{ ...servicePrincipal, AZURE_AUTHORITY_HOST: '\x24{AUTHORITY}' }, 'AZURE_AUTHORITY_HOST'],
    [{ ...appService, IDENTITY_ENDPOINT: '$(Endpoint)' }, 'IDENTITY_ENDPOINT'],
    [{ AZURE_TOKEN_CREDENTIALS: '%CREDENTIALS%' }, 'AZURE_TOKEN_CREDENTIALS'],
  ])('leads a problem: %j', (env, setting) => {
    const { problem } = diagnose({ env });
    expect(problem?.cause).toMatch(new RegExp(`^${setting} is .* not`));
    expect(problem?.fix).toEqual(diagnose({ env }).problem?.fix);
    expect(formatFix(problem?.fix ?? [])).not.toMatch(/az account show|Set it to|sets an absolute URL/);
  });

  test.each<[string, Environment]>([
    ['a reference', { ...servicePrincipal, AZURE_CLIENT_SECRET: reference }],
    ['a macro', { ...servicePrincipal, AZURE_CLIENT_SECRET: '$(ClientSecret)' }],
    ['a mark', { ...servicePrincipal, AZURE_CLIENT_SECRET: '#{client-secret}#' }],
    ["a shell's name", { ...servicePrincipal, AZURE_CLIENT_SECRET: '%SECRET%' }],
    ["an example's", { ...servicePrincipal, AZURE_CLIENT_SECRET: '<client-secret>' }],
  ])('leads the refusal of Entra, and no new secret is advised: %s', async (_, env) => {
    const asked = signIn(env, entraRefusal(7000215, 'Invalid client secret provided.'));
    const { cause, fix } = await explanationOfFailure(asked.token);
    expect(cause).toMatch(/^AZURE_CLIENT_SECRET is .*AADSTS7000215/);
    expect(runsOf({ fix } as never)).toEqual([]);
    await expect(asked.token).rejects.toMatchObject({ code: 'ERR_REFUSED', status: 401, source: 'service-principal' });
    await expectNoSecret(asked);
  });

  test('leads the refusal of a host', async () => {
    const env = { ...appService, AZURE_CLIENT_ID: reference };
    const { token } = ask(env, { answers: [refusal(400, 'invalid_request', 'No managed identity found')] });
    const { cause, fix } = await explanationOfFailure(token);
    expect(cause).toMatch(/^AZURE_CLIENT_ID is an unresolved Key Vault reference/);
    expect(formatFix(fix)).not.toMatch(/[Aa]ssign the identity|az webapp/);
  });

  test("leads the refusal of a job's token", async () => {
    const env = { ...pipelines, SYSTEM_ACCESSTOKEN: '$(System.AccesToken)' };
    const { token } = ask(env, { answers: [{ status: 302, headers: {}, body: '' }] });
    const { cause, fix } = await explanationOfFailure(token);
    expect(cause).toMatch(/^SYSTEM_ACCESSTOKEN is a macro/);
    expect(formatFix(fix)).not.toContain('Run the job again');
  });
});

test.each([
  ['~/cert.pem', /path with ~/],
  ['$HOME/cert.pem', /not replaced/],
  ['\x24{HOME}/cert.pem', /not replaced/],
  ['%USERPROFILE%\\cert.pem', /not replaced/],
  ['file:///run/cert.pem', /a URL/],
])('the path %s is called what it is, before and beside the failure', async (path, what) => {
  const env = { ...servicePrincipal, AZURE_CLIENT_SECRET: '', AZURE_CLIENT_CERTIFICATE_PATH: path };
  const missing = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', syscall: 'open' });
  const { token } = ask(env, { azureIdentity: fakeAzureIdentity(() => missing) });
  const { code, cause } = await explanationOfFailure(token);
  expect(code).toBe('ERR_FILE_UNREADABLE');
  expect(cause).toMatch(what);
  expect(cause).toContain(path);
  expect(diagnose({ env }).warnings).toMatchObject([{ message: expect.stringMatching(what), fix: [{}] }]);
});

describe('what App Service could not resolve', () => {
  const states = (value: unknown) => ({ WEBSITE_KEYVAULT_REFERENCES: JSON.stringify(value) });

  test.each<[string, Environment, { name: string; status: string }[]]>([
    [
      'one',
      states({ DB_PASSWORD: { rawReference: reference, status: 'AccessToKeyVaultDenied' } }),
      [{ name: 'DB_PASSWORD', status: 'AccessToKeyVaultDenied' }],
    ],
    ['none', states({ DB_PASSWORD: { rawReference: reference, status: 'Resolved' } }), []],
    ['not yet', states({ DB_PASSWORD: { status: 'Initialized' } }), []],
    ['nothing', {}, []],
    ['no JSON', { WEBSITE_KEYVAULT_REFERENCES: '{' }, []],
    ['no object', states(null), []],
    ['an odd name', states({ [`a b ${marker}`]: { status: 'SecretNotFound' } }), []],
    ['an odd state', states({ A: { status: `x ${marker}` }, B: { status: 3 }, C: 'SecretNotFound' }), []],
  ])('%s', (_, env, expected) => expect(failedReferences(env)).toEqual(expected));

  test('is a warning, and stops nothing', () => {
    const env = { ...appService, ...states({ DB_PASSWORD: { rawReference: reference, status: 'SecretNotFound' } }) };
    expect(diagnose({ env })).toMatchObject({
      status: 'chosen',
      warnings: [{ code: 'SETTING_DOUBTFUL', message: expect.stringMatching(/DB_PASSWORD \(SecretNotFound\)/) }],
    });
    expect(JSON.stringify(diagnose({ env }))).not.toContain(marker);
  });

  test('is told once where it is a setting of ours', () => {
    const env = {
      ...servicePrincipal,
      AZURE_CLIENT_SECRET: reference,
      ...states({ AZURE_CLIENT_SECRET: { status: 'VaultNotFound' } }),
    };
    const { warnings } = diagnose({ env });
    expect(warnings.map(({ message }) => message)).toEqual([
      'AZURE_CLIENT_SECRET is an unresolved Key Vault reference (VaultNotFound).',
    ]);
  });
});

test.each([
  ['0', 1],
  ['1', 0],
  [undefined, 0],
])('NODE_TLS_REJECT_UNAUTHORIZED=%s', (value, count) => {
  const { warnings } = diagnose({ env: { ...appService, NODE_TLS_REJECT_UNAUTHORIZED: value } });
  expect(warnings.filter(({ message }) => message.startsWith('NODE_TLS_REJECT_UNAUTHORIZED'))).toHaveLength(count);
});

test('the wording', async () => {
  const refused = entraRefusal(7000215, 'Invalid client secret provided.');
  const rows = ['@Microsoft.KeyVault(VaultName=v;SecretName=s)', '$(ClientSecret)', '#{s}#', '%SECRET%', '<secret>'];
  const told = await Promise.all(
    rows.map((secret) => failing(secret, signIn({ ...servicePrincipal, AZURE_CLIENT_SECRET: secret }, refused).token)),
  );
  await expect(catalogueOf(told)).toMatchFileSnapshot('./__snapshots__/unresolved.txt');
});
