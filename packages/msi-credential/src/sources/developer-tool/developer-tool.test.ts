import type { AccessToken } from '@azure/core-auth';
import { describe, expect, test } from 'vitest';
import { ask, copyOf, detect, expectNoSecret, marker, vaultScope, world } from '../../../test/ask.ts';
import { catalogueOf, explanationOfFailure, runsOf } from '../../../test/catalogue.ts';
import { detectionsOf } from '../../../test/detections.ts';
import { fakeAzureIdentity } from '../../../test/fake-azure-identity.ts';
import { fakeIo, jwt, start } from '../../../test/fake-io.ts';
import type { Explanation } from '../../codes.ts';
import { createWorld, credentialIn } from '../../credential.ts';
import { explainSilence } from '../../failures/developer-tool.ts';
import type { Machine } from '../../io.ts';
import type { SelectOptions, Source } from '../../types.ts';
import { azureCli } from './azure-cli.ts';
import { azureDeveloperCli } from './azure-developer-cli.ts';
import { azurePowershell } from './azure-powershell.ts';

/** A laptop with these programs on PATH. */
function laptop(...programs: string[]): Machine {
  const hasProgram = (name: string) => programs.includes(name);
  return { platform: 'darwin', hasFile: () => false, readText: () => undefined, hasProgram };
}

const tools: [name: string, Source, program: string, credential: string, signIn: string, tenantFlag: string][] = [
  ['azure-cli', azureCli, 'az', 'AzureCliCredential', 'az login', '--tenant'],
  ['azure-developer-cli', azureDeveloperCli, 'azd', 'AzureDeveloperCliCredential', 'azd auth login', '--tenant-id'],
  ['azure-powershell', azurePowershell, 'pwsh', 'AzurePowerShellCredential', 'Connect-AzAccount', '-Tenant'],
];
const azureError = (name: string, message: string, cause?: Error) =>
  Object.assign(new Error(message, { cause }), { name });
const signedOut = azureError('CredentialUnavailableError', 'Please sign in');

describe.each(tools)('%s', (name, source, program, credential, signIn, tenantFlag) => {
  test.each<[string, Machine | undefined, string, boolean]>([
    [`a candidate where ${program} is on PATH`, laptop(program), 'unknown', true],
    ['absent where nothing is', laptop(), 'absent', false],
    ['absent where only other tools are', laptop('git', 'node'), 'absent', false],
    ['unknown while nobody has looked', undefined, 'unknown', false],
  ])('is %s', (_, machine, verdict, isOffered) => {
    const detection = detect(source, { PATH: '/usr/bin' }, {}, machine);
    expect(detection).toMatchObject({ verdict, reason: expect.any(String) });
    expect('offer' in detection).toBe(isOffered);
    // What was looked for is named once somebody has looked.
    if (machine) expect(detection).toMatchObject({ reason: expect.stringMatching(`${program}.* on PATH`) });
  });

  test('is a person, in the tenant that the caller names and no other', () => {
    const env = { AZURE_TENANT_ID: world.tenantId };
    const offered = (options: SelectOptions) => detect(source, env, options, laptop(program));
    expect(offered({})).toMatchObject({ offer: { principal: 'person', tenantId: undefined, endpoints: [] } });
    expect(offered({ tenantId: 'contoso.com' })).toMatchObject({ offer: { tenantId: 'contoso.com' } });
  });

  test('is asked once, for all who want the same', async () => {
    const fake = fakeAzureIdentity();
    const io = fakeIo({ azureIdentity: fake.azureIdentity, machine: laptop(program) });
    const shared = credentialIn(createWorld(io), { env: {}, tenantId: 'contoso.com' });
    await Promise.all(Array.from({ length: 20 }, () => shared.getToken(vaultScope)));
    expect(fake.made).toMatchObject([
      {
        credential,
        args: [{ tenantId: 'contoso.com', additionallyAllowedTenants: [], processTimeoutInMs: 30_000 }],
        asked: [{ scope: vaultScope }],
      },
    ]);
  });

  test("signs in to its own tenant: AZURE_TENANT_ID is a service principal's", async () => {
    const { token, made } = ask({ AZURE_TENANT_ID: world.tenantId }, { machine: laptop(program) });
    await token;
    expect(made[0]?.args).toEqual([{ additionallyAllowedTenants: [], processTimeoutInMs: 30_000 }]);
  });

  test.each<[string, Error, string]>([
    ['nobody is signed in', signedOut, 'ERR_TOOL_UNAVAILABLE'],
    [
      'the sign-in is too old',
      azureError('CredentialUnavailableError', 'AADSTS700082: expired'),
      'ERR_TOOL_UNAVAILABLE',
    ],
    ['it fails in another way', azureError('Error', 'surprise'), 'ERR_REFUSED'],
  ])('when %s', async (_, cause, code) => {
    const azureIdentity = fakeAzureIdentity(() => cause);
    const { token } = ask({}, { machine: laptop(program), azureIdentity });
    await expect(token).rejects.toMatchObject({
      code,
      source: name,
      cause: copyOf(cause),
      message: expect.stringContaining(cause.message),
    });
    if (code === 'ERR_TOOL_UNAVAILABLE') {
      await expect(token).rejects.toMatchObject({ name: 'CredentialUnavailableError' });
      expect(runsOf(await explanationOfFailure(token))).toEqual([signIn, `${signIn} ${tenantFlag} TENANT`]);
    }
  });

  test.each([
    [world.tenantId, world.tenantId],
    ['contoso.com', 'contoso.com'],
    ['contoso.com; id', 'TENANT'],
  ])('when nobody is signed in to tenant %s', async (tenantId, shown) => {
    const azureIdentity = fakeAzureIdentity(() => signedOut);
    const { token } = ask({}, { machine: laptop(program), azureIdentity, request: { tenantId } });
    expect(runsOf(await explanationOfFailure(token)).at(-1)).toBe(`${signIn} ${tenantFlag} ${shown}`);
  });

  test('quotes nothing of an answer that is none', async () => {
    const quoting = azureError('CredentialUnavailableError', `Unexpected token 'M', "${marker}"... is not valid JSON`);
    const asked = ask({}, { machine: laptop(program), azureIdentity: fakeAzureIdentity(() => quoting) });
    await expect(asked.token).rejects.toMatchObject({ code: 'ERR_TOOL_UNAVAILABLE' });
    await expect(asked.token).rejects.toThrow('JSON');
    expect(runsOf(await explanationOfFailure(asked.token))).toEqual([signIn]);
    await expectNoSecret(asked);
  });

  test('is ended when it hangs, and said to have hung', async () => {
    let time = start;
    const { made, azureIdentity } = fakeAzureIdentity(() => {
      time += 30_000;
      return azureError('CredentialUnavailableError', 'Unexpected end of JSON input');
    });
    const io = fakeIo({ azureIdentity, machine: laptop(program), now: () => time });
    const token = credentialIn(createWorld(io), { env: {} }).getToken(vaultScope);
    await expect(token).rejects.toMatchObject({
      code: 'ERR_TOOL_UNAVAILABLE',
      message: expect.stringMatching(/^[\w ]+ 30 s/),
    });
    expect(runsOf(await explanationOfFailure(token))).toEqual([signIn]);
    expect(made[0]?.args).toMatchObject([{ processTimeoutInMs: 30_000 }]);
  });

  test.each<[string, unknown, unknown]>([
    ['an empty token', '', start + 3_600_000],
    ['a token with a line break', `${marker}\r\nx: y`, start + 3_600_000],
    ['a token that is none', { token: marker }, start + 3_600_000],
    ['no expiry', marker, undefined],
    ['an expiry in seconds', marker, start / 1000 + 3_600],
    ['an expiry that is a text', marker, String(start + 3_600_000)],
    ['an expiry in a thousand years', marker, Date.UTC(3026, 0)],
    ['an expiry that is over', marker, start],
  ])('takes no answer with %s', async (_, token, expiresOnTimestamp) => {
    const azureIdentity = fakeAzureIdentity(() => ({ token, expiresOnTimestamp }) as AccessToken);
    const asked = ask({}, { machine: laptop(program), azureIdentity });
    await expect(asked.token).rejects.toMatchObject({ code: 'ERR_RESPONSE_MALFORMED', source: name });
    await expectNoSecret(asked);
  });

  test.each<[string, own: number, stated: number]>([
    ['an hour ago, in the repeated hour of autumn', start + 1_800_000, start - 1_800_000],
    ['an hour too late', start + 1_800_000, start + 5_400_000],
    ['2150', start + 1_800_000, Date.UTC(2150, 0)],
  ])('keeps to the end of the token itself where it states %s', async (_, own, stated) => {
    const token = jwt({ exp: own / 1000 });
    const azureIdentity = fakeAzureIdentity(() => ({ token, expiresOnTimestamp: stated }));
    const asked = ask({}, { machine: laptop(program), azureIdentity });
    expect(await asked.token).toMatchObject({ token, expiresOnTimestamp: own });
  });

  test('takes no token that is over by itself', async () => {
    const token = jwt({ exp: start / 1000 - 600, name: marker });
    const azureIdentity = fakeAzureIdentity(() => ({ token, expiresOnTimestamp: start + 86_400_000 }));
    const asked = ask({}, { machine: laptop(program), azureIdentity });
    await expect(asked.token).rejects.toMatchObject({ code: 'ERR_RESPONSE_MALFORMED', source: name });
    await expectNoSecret(asked);
  });

  test('says that it cannot answer claims, and hands them on all the same', async () => {
    const azureIdentity = fakeAzureIdentity(() => azureError('CredentialUnavailableError', 'run az login --claims'));
    const { token, made } = ask({}, { machine: laptop(program), azureIdentity, request: { claims: '{"a":1}' } });
    await expect(token).rejects.toMatchObject({ code: 'ERR_CLAIMS_UNSUPPORTED' });
    expect(made[0]?.asked[0]?.options.claims).toBe('{"a":1}');
  });

  test.each<[string, object, string | undefined]>([
    ['its own, in other letter case', { tenantId: world.tenantId.toUpperCase() }, world.tenantId.toUpperCase()],
    ['any, where none is configured', {}, world.tenantId],
    ['one that is allowed', { tenantId: 'a', additionallyAllowedTenants: [world.tenantId] }, world.tenantId],
    ['one that is not', { tenantId: 'contoso.com' }, undefined],
  ])('asked for a tenant: %s', async (_, options, expected) => {
    const { token, made } = ask({}, { machine: laptop(program), request: { tenantId: world.tenantId } }, options);
    if (expected === undefined) {
      await expect(token).rejects.toMatchObject({ code: 'ERR_TENANT_NOT_ALLOWED' });
      expect(made).toEqual([]);
    } else {
      await token;
      expect(made[0]?.asked[0]?.options.tenantId).toBe(expected);
    }
  });
});

describe('the developer tools', () => {
  const names = (fake: ReturnType<typeof fakeAzureIdentity>) => fake.made.map(({ credential }) => credential);
  const all = laptop('az', 'azd', 'pwsh');

  test.each<[string, Machine, string[]]>([
    ['all of them', all, ['AzureCliCredential', 'AzureDeveloperCliCredential', 'AzurePowerShellCredential']],
    ['those on PATH only', laptop('azd', 'powershell'), ['AzureDeveloperCliCredential', 'AzurePowerShellCredential']],
  ])('are tried in order: %s, and each failure is kept', async (_, machine, expected) => {
    const fake = fakeAzureIdentity(() => signedOut);
    const asked = ask({}, { machine, azureIdentity: fake });
    await expect(asked.token).rejects.toMatchObject({
      name: 'CredentialUnavailableError',
      code: 'ERR_NO_SOURCE',
      errors: expected.map(() => ({ code: 'ERR_TOOL_UNAVAILABLE' })),
    });
    expect(names(fake)).toEqual(expected);
    const attempts = asked.credential.diagnostics.attempts.map(({ source }) => titleOf(source));
    expect(attempts).toHaveLength(expected.length);
    for (const title of attempts) await expect(asked.token).rejects.toThrow(title);
  });

  test('none of which has a token: what AZURE_TOKEN_CREDENTIALS left out is told', async () => {
    const around = { machine: all, azureIdentity: fakeAzureIdentity(() => signedOut) };
    const limited = ask({ AZURE_TOKEN_CREDENTIALS: 'dev' }, around);
    const { code, cause, fix } = await explanationOfFailure(limited.token);
    expect(code).toBe('ERR_NO_SOURCE');
    expect(cause).toMatch(/AZURE_TOKEN_CREDENTIALS=dev .*: service-fabric, app-service, .*, imds\.$/);
    expect(fix.at(-1)?.text).toContain('unset AZURE_TOKEN_CREDENTIALS');
    expect((await explanationOfFailure(ask({}, around).token)).cause).not.toMatch(/AZURE_TOKEN_CREDENTIALS|imds/);
  });

  test('stop at the first that has a token, which is kept', async () => {
    let asked = 0;
    const fake = fakeAzureIdentity(() => {
      asked += 1;
      return asked === 1 ? signedOut : { token: 't', expiresOnTimestamp: start + 3_600_000 };
    });
    const io = fakeIo({ azureIdentity: fake.azureIdentity, machine: all });
    const credential = credentialIn(createWorld(io), { env: {} });
    await credential.getToken(vaultScope);
    await credential.getToken('https://storage.azure.com/.default');
    expect(names(fake)).toEqual(['AzureCliCredential', 'AzureDeveloperCliCredential', 'AzureDeveloperCliCredential']);
  });

  // @azure/identity quotes the output of PowerShell when it cannot be read.
  test.each<[string, Error]>([
    ['its message', azureError('CredentialUnavailableError', `Received output: {"Token":"eyJ${marker}.a.b"}`)],
    ['what PowerShell printed', azureError('CredentialUnavailableError', `No token. Received output: ${marker}`)],
    ['a refresh token', azureError('CredentialUnavailableError', `AADSTS1: 0.AXoAv4j5cvGGr0GRqy180BHbR8Y.${marker}`)],
    ['a setting', azureError('Error', `client_secret=${marker}`)],
    ['a setting in JSON', azureError('Error', `{"password": "a ${marker}"}`)],
    ['an address', azureError('CredentialUnavailableError', `proxy https://user:${marker}@proxy.example:8080 failed`)],
    ['what caused it', azureError('CredentialUnavailableError', 'no', new Error(`eyJ${marker}.a.b`))],
  ])('repeat no token that stands in %s', async (_, cause) => {
    await expectNoSecret(ask({}, { machine: all, azureIdentity: fakeAzureIdentity(() => cause) }));
  });
});

test('the wording of each', async () => {
  const claims = '{"a":1}';
  const rows: [string, Error, object?][] = [
    ['nobody is signed in', signedOut],
    ['nobody is signed in to that tenant', signedOut, { tenantId: world.tenantId }],
    ['it prints something else', new Error(`"${marker}" is not valid JSON`)],
    ['the resource asks for more', azureError('CredentialUnavailableError', 'Run az login --claims'), { claims }],
    ['it fails in another way', azureError('Error', 'surprise')],
  ];
  const told: [string, Explanation][] = [];
  for (const [title, error, request = {}] of rows) {
    const { token } = ask({}, { machine: laptop('az'), azureIdentity: fakeAzureIdentity(() => error), request });
    told.push([title, await explanationOfFailure(token)]);
  }
  const names = {
    name: 'azure-cli',
    title: 'Azure CLI',
    signIn: 'az login',
    tenantFlag: '--tenant',
    claimsFlag: '--claims-challenge',
  } as const;
  told.push(['it hangs', explainSilence(names, 30_000).explanation]);
  const all = laptop('az', 'azd', 'pwsh');
  const around = { machine: all, azureIdentity: fakeAzureIdentity(() => signedOut) };
  told.push(['nobody is signed in with any', await explanationOfFailure(ask({}, around).token)]);
  const limited = ask({ AZURE_TOKEN_CREDENTIALS: 'dev' }, around);
  told.push(['nobody is signed in with any, and others are left out', await explanationOfFailure(limited.token)]);
  const found = tools.flatMap(([name, source]) => [
    [`${name}, on PATH`, detect(source, {}, {}, all)] as const,
    [`${name}, not on PATH`, detect(source, {}, {}, laptop())] as const,
    [`${name}, not looked for`, detect(source, {})] as const,
  ]);
  const catalogue = [detectionsOf(found), catalogueOf(told)].join('\n');
  await expect(catalogue).toMatchFileSnapshot('./__snapshots__/developer-tool.txt');
});

const titleOf = (name: string) => tools.find(([each]) => each === name)?.[1].title as string;
