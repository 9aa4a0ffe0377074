import { describe, expect, test } from 'vitest';
import { getKeyVaultCredential } from '../credential.ts';
import { credentialError } from '../errors.ts';
import type { Diagnostics, KeyVaultCredential } from '../types.ts';
import { checkup } from './checkup.ts';
import type { Patient, Step } from './step.ts';

const runtime = { versions: { ...process.versions, node: '24.9.0' }, platform: 'linux', arch: 'x64' } as const;
const tenantId = 'a0000000-0000-4000-8000-000000000001';
const managed = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token', IDENTITY_HEADER: 'MARKER' };

/** A credential that decides as ever, and whose service is played. */
function credentialOf(env: Record<string, string>, check: KeyVaultCredential['check']): KeyVaultCredential {
  const { getToken, diagnostics } = getKeyVaultCredential({ env });
  return { getToken, diagnostics, check };
}

const signedIn = async () => ({ principal: { tenantId } }) as Diagnostics;

async function stepsOf(
  env: Record<string, string>,
  check: KeyVaultCredential['check'] = signedIn,
  more: Partial<Patient> = {},
): Promise<Step[]> {
  const patient = { credential: credentialOf(env, check), env, runtime, ...more };
  const steps: Step[] = [];
  for await (const step of checkup(patient)) steps.push(step);
  expect(JSON.stringify(steps)).not.toContain('MARKER');
  return steps;
}

const marksOf = (steps: readonly Step[]) => steps.map(({ name, status }) => `${name}: ${status}`);

describe('a check-up, without any terminal,', () => {
  test('ends with the principal where no vault is named', async () => {
    expect(marksOf(await stepsOf(managed))).toEqual([
      'runtime: ok',
      'environment: ok',
      'choice: ok',
      'token: running',
      'token: ok',
      // The credential is played: it has no token whose claims could be read.
      'principal: warning',
      'vault name: skipped',
    ]);
  });

  test('says which candidates were skipped before the one that gave the token, and why', async () => {
    const skipped = [{ source: 'imds', reason: 'It did not answer.' }] as const;
    const steps = await stepsOf(managed, async () => ({ ...(await signedIn()), skipped }));
    const told = steps.find(({ name, status }) => name === 'token' && status === 'ok');
    expect(told).toMatchObject({ detail: expect.stringContaining('skipped: imds. It did not answer.') });
  });

  test('stops at the choice, with the explanation of what is missing', async () => {
    const steps = await stepsOf({ WEBSITE_SITE_NAME: 'shop' });
    expect(marksOf(steps)).toEqual(['runtime: ok', 'environment: warning', 'choice: failed']);
    expect(steps.at(-1)).toMatchObject({ exitCode: 2, explanation: { code: 'ERR_HOST_WITHOUT_IDENTITY' } });
  });

  test.each([
    ['ERR_UNREACHABLE', 3],
    ['ERR_TIMEOUT', 3],
    ['ERR_IDENTITY_NOT_FOUND', 4],
    ['ERR_MODULE_MISSING', 2],
  ] as const)('stops at the token for %s, which ends a command with %i', async (code, exitCode) => {
    const error = credentialError(code, 'It did not work.');
    const steps = await stepsOf(managed, () => Promise.reject(error));
    expect(steps.at(-1)).toEqual({
      name: 'token',
      status: 'failed',
      detail: 'It did not work.',
      explanation: error.explanation,
      exitCode,
    });
  });

  test('does not wait for a token longer than it is told to', async () => {
    const never: KeyVaultCredential['check'] = ({ abortSignal } = {}) =>
      new Promise((_, reject) => abortSignal?.addEventListener('abort', () => reject(abortSignal.reason)));
    const last = (await stepsOf(managed, never, { tokenTimeoutMs: 20 })).at(-1);
    expect(last).toMatchObject({ name: 'token', status: 'failed', explanation: { code: 'ERR_TIMEOUT' } });
  });

  test('does not hide an error that is no failure of the credential', async () => {
    const bug = new RangeError('a bug');
    await expect(stepsOf(managed, () => Promise.reject(bug))).rejects.toBe(bug);
  });

  test.each([
    ['no URL', 'local', 'KV_URL_INVALID', 2],
    ['a name that no vault has', 'https://my--vault.vault.azure.net', 'KV_URL_INVALID', 2],
    ['plain http', 'http://local.vault.azure.net', 'KV_URL_INSECURE', 2],
  ])('stops at a vault whose address is %s', async (_, vaultUrl, code, exitCode) => {
    const last = (await stepsOf(managed, signedIn, { vaultUrl })).at(-1);
    expect(last).toMatchObject({ name: 'vault name', status: 'failed', exitCode, explanation: { code } });
  });

  test('stops at a variable that names no proxy, before it connects', async () => {
    const env = { ...managed, HTTPS_PROXY: 'http://me:MARKER%@proxy' };
    const last = (await stepsOf(env, signedIn, { vaultUrl: 'https://local.vault.azure.net' })).at(-1);
    expect(last).toMatchObject({ name: 'TLS', status: 'failed', exitCode: 2, explanation: { code: 'KV_PROXY' } });
  });

  test('stops where nobody listens', async () => {
    const last = (await stepsOf(managed, signedIn, { vaultUrl: 'https://127.0.0.1:1' })).at(-1);
    expect(last).toMatchObject({ name: 'TLS', exitCode: 3, explanation: { code: 'KV_CONNECTION_REFUSED' } });
  });
});
