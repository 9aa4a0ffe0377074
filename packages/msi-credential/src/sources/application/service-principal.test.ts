import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { copyOf, detect } from '../../../test/ask.ts';
import { catalogueOf, explanationOfFailure, runsOf } from '../../../test/catalogue.ts';
import { detectionsOf } from '../../../test/detections.ts';
import { azureError, fakeAzureIdentity } from '../../../test/fake-azure-identity.ts';
import { fakeIo, start } from '../../../test/fake-io.ts';
import type { Explanation } from '../../codes.ts';
import { createWorld, credentialIn } from '../../credential.ts';
import type { CredentialOptions, Environment } from '../../types.ts';
import { servicePrincipal } from './service-principal.ts';

const clientId = 'a0000000-0000-4000-8000-0000000000c3';
const tenant = 'a0000000-0000-4000-8000-000000000001';
const ids = { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: clientId };
const secret = { ...ids, AZURE_CLIENT_SECRET: 'app-secret' };
const certificate = { ...ids, AZURE_CLIENT_CERTIFICATE_PATH: '/run/app.pem' };
const scope = 'https://vault.azure.net/.default';

const detections: [title: string, Environment, CredentialOptions, verdict: string, more: object][] = [
  ['found by its secret', secret, {}, 'found', { offer: { reason: expect.stringContaining('AZURE_CLIENT_SECRET') } }],
  [
    'found by its certificate',
    certificate,
    {},
    'found',
    { offer: { reason: expect.stringContaining('AZURE_CLIENT_CERTIFICATE_PATH') } },
  ],
  [
    'found by its secret when both are there',
    { ...certificate, ...secret },
    {},
    'found',
    { offer: { reason: expect.stringMatching(/AZURE_CLIENT_SECRET(?!.*CERTIFICATE)/) } },
  ],
  [
    'found with the tenant as an option',
    { ...secret, AZURE_TENANT_ID: '' },
    { tenantId: tenant },
    'found',
    { offer: { tenantId: tenant, reason: expect.stringContaining('AZURE_CLIENT_SECRET') } },
  ],
  ['half-set without tenant', { ...secret, AZURE_TENANT_ID: undefined }, {}, 'partial', missing('AZURE_TENANT_ID')],
  ['half-set without client', { ...secret, AZURE_CLIENT_ID: ' ' }, {}, 'partial', missing('AZURE_CLIENT_ID')],
  [
    'half-set without both',
    { AZURE_CLIENT_CERTIFICATE_PATH: '/c' },
    {},
    'partial',
    missing('AZURE_TENANT_ID', 'AZURE_CLIENT_ID'),
  ],
  [
    'half-set with a tenant that is none',
    { ...secret, AZURE_TENANT_ID: 'a/../b' },
    {},
    'partial',
    { problem: { code: 'ERR_SETTING_INVALID', cause: expect.stringContaining('AZURE_TENANT_ID') } },
  ],
  [
    'half-set with plain http to Entra',
    { ...secret, AZURE_AUTHORITY_HOST: 'http://x' },
    {},
    'partial',
    { problem: { code: 'ERR_SETTING_INVALID', cause: expect.stringContaining('AZURE_AUTHORITY_HOST') } },
  ],
  [
    'absent with ids alone',
    ids,
    {},
    'absent',
    {
      reason: expect.stringMatching(/AZURE_TENANT_ID.*AZURE_CLIENT_ID.*AZURE_CLIENT_SECRET/),
      remedy: expect.stringContaining('AZURE_CLIENT_SECRET'),
    },
  ],
  [
    'absent with a user and a password',
    { ...ids, AZURE_USERNAME: 'a@contoso.com', AZURE_PASSWORD: 'app-secret' },
    {},
    'absent',
    { reason: expect.stringMatching(/AZURE_USERNAME.*AZURE_PASSWORD/) },
  ],
  ['absent with nothing', {}, {}, 'absent', { reason: expect.stringContaining('AZURE_CLIENT_SECRET') }],
];

function missing(...names: string[]) {
  return { missing: names, problem: { code: 'ERR_SOURCE_INCOMPLETE' } };
}

describe('service-principal is', () => {
  test.each(detections)('%s', (_, env, options, verdict, more) => {
    const detection = detect(servicePrincipal, env, options);
    expect(detection).toMatchObject({ verdict, ...more });
    if (detection.verdict === 'partial') {
      for (const name of detection.missing) expect(detection.problem.cause).toContain(name);
    }
  });
});

function ask(env: Environment, options: CredentialOptions = {}, fake = fakeAzureIdentity(), request = {}) {
  const io = fakeIo({ azureIdentity: fake.azureIdentity });
  return { io, made: fake.made, token: credentialIn(createWorld(io), { env, ...options }).getToken(scope, request) };
}

/** What @azure/identity and Node say of a file without a key, with an encrypted one, with another password. */
const files: [message: string, properties: object, words: string][] = [
  ['ENOENT: no such file', { code: 'ENOENT', syscall: 'open' }, '(ENOENT)'],
  ['The file at the specified path does not contain a PEM-encoded certificate.', {}, 'PEM-encoded certificate)'],
  ['secretOrPrivateKey must be an asymmetric key when using PS256', {}, 'asymmetric key'],
  ['error:1C800064:Provider routines::bad decrypt', { code: 'ERR_OSSL_BAD_DECRYPT' }, 'bad decrypt'],
];

describe('service-principal, asked', () => {
  test('signs in with the secret', async () => {
    const { made, token } = ask({ ...secret, AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/' });
    expect((await token).token).toBe('from-azure-identity');
    expect(made).toMatchObject([
      {
        credential: 'ClientSecretCredential',
        args: [tenant, clientId, 'app-secret', { authorityHost: 'https://login.microsoftonline.us' }],
        asked: [{ scope }],
      },
    ]);
  });

  test.each([
    ['https://login.microsoftonline.us', false],
    ['https://LOGIN.windows.net/', false],
    ['https://login.contoso.example/', true],
  ])('of %s, the public cloud is not asked whether it knows that authority: %s', async (authority, expected) => {
    const { made, token } = ask({ ...secret, AZURE_AUTHORITY_HOST: authority });
    await token;
    expect(made[0]?.args.at(-1)).toMatchObject({ disableInstanceDiscovery: expected });
  });

  test('signs in with the certificate', async () => {
    const { made, token } = ask({
      ...certificate,
      AZURE_CLIENT_CERTIFICATE_PASSWORD: 'pw',
      AZURE_CLIENT_SEND_CERTIFICATE_CHAIN: 'true',
    });
    await token;
    expect(made).toMatchObject([
      {
        credential: 'ClientCertificateCredential',
        args: [
          tenant,
          clientId,
          { certificatePath: '/run/app.pem', certificatePassword: 'pw' },
          { sendCertificateChain: true },
        ],
      },
    ]);
  });

  test('loads nothing until it is asked, and says what to install when that fails', async () => {
    const explanation = await failedLoad('ERR_MODULE_NOT_FOUND', "Cannot find package '@azure/identity'");
    expect(runsOf(explanation)).toEqual(['npm install @azure/identity']);
    const required = await failedLoad('MODULE_NOT_FOUND', "Cannot find module '@azure/identity'\nRequire stack:");
    expect(runsOf(required)).toEqual(['npm install @azure/identity']);
  });

  test.each([
    "Cannot find package '@azure/msal-node' imported from /app/node_modules/@azure/identity/dist/esm/index.js",
    "Cannot find module '/app/node_modules/@azure/identity/dist/esm/index.js' imported from /app/main.js",
  ])('says to install again what is incomplete: %s', async (message) => {
    const explanation = await failedLoad('ERR_MODULE_NOT_FOUND', message);
    expect(explanation.cause).toContain(message);
    expect(runsOf(explanation)).toEqual(['npm install --force @azure/identity']);
  });

  test.each([
    [undefined, 'Dynamic require of "node:fs" is not supported', 'createRequire'],
    [undefined, 'Unexpected token', 'Unexpected token'],
    ['ERR_PACKAGE_PATH_NOT_EXPORTED', 'No "exports" main defined', 'ERR_PACKAGE_PATH_NOT_EXPORTED'],
  ])('does not say to install what is installed: %s %s', async (code, message, named) => {
    const explanation = await failedLoad(code, message);
    expect(JSON.stringify(explanation)).toContain(named);
    expect(JSON.stringify(explanation)).not.toContain('npm install');
  });

  async function failedLoad(code: string | undefined, message: string) {
    const azureIdentity = () => Promise.reject(Object.assign(new Error(message), { code }));
    const credential = credentialIn(createWorld(fakeIo({ azureIdentity })), { env: secret });
    expect(credential.diagnostics.selected).toMatchObject({ source: 'service-principal', tenantId: tenant });
    const explanation = await explanationOfFailure(credential.getToken(scope));
    expect(explanation.code).toBe('ERR_MODULE_MISSING');
    return explanation;
  }

  test.each<[string, Environment, string, boolean]>([
    ['its own', secret, tenant.toUpperCase(), true],
    ['another one', secret, 'b0000000-0000-4000-8000-000000000002', false],
    [
      'another one that is allowed',
      { ...secret, AZURE_ADDITIONALLY_ALLOWED_TENANTS: 'x; b0000000-0000-4000-8000-000000000002' },
      'b0000000-0000-4000-8000-000000000002',
      true,
    ],
    ['any one', { ...secret, AZURE_ADDITIONALLY_ALLOWED_TENANTS: '*' }, 'fabrikam.com', true],
  ])('asked for a tenant: %s', async (_, env, tenantId, allowed) => {
    const { made, token } = ask(env, {}, undefined, { tenantId });
    if (allowed) {
      await token;
      // In the spelling of the configuration: @azure/identity compares upper and lower case.
      expect(made[0]?.asked[0]?.options.tenantId).toBe(tenantId === tenant.toUpperCase() ? tenant : tenantId);
    } else {
      await expect(token).rejects.toMatchObject({
        code: 'ERR_TENANT_NOT_ALLOWED',
        message: expect.stringContaining('additionallyAllowedTenants'),
      });
      expect(made).toEqual([]);
    }
  });

  test.each(files)('names the file of the certificate: %s', async (message, properties, words) => {
    const cause = Object.assign(new Error(message), properties);
    const azureIdentity = fakeAzureIdentity(() => cause);
    const { token } = ask(certificate, {}, azureIdentity);
    await expect(token).rejects.toMatchObject({ code: 'ERR_FILE_UNREADABLE', cause: copyOf(cause) });
    for (const name of ['AZURE_CLIENT_CERTIFICATE_PATH', '/run/app.pem', words, 'AZURE_CLIENT_CERTIFICATE_PASSWORD']) {
      await expect(token).rejects.toThrow(name);
    }
  });

  test.each([
    ['EACCES', '/run/app.pem', 'may not read it'],
    ['EPERM', '/run/app.pem', 'may not read it'],
    ['EISDIR', '/run', 'folder'],
    ['ENOENT', 'certs/app.pem', 'relative path'],
  ])('tells %s of %s', async (code, AZURE_CLIENT_CERTIFICATE_PATH, words) => {
    const cause = Object.assign(new Error(code), { code, syscall: 'open' });
    const env = { ...certificate, AZURE_CLIENT_CERTIFICATE_PATH };
    const { token } = ask(
      env,
      {},
      fakeAzureIdentity(() => cause),
    );
    await expect(token).rejects.toMatchObject({ code: 'ERR_FILE_UNREADABLE', hint: expect.stringContaining(words) });
  });

  // What people put there by mistake: the key itself, in one of its forms.
  test.each([
    ['a client secret', 'abC8Q~MARKER.with-40-characters-or-so-xyz'],
    ['a key without its header', `MIIEvQ${'A1b/'.repeat(40)}MARKER`],
  ])('repeats nothing of %s in place of the path', async (_, value) => {
    const cause = Object.assign(new Error(`ENOENT: no such file or directory, open '${value}'`), {
      code: 'ENOENT',
      syscall: 'open',
      path: value,
    });
    const azureIdentity = fakeAzureIdentity(() => cause);
    const error = await ask({ ...certificate, AZURE_CLIENT_CERTIFICATE_PATH: value }, {}, azureIdentity).token.catch(
      (e) => e,
    );
    expect(error).toMatchObject({ code: 'ERR_FILE_UNREADABLE' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('MARKER');
  });

  test.each([`-----BEGIN PRIVATE KEY-----\nMARKER`, `MIIJz${'A1b2'.repeat(800)}MARKER`])(
    'is half-set with a key in place of the path',
    (AZURE_CLIENT_CERTIFICATE_PATH) => {
      const detection = detect(servicePrincipal, { ...certificate, AZURE_CLIENT_CERTIFICATE_PATH });
      expect(detection).toMatchObject({ verdict: 'partial', problem: { code: 'ERR_SETTING_INVALID' } });
      expect(JSON.stringify(detection)).not.toContain('MARKER');
    },
  );

  test('does not blame the certificate for what MSAL says of something else', async () => {
    const cause = azureError('AuthenticationRequiredError', 'missing_tenant_id_error');
    cause.cause = azureError('ClientAuthError', 'missing_tenant_id_error');
    const { token } = ask(
      certificate,
      {},
      fakeAzureIdentity(() => cause),
    );
    await expect(token).rejects.toMatchObject({
      code: 'ERR_REFUSED',
      message: expect.stringContaining('missing_tenant_id'),
    });
  });

  test.each(['common', 'organizations'])('has no tenant called %s', async (AZURE_TENANT_ID) => {
    const detection = detect(servicePrincipal, { ...secret, AZURE_TENANT_ID });
    expect(detection).toMatchObject({ verdict: 'partial', problem: { code: 'ERR_SETTING_INVALID' } });
  });

  test('takes the client id of the options only where AZURE_CLIENT_ID is not set', () => {
    const other = { clientId: 'b0000000-0000-4000-8000-0000000000c9' };
    expect(detect(servicePrincipal, secret, other)).toMatchObject({ offer: { clientId } });
    expect(detect(servicePrincipal, { ...secret, AZURE_CLIENT_ID: '' }, other)).toMatchObject({ offer: other });
  });

  test('does not take a token that is no longer valid', async () => {
    const { token } = ask(
      secret,
      {},
      fakeAzureIdentity(() => ({ token: 't', expiresOnTimestamp: start })),
    );
    await expect(token).rejects.toMatchObject({ code: 'ERR_RESPONSE_MALFORMED' });
  });
});

test('the wording of each', async () => {
  const found = detections.map(([title, env, options]) => [title, detect(servicePrincipal, env, options)] as const);
  found.push([
    'half-set with a tenant that applications do not have',
    detect(servicePrincipal, { ...secret, AZURE_TENANT_ID: 'common' }),
  ]);
  found.push([
    'half-set with a key in place of the path',
    detect(servicePrincipal, { ...certificate, AZURE_CLIENT_CERTIFICATE_PATH: `-----BEGIN PRIVATE KEY-----\nMARKER` }),
  ]);
  const told: [string, Explanation][] = [];
  for (const [message, properties] of files) {
    const cause = Object.assign(new Error(message), properties);
    const { token } = ask(
      certificate,
      {},
      fakeAzureIdentity(() => cause),
    );
    told.push([message, await explanationOfFailure(token)]);
  }
  const elsewhere = ask(secret, {}, undefined, { tenantId: 'fabrikam.com' }).token;
  told.push(['a tenant that is not allowed', await explanationOfFailure(elsewhere)]);
  const expired = fakeAzureIdentity(() => ({ token: 't', expiresOnTimestamp: start }));
  told.push(['a token that is no longer valid', await explanationOfFailure(ask(secret, {}, expired).token)]);
  const catalogue = [detectionsOf(found), catalogueOf(told)].join('\n');
  await expect(catalogue).toMatchFileSnapshot('./__snapshots__/service-principal.txt');
});
