import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Local, startLocal } from 'msi-local';
import { describe, expect, test } from 'vitest';

const cli = fileURLToPath(new URL('../packages/msi-credential/bin/msi-credential.js', import.meta.url));

type Fault = Parameters<Local['faults']['add']>[0];
type Host = Parameters<Local['variables']>[0];

/** A fault of the vault where no service is named. */
type Trouble = Omit<Fault, 'service'> & { readonly service?: Fault['service'] };

/** What `msi-credential doctor` says on a host whose services misbehave in this way. */
async function doctor(host: Host, words: string, faults: readonly Trouble[], changes = {}) {
  await using local = await startLocal({ secrets: { 'db-password': 'MARKER-of-a-secret' } });
  return await doctorAt(local, words, faults, changes, host);
}

async function doctorAt(
  local: Local,
  words: string,
  faults: readonly Trouble[],
  changes = {},
  host: Host = 'app-service',
) {
  for (const fault of faults) local.faults.add({ service: 'key-vault', ...fault });
  const env = { ...local.programVariables(host), ...changes };
  return await new Promise<{ exitCode: number; lines: readonly string[]; text: string }>((resolve) => {
    const args = [cli, 'doctor', ...words.split(' ').filter(Boolean)];
    execFile(process.execPath, args, { env, timeout: 25_000 }, (error, stdout, stderr) => {
      const text = stdout + stderr;
      expect(text).not.toContain('MARKER');
      resolve({
        exitCode: typeof error?.code === 'number' ? error.code : error ? 1 : 0,
        lines: text.split('\n'),
        text,
      });
    });
  });
}

const forbidden = (innercode: string, message: string) => ({
  status: 403,
  times: 99,
  body: { error: { code: 'Forbidden', message, innererror: { code: innercode } } },
});
/** Where more is written about the failure: above the line that sums it up, and a word about waiting. */
const lastCode = (lines: readonly string[]) => lines.findLast((line) => line.includes('https://'));
const always = { times: 99 };
/** The real answer. */
const untouched = { delayMs: 0 };

describe('before anybody is let in, the vault says why not', () => {
  test.concurrent.each<[string, Trouble, number, string, string]>([
    [
      'its firewall',
      forbidden(
        'ForbiddenByFirewall',
        'Client address is not authorized and caller is not a trusted service.\r\nClient address: 192.0.2.7\r\nCaller: appid=*****\r\nVault: local;location=eastus',
      ),
      4,
      'KV_FIREWALL',
      'az keyvault network-rule add --name local --ip-address 192.0.2.7/32',
    ],
    [
      'private connections only',
      forbidden(
        'ForbiddenByConnection',
        'Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\nCaller: appid=*****',
      ),
      4,
      'KV_PRIVATE_ONLY',
      'nslookup local.vault.azure.net',
    ],
    [
      'too many requests',
      {
        ...always,
        status: 429,
        body: {
          error: { code: 'Throttled', message: 'Request was not processed because too many requests were received.' },
        },
      },
      4,
      'KV_THROTTLED',
      'getKeyVaultSecret',
    ],
    [
      'a failure of its own',
      { ...always, status: 503, body: { error: { code: 'InternalServerError', message: 'Try again.' } } },
      3,
      'KV_SERVICE_ERROR',
      '503',
    ],
    [
      'a page of somebody else',
      { ...always, status: 200, body: '<html>Welcome</html>', headers: { 'content-type': 'text/html' } },
      3,
      'KV_UNEXPECTED_RESPONSE',
      'HTTPS_PROXY',
    ],
  ])('%s', async (_, fault, exitCode, code, words) => {
    const ended = await doctor('app-service', '', [fault]);
    expect(ended.text).toMatch(/^✗ tenant /m);
    expect(ended.text).toContain(words);
    expect(ended.exitCode).toBe(exitCode);
    expect(lastCode(ended.lines)).toMatch(
      new RegExp(`^  ${code}, https://.*/docs/key-vault\\.md#${code.toLowerCase()}$`),
    );
  });
});

test('a vault that falls silent once it has a token to look at ends the walk within the time limit', async () => {
  const hang = { connection: 'hang', times: 99 } as const;
  const ended = await doctor('app-service', '--secret db-password --timeout 1000', [untouched, untouched, hang]);
  expect(ended.exitCode).toBe(3);
  expect(ended.text).toMatch(/^✗ permission .*first request.*1000 ms/m);
  expect(lastCode(ended.lines)).toContain('KV_TIMEOUT, https://');
});

test('a vault that never answers does, too', async () => {
  const ended = await doctor('app-service', '--timeout 1500', [{ connection: 'hang', times: 99 }]);
  expect(ended.exitCode).toBe(3);
  expect(ended.text).toMatch(/^✗ TLS .*\n.*local\.vault\.azure\.net/m);
  expect(lastCode(ended.lines)).toContain('KV_TIMEOUT, https://');
});

test("a clock that is not the vault's is a warning with its cure, and the walk goes on", async () => {
  const date = new Date(Date.now() - 3_600_000).toUTCString();
  const challenge =
    'Bearer authorization="https://login.microsoftonline.com/a0000000-0000-4000-8000-000000000001", resource="https://vault.azure.net"';
  const ended = await doctor('app-service', '--secret db-password', [
    { status: 401, headers: { date, 'www-authenticate': challenge }, body: {} },
  ]);
  expect(ended.text).toMatch(
    /! TLS .*\n.* clock .* 3[56]\d\d s ahead.*\n\n {2}What to do\n.*\n {6}timedatectl set-ntp true\n[\s\S]* {2}CLOCK_SKEW, https:/,
  );
  expect(ended.text).toMatch(/^✓ secret .*"db-password"/m);
  expect(ended.lines.at(-2)).toMatch(/^It works.* !/);
  expect(ended.exitCode).toBe(0);
});

describe("a vault of another tenant than the token's", () => {
  const otherTenant = 'b0000000-0000-4000-8000-000000000002';
  const elsewhere = {
    status: 401,
    body: {},
    headers: {
      'www-authenticate': `Bearer authorization="https://login.microsoftonline.com/${otherTenant}", resource="https://vault.azure.net"`,
    },
  };
  const claims = Buffer.from(JSON.stringify({ tid: otherTenant })).toString('base64url');
  /** Entra knows the first tenant by itself; this is the second. */
  const bothTenants: readonly Trouble[] = [
    { service: 'entra', ...untouched },
    { service: 'entra', body: { token_type: 'Bearer', expires_in: 3600, access_token: `e30.${claims}.MARKER` } },
  ];
  const anyTenant = { AZURE_ADDITIONALLY_ALLOWED_TENANTS: '*' };
  test.concurrent.each<[string, Host, readonly Trouble[], Record<string, string>, string, string]>([
    ['a managed identity cannot ask for another', 'app-service', [], {}, '✗ tenant', 'federatedCredential: {'],
    ['an application that may ask there does', 'service-principal', bothTenants, anyTenant, '✓ tenant', 'as well'],
    ['an application that is not known there', 'service-principal', [], anyTenant, '✗ tenant', 'AADSTS90002'],
    ['an application that may not', 'service-principal', [], {}, '✗ tenant', 'AZURE_ADDITIONALLY_ALLOWED_TENANTS'],
  ])('%s', async (_, host, faults, changes, mark, words) => {
    const { text } = await doctor(host, '', [elsewhere, ...faults], changes);
    expect(text).toContain(mark);
    expect(text).toContain(`belongs to tenant ${otherTenant}`);
    expect(text).toContain(words);
  });
});

test('a role assignment that arrives late is waited for, with a word on each try', async () => {
  const late = { ...forbidden('ForbiddenByRbac', 'Caller is not authorized to perform action.'), times: 1 };
  const { exitCode, text } = await doctor('app-service', '--secret db-password --wait', [untouched, untouched, late]);
  expect(exitCode).toBe(0);
  expect(text).toMatch(/^… permission {3}not yet \(KV_DENIED_BY_RBAC\), trying again in 5 s, for 10 min at most$/m);
  expect(text.match(/^✓ TLS/gm)).toHaveLength(1);
  expect(text).toMatch(/^✓ secret .*"db-password"/m);
});

test('another service than Key Vault needs no vault: the token, and whose it is', async () => {
  const words = '--scope https://storage.azure.com/.default';
  const { exitCode, text } = await doctor('app-service', words, [], { KEY_VAULT_URL: '', KEY_VAULT_URI: '' });
  expect(exitCode).toBe(0);
  expect(text).toMatch(/^✓ token .*for https:\/\/storage\.azure\.com,/m);
  expect(text).toMatch(/^✓ principal .*object id/m);
  expect(text).not.toMatch(/vault/i);
});

test('where no name server knows the vault, nothing else is tried', async () => {
  const host = `${'v'.repeat(64)}.example`;
  const direct = { HTTPS_PROXY: '', https_proxy: '', HTTP_PROXY: '', http_proxy: '', KEY_VAULT_URL: `https://${host}` };
  const { exitCode, text } = await doctor('app-service', '', [], direct);
  expect(exitCode).toBe(3);
  expect(text).toMatch(/^✗ DNS /m);
  expect(text).toContain('KV_HOST_NOT_FOUND, https://');
  expect(text).not.toContain('TLS');
});

describe('a stand-in at an address of this machine', () => {
  const challenge = (header: string): Trouble => ({
    status: 401,
    times: 99,
    body: { error: { code: 'Unauthorized', message: 'x' } },
    headers: { 'www-authenticate': header },
  });
  const elsewhere = 'Bearer authorization="https://login.microsoftonline.com/b0000000-0000-4000-8000-000000000002"';
  test.concurrent.each<[string, string, readonly Trouble[], string, string]>([
    ['is held to its own resource', '', [], '✗ tenant', '--allow-stand-in'],
    [
      'is read where that is allowed',
      '--allow-stand-in --secret db-password',
      [],
      '✓ secret',
      'a stand-in, not a vault of Azure',
    ],
    [
      'is told of its resource before its tenant',
      '',
      [challenge(`${elsewhere}, resource="https://localhost:1"`)],
      '✗ tenant',
      'a token for localhost',
    ],
    [
      'in another tenant is no vault to be moved',
      '--allow-stand-in',
      [challenge(`${elsewhere}, resource="https://localhost:1"`)],
      '✗ tenant',
      'belongs to tenant b0000000',
    ],
    [
      'that asks for no token is told as such',
      '--allow-stand-in',
      [{ status: 200, times: 99, body: { value: [] } }],
      '! tenant',
      'asks for no token',
    ],
  ])('%s', async (_, words, faults, mark, says) => {
    await using local = await startLocal({ secrets: { 'db-password': 'MARKER-of-a-secret' } });
    const url = `https://localhost:${new URL(local.addresses.tls).port}`;
    const direct = { HTTPS_PROXY: '', https_proxy: '' };
    const { text } = await doctorAt(local, `--vault-url ${url} ${words}`, faults, direct);
    expect(text).toContain(mark);
    expect(text).toContain(says);
    expect(text).not.toMatch(/\baz (keyvault|role)/);
  });
});

test('an address of this machine is told as such', async () => {
  const direct = {
    HTTPS_PROXY: '',
    https_proxy: '',
    HTTP_PROXY: '',
    http_proxy: '',
    KEY_VAULT_URL: 'https://localhost:1',
  };
  const { text } = await doctor('app-service', '', [], direct);
  expect(text).toMatch(/✓ DNS {10}(127\.0\.0\.1|::1) \(this machine: a stand-in\)/);
  expect(text).toMatch(/^✗ TLS /m);
  expect(text).toContain('KV_CONNECTION_REFUSED, https://');
});
