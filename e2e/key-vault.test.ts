import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import type { TokenCredential } from '@azure/core-auth';
import { SecretClient, type SecretClientOptions } from '@azure/keyvault-secrets';
import { type Local, startLocal } from 'msi-local';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { formatFix } from '../packages/msi-credential/src/codes.ts';
import { explainKeyVaultError } from '../packages/msi-credential/src/key-vault/index.ts';

const marker = 'MARKER-of-a-secret';
let rbac: Local;
let policies: Local;

beforeAll(async () => {
  const secrets = { 'db-password': marker };
  [rbac, policies] = await Promise.all([
    startLocal({ secrets }),
    startLocal({ secrets, permissionModel: 'access-policies' }),
  ]);
});
afterEach(() => rbac.faults.clear());
afterAll(() => Promise.all([rbac.stop(), policies.stop()]));

/** The vault's real name, at the stand-in's port. */
const lookup: LookupFunction = (_name, options, done) =>
  options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
const agentOf = (local: Local) => new Agent({ ca: readFileSync(local.ca, 'utf8'), lookup });
const portOf = (local: Local) => new URL(local.addresses.tls).port;
const urlOf = (local: Local) => `https://local.vault.azure.net:${portOf(local)}`;

type TokenOptions = Parameters<Local['issueToken']>[0];

const credentialOf = (local: Local, token?: TokenOptions): TokenCredential => ({
  getToken: async () => ({ token: await local.issueToken(token), expiresOnTimestamp: Date.now() + 3_600_000 }),
});

/** Unmodified, save for the way to the stand-in and for patience. */
function client(local: Local, { url = urlOf(local), token = {} as TokenOptions, ...options }: ClientOptions = {}) {
  const patience = { retryOptions: { maxRetries: 0 } };
  return new SecretClient(url, credentialOf(local, token), { agent: agentOf(local), ...patience, ...options });
}
type ClientOptions = SecretClientOptions & { url?: string; token?: TokenOptions };

async function explained(call: Promise<unknown>) {
  const error = await call.then(
    () => new Error('it worked'),
    (thrown: unknown) => thrown,
  );
  const explanation = explainKeyVaultError(error);
  expect(JSON.stringify(explanation)).not.toMatch(/MARKER|eyJ/);
  return {
    code: explanation.code,
    fix: formatFix(explanation.fix),
    run: explanation.fix.flatMap(({ run }) => run ?? []),
  };
}

const expecting = (code: string, fix: string) => expect.objectContaining({ code, fix: expect.stringContaining(fix) });
const nobody = 'a0000000-0000-4000-8000-00000000dead';

async function list(from: SecretClient) {
  for await (const _ of from.listPropertiesOfSecrets()) return;
}

describe('what the vault answers', () => {
  test('denied by RBAC', async () => {
    const { code, run } = await explained(client(rbac, { token: { objectId: nobody } }).getSecret('db-password'));
    expect(code).toBe('KV_DENIED_BY_RBAC');
    expect(run[0]).toBe(
      `az role assignment create --role "Key Vault Secrets User" --assignee-object-id ${nobody} --assignee-principal-type ServicePrincipal --scope "/subscriptions/${rbac.world.subscriptionId}/resourcegroups/local/providers/microsoft.keyvault/vaults/local"`,
    );
  });

  test('denied by an access policy', async () => {
    const call = client(policies, { token: { objectId: nobody } }).setSecret('db-password', marker);
    const fix = `az keyvault set-policy -n local --object-id ${nobody} --secret-permissions get list set`;
    expect(await explained(call)).toEqual(expecting('KV_DENIED_BY_POLICY', fix));
  });

  test('denied to list, where the client loses the reason', async () => {
    const call = list(client(rbac, { token: { objectId: nobody } }));
    const fix = 'az keyvault show -n local --query properties.enableRbacAuthorization';
    expect(await explained(call)).toEqual(expecting('KV_DENIED', fix));
  });

  test('not found', async () => {
    const fix = 'az keyvault secret list-deleted --vault-name local';
    expect(await explained(client(rbac).getSecret('other'))).toEqual(expecting('KV_SECRET_NOT_FOUND', fix));
  });

  test('soft-deleted: the name is taken', async () => {
    rbac.permissions.grant(rbac.world.systemAssigned.objectId, 'delete');
    rbac.setSecret('gone', marker);
    await (await client(rbac).beginDeleteSecret('gone', { intervalInMs: 50 })).pollUntilDone();
    const fix = 'az keyvault secret recover --vault-name local -n gone';
    expect(await explained(client(rbac).setSecret('gone', marker))).toEqual(expecting('KV_SECRET_DELETED', fix));
    expect(await explained(client(rbac).getSecret('gone'))).toEqual(expecting('KV_SECRET_NOT_FOUND', fix));
  });

  test('disabled', async () => {
    rbac.setSecret('off', marker, { enabled: false });
    const fix = 'az keyvault secret set-attributes --vault-name local -n off --enabled true';
    expect(await explained(client(rbac).getSecret('off'))).toEqual(expecting('KV_SECRET_DISABLED', fix));
  });

  test('a name that is none', async () => {
    expect(await explained(client(rbac).getSecret('a_b'))).toEqual(expecting('KV_INVALID_NAME', ''));
  });

  test.each<[string, TokenOptions, string, string]>([
    [
      'for another audience',
      { audience: 'https://management.azure.com/' },
      'KV_TOKEN_AUDIENCE',
      'https://vault.azure.net/.default',
    ],
    ['that has expired', { expiresAt: new Date(Date.now() - 60_000) }, 'KV_TOKEN_EXPIRED', 'timedatectl'],
    ['to be valid later', { notBefore: new Date(Date.now() + 900_000) }, 'KV_TOKEN_NOT_YET_VALID', 'timedatectl'],
    [
      'of another tenant',
      { tenantId: nobody },
      'KV_TOKEN_TENANT',
      'az login --tenant a0000000-0000-4000-8000-000000000001',
    ],
    ['that is forged', { signWith: 'forged' }, 'KV_TOKEN_KEY', 'AZURE_AUTHORITY_HOST'],
  ])('a token %s', async (_, token, code, fix) => {
    expect(await explained(client(rbac, { token }).getSecret('db-password'))).toEqual(expecting(code, fix));
  });
});

type Fault = Omit<Parameters<Local['faults']['add']>[0], 'service'>;

/** Takes the place of every answer, the challenge too. */
const fault = (what: Fault) => rbac.faults.add({ service: 'key-vault', times: 9, ...what });
const throttled = { error: { code: 'Throttled', message: 'x' } };
const failed = { error: { code: 'InternalServerError', message: 'x' } };

describe('what comes in its place', () => {
  test.each<[string, Fault, string, string]>([
    ['429 without a pause', { status: 429, body: throttled }, 'KV_THROTTLED', 'getKeyVaultSecret'],
    ['500', { status: 500, body: failed }, 'KV_SERVICE_ERROR', 'https://azure.status.microsoft'],
    [
      'HTML',
      { status: 403, body: `<html>${marker}</html>`, headers: { 'content-type': 'text/html' } },
      'KV_UNEXPECTED_RESPONSE',
      'NO_PROXY',
    ],
    ['nothing', { status: 502 }, 'KV_EMPTY_RESPONSE', 'NO_PROXY'],
    ['half of it', { connection: 'truncate' }, 'KV_CONNECTION_RESET', 'port 443'],
    [
      'broken JSON',
      { status: 200, body: `{"value":"${marker}`, headers: { 'content-type': 'application/json' } },
      'KV_UNEXPECTED_RESPONSE',
      'KEY_VAULT_URL',
    ],
    ['an empty 200', { status: 200 }, 'KV_UNEXPECTED_RESPONSE', 'KEY_VAULT_URL'],
  ])('%s', async (_, what, code, fix) => {
    fault(what);
    expect(await explained(client(rbac).getSecret('db-password'))).toEqual(expecting(code, fix));
  });

  test.each([
    ['an abort signal', () => ({ abortSignal: AbortSignal.timeout(150) })],
    ['a time limit', () => ({ requestOptions: { timeout: 150 } })],
  ])('no answer at all, ended by %s', async (_, options) => {
    fault({ connection: 'hang' });
    const call = client(rbac).getSecret('db-password', options());
    expect(await explained(call)).toEqual(expecting('KV_ABORTED', 'requestOptions.timeout'));
  });
});

describe('what keeps the call from the vault', () => {
  test.each<[string, () => ClientOptions, string, string]>([
    ['nobody listens', () => ({ url: 'https://local.vault.azure.net:1' }), 'KV_CONNECTION_REFUSED', 'KEY_VAULT_URL'],
    ['an unknown authority', () => ({ agent: new Agent({ lookup }) }), 'KV_TLS_UNTRUSTED', 'NODE_EXTRA_CA_CERTS='],
    [
      'another name',
      () => ({ url: `https://local.example:${portOf(rbac)}` }),
      'KV_TLS_NAME',
      'https://VAULT.vault.azure.net',
    ],
    [
      'an unknown name',
      () => ({ url: 'https://local.invalid', agent: new Agent() }),
      'KV_HOST_NOT_FOUND',
      'nslookup local.invalid',
    ],
    ['plain http', () => ({ url: 'http://local.vault.azure.net', agent: new Agent() }), 'KV_URL_INSECURE', 'https://'],
    [
      'https to http',
      () => ({ url: rbac.addresses.control.replace('http:', 'https:') }),
      'KV_TLS_PROTOCOL',
      'KEY_VAULT_URL',
    ],
    [
      'no parent of its name',
      () => ({ url: `https://localhost:${portOf(rbac)}` }),
      'KV_CHALLENGE_MISMATCH',
      'disableChallengeResourceVerification',
    ],
  ])('%s', async (_, options, code, fix) => {
    expect(await explained(client(rbac, options()).getSecret('db-password'))).toEqual(expecting(code, fix));
  });

  test('a bare name in place of a URL', async () => {
    const call = Promise.resolve().then(() => client(rbac, { url: 'local' }).getSecret('db-password'));
    expect(await explained(call)).toEqual(expecting('KV_URL_INVALID', 'https://VAULT.vault.azure.net'));
  });
});

const here = fileURLToPath(new URL('.', import.meta.url));

/** Runs a program as it runs on the host, with `getKeyVaultSecret` and its neighbours; `out` prints JSON. */
function run(program: string, env: Record<string, string | undefined> = {}): Promise<Record<string, unknown>> {
  const text = `import { inspect } from 'node:util';
    import { getKeyVaultSecret, resolveKeyVaultReferences } from 'msi-credential/key-vault';
    const out = (value) => console.log(JSON.stringify(value));
    ${program}`;
  const options = { env: { ...rbac.programVariables('app-service'), ...env }, cwd: here };
  return new Promise((done, fail) => {
    execFile(process.execPath, ['--input-type=module', '-e', text], options, (error, stdout, stderr) =>
      error ? fail(new Error(stderr, { cause: error })) : done(JSON.parse(stdout)),
    );
  });
}

describe('a program on App Service', () => {
  test('reads secrets with one client and one token', async () => {
    rbac.requests.clear();
    const result = await run(`
      const first = await getKeyVaultSecret('db-password');
      const more = await Promise.all([1, 2, 3].map(() => getKeyVaultSecret('db-password')));
      out({ values: [...new Set([first, ...more])] });`);
    expect(result).toEqual({ values: [marker] });
    const services = rbac.requests.all.map(({ service }) => service);
    expect(services.filter((one) => one === 'managed-identity')).toHaveLength(1);
    // The first one is challenged; the others bring the token.
    expect(services.filter((one) => one === 'key-vault')).toHaveLength(5);
  });

  test('reads a hundred references though one answer is a 429 without a pause', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `s${index}`);
    for (const name of names) rbac.setSecret(name, marker);
    // The first requests are let through: they are challenged.
    fault({ delayMs: 0, times: 30 });
    fault({ status: 429, body: throttled, times: 1 });
    const values = Object.fromEntries(
      names.map((name) => [name, `@Microsoft.KeyVault(VaultName=local;SecretName=${name})`]),
    );
    const result = await run(`
      const resolved = await resolveKeyVaultReferences(${JSON.stringify(values)});
      out({ values: [...new Set(Object.values(resolved))], count: Object.keys(resolved).length });`);
    expect(result).toEqual({ values: [marker], count: 100 });
  });

  test('fails at once, as throttled, where the pause is longer than its time', async () => {
    fault({ status: 503, body: throttled, headers: { 'retry-after': '90' } });
    const result = await run(`const began = performance.now();
      await getKeyVaultSecret('db-password', { timeoutMs: 6000 }).catch(({ code, message }) =>
        out({ code, message, atOnce: performance.now() - began < 3000 }));`);
    expect(result).toEqual({ code: 'KV_THROTTLED', message: expect.stringContaining('90 s'), atOnce: true });
  });

  test('learns from one error what is wrong, and prints no secret with it', async () => {
    const program = `try { await getKeyVaultSecret('db-password') } catch (error) {
      out({ name: error.name, code: error.code, message: error.message, cause: error.cause?.name, all: inspect(error, { depth: 9, showHidden: true }) });
    }`;
    rbac.permissions.revoke(rbac.world.systemAssigned.objectId, 'get');
    const denied = await run(program).finally(() => rbac.permissions.grant(rbac.world.systemAssigned.objectId, 'get'));
    expect(denied).toMatchObject({ name: 'KeyVaultError', code: 'KV_DENIED_BY_RBAC', cause: 'RestError' });
    expect(denied.message).toContain(`--assignee-object-id ${rbac.world.systemAssigned.objectId}`);
    fault({ status: 200, body: `{"value":"${marker}`, headers: { 'content-type': 'application/json' } });
    const broken = await run(program).finally(() => rbac.faults.clear());
    expect(broken).toMatchObject({ code: 'KV_UNEXPECTED_RESPONSE' });
    expect(inspect([denied, broken])).not.toMatch(/MARKER|eyJ0/);
    const nowhere = { IDENTITY_ENDPOINT: '', IDENTITY_HEADER: '', MSI_ENDPOINT: '', MSI_SECRET: '' };
    expect(await run(program, nowhere)).toMatchObject({ name: 'KeyVaultError', code: 'ERR_HOST_WITHOUT_IDENTITY' });
    expect(await run(program, { KEY_VAULT_URL: 'local' })).toMatchObject({ name: 'TypeError', code: 'KV_URL_INVALID' });
  });

  test('reads from a stand-in that asks for a token of another resource only if that is allowed', async () => {
    const direct = { HTTPS_PROXY: '', https_proxy: '', KEY_VAULT_URL: `https://localhost:${portOf(rbac)}` };
    const program = (options: string) => `
      const read = (options) => getKeyVaultSecret('db-password', options).catch(({ code }) => code);
      const { DB } = await resolveKeyVaultReferences({ DB: '@Microsoft.KeyVault(SecretUri=' + process.env.KEY_VAULT_URL + '/secrets/db-password)' }, { ...${options}, onError: 'keep' });
      out({ value: await read(${options}), isResolved: DB === 'MARKER-of-a-secret' });`;
    expect(await run(program('{}'), direct)).toEqual({ value: 'KV_CHALLENGE_MISMATCH', isResolved: false });
    expect(await run(program('{ allowStandIn: true }'), direct)).toEqual({ value: marker, isResolved: true });
  });

  const references = {
    DB: '@Microsoft.KeyVault(VaultName=local;SecretName=db-password)',
    AGAIN: '@Microsoft.KeyVault(SecretUri=https://local.vault.azure.net/secrets/db-password/)',
    PLAIN: 'x',
  };

  test('has its Key Vault references resolved, each once', async () => {
    rbac.requests.clear();
    const result = await run(
      'const { DB, AGAIN, PLAIN } = await resolveKeyVaultReferences(); out({ DB, AGAIN, PLAIN });',
      references,
    );
    // What is no reference is not written back: another part of the program may have changed it.
    expect(result).toEqual({ DB: marker, AGAIN: marker });
    expect(rbac.requests.all.filter(({ service }) => service === 'key-vault')).toHaveLength(2);
  });

  test('learns which of them cannot be, in the words of App Service', async () => {
    const broken = {
      ...references,
      GONE: '@Microsoft.KeyVault(VaultName=local;SecretName=other)',
      OLD: '@Microsoft.KeyVault(VaultName=local;SecretName=db-password;SecretVersion=0123456789abcdef0123456789abcdef)',
      BAD: '@Microsoft.KeyVault(local)',
    };
    const program = `const { DB, GONE } = await resolveKeyVaultReferences(undefined, { onError: 'keep' });
      await resolveKeyVaultReferences().catch(({ failures }) => out({ DB, GONE, failures: failures.map((one) => [one.variable, one.status]) }));`;
    const { failures, ...kept } = await run(program, broken);
    expect(kept).toEqual({ DB: marker, GONE: broken.GONE });
    expect(Object.fromEntries(failures as [string, string][])).toEqual({
      GONE: 'SecretNotFound',
      OLD: 'SecretVersionNotFound',
      BAD: 'InvalidSyntax',
    });
  });
});
