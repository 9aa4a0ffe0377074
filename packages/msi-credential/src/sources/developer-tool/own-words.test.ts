import { describe, expect, test } from 'vitest';
import { type ask, expectNoSecret, marker, vaultScope, world } from '../../../test/ask.ts';
import { explanationOfFailure, runsOf } from '../../../test/catalogue.ts';
import { azureError, fakeAzureIdentity } from '../../../test/fake-azure-identity.ts';
import { fakeIo, start } from '../../../test/fake-io.ts';
import { createWorld, credentialIn } from '../../credential.ts';
import type { ProgramOutput, ProgramRun } from '../../io.ts';
import type { Environment } from '../../types.ts';
import { readOutput } from './output.ts';

const mute = azureError(
  'CredentialUnavailableError',
  "Please run 'az login' from a command prompt to authenticate before using this credential.",
);
const muteAzd = azureError(
  'CredentialUnavailableError',
  "Please run 'azd auth login' from a command prompt to authenticate before using this credential. For more information",
);
const noJson = azureError(
  'CredentialUnavailableError',
  'Unexpected non-whitespace character after JSON at position 99',
);
const seconds = start / 1000 + 3_600;

/** What comes of a tool that @azure/identity says that of, and that says this itself. */
function asked(error: Error, output: ProgramOutput, env: Environment = {}, program = 'az', request = {}) {
  const runs: ProgramRun[] = [];
  const io = fakeIo({
    machine: { hasProgram: (name) => name === program },
    azureIdentity: fakeAzureIdentity(() => error).azureIdentity,
    async runProgram(run) {
      runs.push(run);
      return output;
    },
  });
  const credential = credentialIn(createWorld(io), { env });
  return { io, runs, credential, token: io.settle(credential.getToken(vaultScope, request)) };
}

describe('where @azure/identity has a sentence of its own', () => {
  test("the tool's words are told instead", async () => {
    const said = { stdout: '', stderr: 'ERROR: AADSTS700024: the assertion is over.\nPlease run:\naz login\n' };
    const { token, runs } = asked(mute, said, { GITHUB_ACTIONS: 'true' });
    const { cause, fix } = await explanationOfFailure(token);
    expect(cause).toContain('AADSTS700024');
    expect(fix[0]?.text).toContain('azure/login');
    expect(runs).toMatchObject([
      {
        program: 'az',
        args: ['account', 'get-access-token', '--output', 'json', '--resource', 'https://vault.azure.net'],
      },
    ]);
  });

  test('azd is asked in its own way, in the tenant of the request', async () => {
    const { token, runs } = asked(muteAzd, { stdout: '', stderr: '{"error":"AADSTS70043 expired"}' }, {}, 'azd', {
      tenantId: world.tenantId,
    });
    expect((await explanationOfFailure(token)).cause).toContain('AADSTS70043');
    expect(runs[0]?.args.join(' ')).toBe(
      `auth token --output json --no-prompt --scope ${vaultScope} --tenant-id ${world.tenantId}`,
    );
  });

  test('and the tool has nothing to say, that sentence is told', async () => {
    const { token } = asked(mute, { stdout: '', stderr: '' });
    expect((await explanationOfFailure(token)).cause).toContain("Please run 'az login'");
  });

  test('a token is read that it could not read', async () => {
    const stdout = `\u001b[0m{"accessToken":"t","expires_on":${seconds}}\u001b[0m`;
    const { token } = asked(noJson, { stdout, stderr: '' });
    expect(await token).toMatchObject({ token: 't', expiresOnTimestamp: seconds * 1000 });
  });

  test.each([
    ['its words are the own ones of the tool', azureError('CredentialUnavailableError', 'ERROR: no subscription'), {}],
    ['claims are asked for', mute, { claims: '{}' }],
  ])('but not where %s', async (_, error, request) => {
    const { token, runs } = asked(error, { stdout: '', stderr: 'x' }, {}, 'az', request);
    await token.catch(() => {});
    expect(runs).toEqual([]);
  });

  test('nor PowerShell, whose advice is to install what is missing', async () => {
    const missing = azureError('CredentialUnavailableError', "The 'Az.Account' module >= 2.2.0 is not installed.");
    const { token, runs } = asked(missing, { stdout: '', stderr: '' }, {}, 'pwsh');
    expect(runsOf(await explanationOfFailure(token))[0]).toContain('Install-Module Az.Accounts');
    expect(runs).toEqual([]);
  });

  test('nothing secret of what it prints is told', async () => {
    const said = { stdout: `${marker} {"accessToken":`, stderr: `client_secret=${marker}` };
    await expectNoSecret(asked(mute, said) as unknown as ReturnType<typeof ask>);
  });
});

describe('the output of a tool', () => {
  const json = `{"accessToken": "t", "expires_on": ${seconds}, "expiresOn": "2026-11-23 01:00:00.000000"}`;
  test.each([
    ['JSON', json],
    ['with colours', `\u001b[32m${json}\u001b[0m\n`],
    ['after a notice', `A new version {1.2} is available.\n${json}`],
    ['before a notice', `${json}\nWelcome.`],
    [
      'a Python dictionary',
      `{'accessToken': 't', 'expires_on': ${seconds}, 'tenant': None, 'ok': True, "q": 'it\\'s'}`,
    ],
    ["azd's", `{"token":"t","expiresOn":"${new Date(seconds * 1000).toISOString()}"}`],
    ['seconds in a text', `{"accessToken":"t","expires_on":"${seconds}"}`],
  ])('%s', (_, output) => expect(readOutput(output)).toEqual({ token: 't', expiresOnTimestamp: seconds * 1000 }));

  test.each([
    '',
    'x',
    '{',
    '}',
    '{}',
    '[]',
    '{"accessToken":"t"}',
    '{"accessToken":1,"expires_on":9}',
    '{'.repeat(50_000),
  ])('%.20s has no token', (output) => expect(readOutput(output)).toBeUndefined());
});
