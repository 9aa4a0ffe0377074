import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { diagnose, getKeyVaultCredential } from '../credential.ts';
import { formatDiagnostics } from '../diagnosis/report.ts';
import { credentialError } from '../errors.ts';
import type { Diagnostics, KeyVaultCredential } from '../types.ts';
import { checkup } from './checkup.ts';
import { maySucceedLater } from './patience.ts';
import type { Patient, Step } from './step.ts';

const runtime = { versions: { ...process.versions, node: '24.9.0' }, platform: 'linux', arch: 'x64' } as const;
const tenantId = 'a0000000-0000-4000-8000-000000000001';
const managed = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token', IDENTITY_HEADER: 'MARKER' };

/** A credential that decides as ever, and whose service is played. */
function credentialOf(env: Record<string, string>, check: KeyVaultCredential['check']): KeyVaultCredential {
  const { getToken, diagnostics } = getKeyVaultCredential({ env });
  return { getToken, diagnostics, check };
}

/** A clock that runs while somebody waits for it, and not otherwise. */
function clockOf() {
  const pauses: number[] = [];
  let now = 0;
  const clock: Patient['clock'] = {
    now: () => now,
    after(ms, action) {
      pauses.push(ms);
      now += ms;
      action();
      return () => {};
    },
  };
  return { clock, pauses };
}

const signedIn = async () => ({ principal: { tenantId } }) as Diagnostics;

async function stepsOf(
  env: Record<string, string>,
  check: KeyVaultCredential['check'] = signedIn,
  more: Partial<Patient> = {},
): Promise<Step[]> {
  const patient = { credential: credentialOf(env, check), env, runtime, clock: clockOf().clock, ...more };
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

  test.each([['@Microsoft.KeyVault(VaultName=MARKER;SecretName=s)'], ['$(ClientSecret)'], ['<client-secret>']])(
    'stops at a placeholder in the place of a secret, and sends it to nobody: %s',
    async (secret) => {
      const env = { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: tenantId, AZURE_CLIENT_SECRET: secret };
      const steps = await stepsOf(env, () => Promise.reject(new Error('asked')));
      expect(marksOf(steps)).toEqual(['runtime: ok', 'environment: ok', 'choice: failed']);
      expect(steps.at(-1)).toMatchObject({ exitCode: 2, explanation: { code: 'SETTING_DOUBTFUL' } });
    },
  );

  test('names the settings that App Service could not resolve, and goes on', async () => {
    const states = { DB_PASSWORD: { rawReference: 'MARKER', status: 'AccessToKeyVaultDenied' } };
    const steps = await stepsOf({ ...managed, WEBSITE_KEYVAULT_REFERENCES: JSON.stringify(states) });
    const choice = steps.find(({ name }) => name === 'choice');
    expect(choice).toMatchObject({ status: 'warning', detail: expect.stringContaining('DB_PASSWORD (AccessToKey') });
    expect(steps.length).toBeGreaterThan(3);
  });

  test.each<[string, Record<string, string>]>([
    ['where the host has no identity', { WEBSITE_SITE_NAME: 'shop' }],
    ['where another reference is in the way', { ...managed, AZURE_CLIENT_ID: '@Microsoft.KeyVault(VaultName=v)' }],
  ])('names them even %s', async (_, env) => {
    const states = { DB_PASSWORD: { status: 'SecretNotFound' } };
    const steps = await stepsOf({ ...env, WEBSITE_KEYVAULT_REFERENCES: JSON.stringify(states) });
    const detail = expect.stringContaining('DB_PASSWORD (SecretNotFound)');
    expect(steps.at(-1)).toMatchObject({ name: 'choice', status: 'failed', detail, exitCode: 2 });
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

describe('told to wait, a check-up', () => {
  const tenMinutes = 600_000;
  const failing = (code: Parameters<typeof credentialError>[0]) => () =>
    Promise.reject(credentialError(code, 'It did not work.'));

  test('tries again with growing pauses what may come right, and shows each step once', async () => {
    const { clock, pauses } = clockOf();
    let tries = 0;
    const atLast: KeyVaultCredential['check'] = () => {
      tries += 1;
      return tries < 4 ? failing('ERR_UNREACHABLE')() : signedIn();
    };
    const steps = await stepsOf(managed, atLast, { waitMs: tenMinutes, clock });
    expect(pauses).toEqual([5_000, 10_000, 20_000]);
    expect(steps.filter(({ status }) => status !== 'running').map(({ name }) => name)).toEqual([
      'runtime',
      'environment',
      'choice',
      'token',
      'principal',
      'vault name',
    ]);
    const waits = steps.flatMap((step) => (step.status === 'running' && step.detail ? [step.detail] : []));
    expect(waits).toEqual([
      'not yet (ERR_UNREACHABLE), trying again in 5 s, for 10 min at most',
      'not yet (ERR_UNREACHABLE), trying again in 10 s, for 10 min at most',
      'not yet (ERR_UNREACHABLE), trying again in 20 s, for 10 min at most',
    ]);
  });

  test('ends with the failure when the time is up, after a last try', async () => {
    const { clock, pauses } = clockOf();
    const steps = await stepsOf(managed, failing('ERR_TIMEOUT'), { waitMs: 40_000, clock });
    expect(pauses).toEqual([5_000, 10_000, 20_000, 5_000]);
    expect(steps.at(-1)).toMatchObject({ name: 'token', status: 'failed', exitCode: 3 });
    expect(steps.filter(({ status }) => status === 'failed')).toHaveLength(1);
  });

  test.each(['ERR_MODULE_MISSING', 'ERR_CHALLENGE_REFUSED', 'ERR_REFUSED'] as const)(
    'does not wait for %s, which no time mends',
    async (code) => {
      const { clock, pauses } = clockOf();
      await stepsOf(managed, failing(code), { waitMs: tenMinutes, clock });
      expect(pauses).toEqual([]);
    },
  );

  test('does not wait for an app without identity: only a restart helps', async () => {
    const { clock, pauses } = clockOf();
    await stepsOf({ WEBSITE_SITE_NAME: 'shop' }, signedIn, { waitMs: tenMinutes, clock });
    expect(pauses).toEqual([]);
  });

  test.each([
    ['KV_DENIED_BY_RBAC', undefined, true],
    ['KV_DENIED_BY_POLICY', undefined, true],
    ['KV_THROTTLED', undefined, true],
    ['KV_SERVICE_ERROR', undefined, true],
    ['KV_HOST_NOT_FOUND', undefined, true],
    ['ERR_IDENTITY_NOT_FOUND', undefined, true],
    ['ERR_REFUSED', 503, true],
    ['ERR_REFUSED', 400, false],
    ['KV_DENY_ASSIGNMENT', undefined, false],
    ['KV_TOKEN_TENANT', undefined, false],
    ['KV_TLS_NAME', undefined, false],
    ['KV_URL_INVALID', undefined, false],
  ])('may see %s (status %s) come right: %s', (code, status, may) => {
    const explanation = { code, cause: '', fix: [], docs: '', ...(status !== undefined && { status }) };
    expect(maySucceedLater({ name: 'x', status: 'failed', detail: '', explanation })).toBe(may);
  });
});

test("a check-up of another service gets that service's token, and goes to no vault", async () => {
  const scopes: unknown[] = [];
  const check: KeyVaultCredential['check'] = ({ scope } = {}) => {
    scopes.push(scope);
    return signedIn();
  };
  const env = { ...managed, KEY_VAULT_URL: 'https://local.vault.azure.net' };
  const steps = await stepsOf(env, check, { scope: 'https://storage.azure.com/.default' });
  expect(scopes).toEqual(['https://storage.azure.com/.default']);
  expect(steps.at(-1)).toMatchObject({ name: 'principal' });
});

test('a check-up leaves open what no variable announces', async () => {
  const steps = await stepsOf({ AZURE_TOKEN_CREDENTIALS: 'dev' });
  expect(steps[1]).toMatchObject({ name: 'environment', status: 'skipped' });
});

describe('a check-up and the report call the chosen source by the same name, with its host once:', () => {
  test.each<[string, Record<string, string>]>([
    ['App Service managed identity', { ...managed, WEBSITE_SITE_NAME: 'shop' }],
    ['Azure Functions managed identity', { ...managed, WEBSITE_SITE_NAME: 'shop', FUNCTIONS_WORKER_RUNTIME: 'node' }],
    ['Container Apps managed identity', { ...managed, CONTAINER_APP_NAME: 'shop' }],
    ['Container Apps job managed identity', { ...managed, CONTAINER_APP_JOB_NAME: 'clean' }],
    ['Azure Automation managed identity', { ...managed, AUTOMATION_ASSET_ACCOUNTID: 'a' }],
    ['Virtual machine managed identity', { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:1' }],
    ['Container Instances managed identity', { ...managed, IDENTITY_SERVER_THUMBPRINT: 'a'.repeat(40) }],
    [
      'Workload identity on Kubernetes',
      { AZURE_FEDERATED_TOKEN_FILE: '/token', AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: tenantId },
    ],
  ])('%s', async (title, env) => {
    const choice = (await stepsOf(env)).find(({ name }) => name === 'choice');
    expect(choice).toMatchObject({ detail: expect.stringMatching(new RegExp(`^${title},`)) });
    expect(formatDiagnostics(diagnose({ env }))).toContain(`Chosen: ${title}\n`);
  });
});

test('a vault that takes the request and then hangs is not said to be blocked', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  try {
    const vaultUrl = `https://127.0.0.1:${port}`;
    const last = (await stepsOf(managed, signedIn, { vaultUrl, timeoutMs: 200 })).at(-1);
    expect(last).toMatchObject({ name: 'TLS', status: 'failed', exitCode: 3, explanation: { code: 'KV_TIMEOUT' } });
    expect(JSON.stringify(last)).not.toContain('443');
    expect(last).toMatchObject({ detail: expect.stringContaining('took the request') });
  } finally {
    silent.close();
  }
});
