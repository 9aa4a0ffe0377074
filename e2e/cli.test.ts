import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { type Local, startLocal } from 'msi-local';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { leaksIn, marker, secretsOf } from './secrets.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const cli = path('../packages/msi-credential/bin/msi-credential.js');
const msiLocal = path('../packages/msi-local/bin/msi-local.js');
const captures = path('../scripts/captures.ts');
const names = pathToFileURL(path('./programs/names.js')).href;

type Host = Parameters<Local['variables']>[0];
type Changes = Readonly<Record<string, string>>;

let local: Local;
let policies: Local;
/** Knows one vault only, and a certificate in place of a client secret. */
let named: Local;
beforeAll(async () => {
  const secrets = { 'db-password': marker };
  [local, policies, named] = await Promise.all([
    startLocal({ secrets }),
    startLocal({ secrets, permissionModel: 'access-policies' }),
    startLocal({ secrets, vaults: ['local'], certificate: true }),
  ]);
});
afterEach(() => local.faults.clear());
afterAll(() => Promise.all([local, policies, named].map((each) => each.stop())));

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

function start(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(file, args, { env, timeout: 25_000 }, (error, stdout, stderr) => {
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr });
    });
  });
}

/** Runs a command to its end; whatever it prints is searched for the secrets of its environment and of the stand-in. */
async function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv, where = local): Promise<Ended> {
  const ended = await start(file, args, env);
  const printed = printsToken(args) && ended.exitCode === 0 ? withoutToken(ended.stdout) : ended.stdout;
  expect({ args, leaks: leaksIn(`${printed}${ended.stderr}`, secretsOf(where, env)) }).toEqual({ args, leaks: [] });
  return ended;
}

/** The one command whose output is a token, once. */
const printsToken = (args: readonly string[]) => args.includes('token') && !args.includes('--decode');
const withoutToken = (text: string) => text.replace(/eyJ[\w-]+\.[\w-]+\.[\w-]+/, '');

/** Runs the command as it runs on a host, with some variables changed. */
const on = (host: Host, words: string, changes: Changes = {}, where = local) =>
  run(process.execPath, [cli, ...words.split(' ')], { ...where.programVariables(host), ...changes }, where);

const withoutIdentity = { IDENTITY_ENDPOINT: '', IDENTITY_HEADER: '', MSI_ENDPOINT: '', MSI_SECRET: '' };
/** `dev` leaves the tools, of which there are none: the metadata service is not to be asked for from a test. */
const nothing = { AZURE_TOKEN_CREDENTIALS: 'dev', PATH: '' };
/** A name as a vault may have it, which does not resolve: the stand-in's proxy would know it. */
const unknownHost = 'misspelt-vault.vault.azure.net';
const unresolved = {
  NODE_OPTIONS: `--import ${names}`,
  NAMES: JSON.stringify({ [unknownHost]: 'ENOTFOUND' }),
  ...{ HTTPS_PROXY: '', https_proxy: '', HTTP_PROXY: '', http_proxy: '' },
};
const unknownVault = { KEY_VAULT_URL: `https://${unknownHost}`, ...unresolved };

describe('inside msi-local run', () => {
  test.concurrent.each(['app-service', 'aks', 'service-principal', 'vm'])('%s: all is well', async (host) => {
    const flags = [msiLocal, 'run', '--as', host, '--secret', `db-password=${marker}`, '--', process.execPath, cli];
    const { exitCode, stdout, stderr } = await run(
      process.execPath,
      [...flags, 'doctor', '--secret', 'db-password'],
      process.env,
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/✓ secret {7}"db-password" can be read\n\nAll is well\.\n$/);
  });
});

describe('exit codes', () => {
  test.concurrent.each<[number, Host, words: string, Changes, says: string]>([
    [0, 'app-service', 'explain', {}, 'Chosen: App Service'],
    [0, 'app-service', 'doctor', {}, '– secret '],
    [0, 'app-service', 'doctor', { KEY_VAULT_URL: '', KEY_VAULT_URI: '' }, '– vault name '],
    [0, 'app-service', 'token --decode', {}, '"xms_mirid"'],
    [2, 'laptop', 'explain', nothing, 'AZURE_TOKEN_CREDENTIALS=dev'],
    [2, 'laptop', 'doctor', nothing, 'az login'],
    [2, 'laptop', 'token', nothing, 'ERR_NO_SOURCE, https://'],
    [2, 'app-service', 'explain', withoutIdentity, 'ERR_HOST_WITHOUT_IDENTITY'],
    [2, 'app-service', 'doctor', { KEY_VAULT_URL: 'local' }, 'KV_URL_INVALID, https://'],
    [3, 'app-service', 'token', { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/' }, 'ECONNREFUSED'],
    [3, 'app-service', 'doctor', { KEY_VAULT_URL: 'https://127.0.0.1:1' }, 'KV_CONNECTION_REFUSED, https://'],
    [3, 'app-service', 'doctor', unknownVault, `nslookup ${unknownHost}`],
    [4, 'service-principal', 'token', { AZURE_CLIENT_SECRET: marker }, 'AADSTS7000215'],
    [4, 'app-service', 'doctor --secret other', {}, 'KV_SECRET_NOT_FOUND, https://'],
    [64, 'app-service', 'doctor --vault-url local', {}, 'option vaultUrl'],
    [64, 'app-service', 'doctor --vault x', {}, '--vault-url'],
    [64, 'app-service', 'explain --source nowhere', {}, '"nowhere"'],
  ])('%i: %s, %s %o', async (exitCode, host, words, changes, says) => {
    // The same as JSON, which holds the whole diagnosis, ends the same way; `run` looks for secrets in both.
    const [ended, json] = await Promise.all([on(host, words, changes), on(host, `${words} --json`, changes)]);
    expect([ended.exitCode, json.exitCode]).toEqual([exitCode, exitCode]);
    // Where a command fails as a whole, nothing is on the stream that another program may read.
    const stream = words.startsWith('token') && exitCode > 0 ? ended.stderr : ended.stdout + ended.stderr;
    expect(stream).toContain(says);
  });
});

describe('the three common troubles, as doctor tells them', () => {
  test('the identity is not enabled: enable it, then restart', async () => {
    const { exitCode, stdout } = await on('app-service', 'doctor', withoutIdentity);
    expect(exitCode).toBe(2);
    expect(stdout).toContain('az webapp identity assign --name local --resource-group local');
    expect(stdout).toContain('restart the app');
    expect(stdout).toContain('/docs/troubleshooting.md#err_host_without_identity');
  });

  test.each([
    [
      'role assignments',
      () => local,
      ({ subscriptionId, systemAssigned }: Local['world']) =>
        `az role assignment create --role "Key Vault Secrets User" --assignee-object-id ${systemAssigned.objectId} --assignee-principal-type ServicePrincipal --scope "/subscriptions/${subscriptionId}/resourcegroups/local/providers/microsoft.keyvault/vaults/local"`,
    ],
    [
      'access policies',
      () => policies,
      ({ systemAssigned }: Local['world']) =>
        `az keyvault set-policy -n local --object-id ${systemAssigned.objectId} --secret-permissions get list`,
    ],
  ])('the principal has no access by %s: the command that grants it', async (_, where, command) => {
    const { permissions, world } = where();
    permissions.revoke(world.systemAssigned.objectId, 'get');
    const { exitCode, stdout } = await on('app-service', 'doctor --secret db-password', {}, where()).finally(() =>
      permissions.grant(world.systemAssigned.objectId, 'get'),
    );
    expect(exitCode).toBe(4);
    expect(stdout.split('\n')).toContain(`      ${command(world)}`);
    expect(stdout).toMatch(/✓ principal.*\n[\s\S]*✗ permission/);
  });

  test.each<[string, number, Changes, string]>([
    ['without its scheme', 2, { KEY_VAULT_URL: 'local.vault.azure.net' }, 'https://local.vault.azure.net'],
    ['that no vault can have', 2, { KEY_VAULT_URL: 'https://a--b.vault.azure.net' }, 'az keyvault list --query'],
    ['that does not resolve', 3, unknownVault, 'az keyvault list --query "[].properties.vaultUri" -o tsv'],
  ])('the vault has a name %s', async (_, exitCode, changes, fix) => {
    const ended = await on('app-service', 'doctor', changes);
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.stdout.split('What to do\n')[1]).toContain(fix);
  });

  test('a name that does not resolve is told after everything else was found in order', async () => {
    const { stdout } = await on('app-service', 'doctor', unknownVault);
    const marks = [...stdout.matchAll(/^(\S) (token|principal|vault name|DNS|TLS)\b/gm)].map(([mark]) => mark);
    expect(marks).toEqual(['✓ token', '✓ principal', '✓ vault name', '✗ DNS']);
    expect(stdout).toContain('KV_HOST_NOT_FOUND, https://');
    expect(stdout).toContain(`${unknownHost}:`);
  });

  test('behind a proxy, which looks the name up, it is the proxy that did not connect', async () => {
    const { stdout, exitCode } = await on(
      'app-service',
      'doctor',
      { KEY_VAULT_URL: unknownVault.KEY_VAULT_URL },
      named,
    );
    expect(exitCode).toBe(3);
    const { host } = new URL(named.addresses.proxy);
    expect(stdout).toMatch(/^✗ TLS /m);
    expect(stdout).toContain(`${unknownHost}: the proxy of HTTPS_PROXY (${host})`);
    expect(stdout).toContain('KV_PROXY, https://');
    expect(stdout.split('What to do\n')[1]).toContain('az keyvault list --query "[].properties.vaultUri" -o tsv');
  });
});

test.each([403, 407, 502])("a proxy's %i is not taken for the vault's", async (status) => {
  const proxy = createServer((socket) =>
    socket.once('data', () => socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)),
  ).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = `http://me:${marker}@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const ended = await on('app-service', 'doctor', { HTTPS_PROXY: url, https_proxy: url }).finally(() => proxy.close());
  expect(ended).toMatchObject({ exitCode: 3, stderr: '' });
  expect(ended.stdout).toMatch(/^✗ TLS /m);
  expect(ended.stdout).toContain(`local.vault.azure.net: the proxy of HTTPS_PROXY (${new URL(url).host})`);
  expect(ended.stdout).toContain('KV_PROXY, https://');
  expect(ended.stdout).toContain('NO_PROXY');
});

test('a time limit is kept, whatever has been begun beneath', async () => {
  // The client of Entra waits as long as it is asked to, three times; the policy that we give it stops it.
  const pause = { status: 429, headers: { 'retry-after': '20' }, body: { error: 'temporarily_unavailable' } };
  local.faults.add({ service: 'entra', times: 9, ...pause });
  const begin = performance.now();
  const { exitCode, stderr } = await on('service-principal', 'token --timeout 1000');
  expect({ exitCode, stderr }).toEqual({
    exitCode: 3,
    stderr: expect.stringMatching(/1000 ms.* https:\/\/login\.microsoftonline\.com[\s\S]*ERR_TIMEOUT, https:\/\//),
  });
  expect(performance.now() - begin).toBeLessThan(10_000);
});

/** The step at which the walk ends where the identity is not enabled. */
const notEnabled = expect.objectContaining({
  status: 'failed',
  explanation: expect.objectContaining({ code: 'ERR_HOST_WITHOUT_IDENTITY' }),
});

describe('--json', () => {
  test.concurrent.each<[string, Host, Changes, object]>([
    ['explain', 'app-service', {}, { status: 'chosen', selected: { source: 'app-service' } }],
    ['explain', 'laptop', nothing, { status: 'problem', problem: { code: 'ERR_NO_SOURCE' } }],
    ['doctor', 'app-service', {}, { exitCode: 0, diagnostics: { version: 1 } }],
    ['doctor', 'app-service', withoutIdentity, { exitCode: 2, steps: expect.arrayContaining([notEnabled]) }],
    ['token --decode', 'app-service', {}, { source: 'app-service', claims: { aud: 'https://vault.azure.net' } }],
    ['token', 'app-service', {}, { token: expect.stringMatching(/^eyJ/) }],
    ['token', 'laptop', nothing, { error: { code: 'ERR_NO_SOURCE' } }],
  ])('%s on %s %o is one value with a version', async (words, host, changes, expected) => {
    const { stdout, stderr } = await on(host, `${words} --json`, changes);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, ...expected });
  });
});

describe('token', () => {
  test('is the token and nothing else', async () => {
    const { stdout, stderr } = await on('app-service', 'token');
    expect({ lines: stdout.split('\n').length, stderr }).toEqual({ lines: 2, stderr: '' });
    const claims = JSON.parse(Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ aud: 'https://vault.azure.net', oid: local.world.systemAssigned.objectId });
  });

  test('is for another service, and of another identity, where that is asked for', async () => {
    const { clientId, objectId } = local.world.userAssigned;
    const words = `token --decode --scope https://management.azure.com/.default --client-id ${clientId}`;
    const { stdout } = await on('app-service', words);
    expect(JSON.parse(stdout)).toMatchObject({ aud: 'https://management.azure.com', oid: objectId });
  });
});

const escapeCode = '\u001B';

describe('in a pipe', () => {
  test.concurrent.each<[string, Changes]>([
    ['explain', {}],
    ['doctor', {}],
    ['doctor', withoutIdentity],
    ['token', withoutIdentity],
  ])('%s %o writes no escape codes', async (words, changes) => {
    const { stdout, stderr } = await on('app-service', words, { ...changes, TERM: 'xterm-256color' });
    expect(stdout + stderr).not.toContain(escapeCode);
  });

  test.skipIf(process.platform === 'win32')('it does not mind a reader who has seen enough', async () => {
    const env = { ...local.programVariables('app-service'), PATH: process.env.PATH, NODE: process.execPath, CLI: cli };
    const { stderr } = await run('/bin/sh', ['-c', '"$NODE" "$CLI" explain --json | true'], env);
    expect(stderr).toBe('');
  });

  test.skipIf(process.platform !== 'linux')('but it does mind a disk that is full', async () => {
    const env = { ...local.programVariables('app-service'), PATH: process.env.PATH, NODE: process.execPath, CLI: cli };
    const ended = await run('/bin/sh', ['-c', '"$NODE" "$CLI" explain > /dev/full'], env);
    expect(ended).toMatchObject({ exitCode: 1, stderr: 'msi-credential: the output could not be written (ENOSPC)\n' });
  });
});

// Of util-linux: that of other systems has other flags.
const canPlayTerminal = /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '');

describe.skipIf(!canPlayTerminal)('in a terminal (played by script of util-linux)', () => {
  const columns = 72;
  async function inTerminal(words: string, changes: Changes = {}) {
    const env = {
      ...local.programVariables('app-service'),
      ...{ PATH: process.env.PATH, TERM: 'xterm-256color', NODE: process.execPath, CLI: cli },
      ...changes,
    };
    const { stdout } = await run('script', ['-qec', `stty cols ${columns}; "$NODE" "$CLI" ${words}`, '/dev/null'], env);
    return { raw: stdout, lines: stripVTControlCharacters(stdout).split(/\r?\n/) };
  }

  test('marks are green and red, and lines go on below their text', async () => {
    const { raw, lines } = await inTerminal('doctor', { KEY_VAULT_URL: 'https://127.0.0.1:1' });
    expect(raw).toContain(`${escapeCode}[32m✓${escapeCode}[39m runtime`);
    expect(raw).toContain(`${escapeCode}[31m✗${escapeCode}[39m TLS`);
    const details = lines.slice(0, lines.indexOf('  What to do'));
    expect(details.filter(({ length }) => length > columns)).toEqual([]);
    const at = details.findIndex((line) => line.startsWith('✗ TLS'));
    expect(details[at + 1]).toMatch(/^ {15}\S/);
  });

  test.each(['explain', 'explain --source service-principal'])('%s goes on below its text, too', async (words) => {
    const { raw, lines } = await inTerminal(words);
    expect(raw).toContain(escapeCode);
    expect(lines.filter((line) => line.length > columns && !/https:|\baz /.test(line))).toEqual([]);
  });

  test('NO_COLOR leaves the text', async () => {
    const { raw } = await inTerminal('doctor', { NO_COLOR: '1' });
    expect(raw).not.toContain(`${escapeCode}[3`);
    expect(raw).toContain('✓ runtime');
  });

  test('a step that takes longer than a moment shows that it is at work, and takes that away', async () => {
    local.faults.add({ service: 'managed-identity', delayMs: 900 });
    const { raw } = await inTerminal('doctor');
    expect(raw).toContain(`  ... token\r${escapeCode}[2K`);
  });
});

const hosts: readonly Host[] = [
  ...([
    'app-service',
    'app-service-2017',
    'functions',
    'container-apps',
    'vm',
    'aks',
    'arc',
    'service-fabric',
  ] as const),
  ...(['container-instances', 'azure-ml', 'cloud-shell', 'service-principal', 'github-actions'] as const),
  ...(['azure-pipelines', 'laptop'] as const),
];
const doctor = 'doctor --secret db-password';
/** On one host of each kind; elsewhere doctor alone, whose report has all that the others print but the claims. */
const commandsOn = (host: Host) =>
  ['app-service', 'service-principal', 'laptop'].includes(host) ? ['explain', doctor, 'token --decode'] : [doctor];

/** Why a host cannot be played here; the agent's folder belongs to root. */
function obstacle(host: Host): string | undefined {
  if (host !== 'arc' || process.platform === 'win32') return undefined;
  const folder =
    ['/var/opt/azcmagent/tokens', '/var/opt/azcmagent', '/var/opt'].find((path) => existsSync(path)) ?? '/var';
  try {
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch {
    return `${folder} cannot be written`;
  }
}

const playable = hosts.filter((host) => obstacle(host) === undefined);
const skipped = hosts.filter((host) => obstacle(host)).map((host) => `${host}: skipped, because ${obstacle(host)}`);

describe('no secret is in what is printed', () => {
  test.concurrent.each(playable)('%s', async (host) => {
    for (const words of commandsOn(host).flatMap((one) => [one, `${one} --json`])) {
      const { stdout, stderr, exitCode } = await on(host, words, host === 'laptop' ? nothing : {});
      expect({ words, exitCode }).toEqual({ words, exitCode: host === 'laptop' ? 2 : 0 });
      expect(`${stdout}${stderr}`.length).toBeGreaterThan(100);
    }
  });

  test.each<[string, Changes, number]>([
    ['all is well', {}, 0],
    ['Entra refuses', { AZURE_CLIENT_ID: 'b0000000-0000-4000-8000-00000000dead' }, 4],
  ])('service-principal with a certificate, and %s', async (_, changes, exitCode) => {
    for (const words of ['doctor', 'doctor --json', 'token --decode', 'token --decode --json'])
      expect(await on('service-principal', words, changes, named)).toMatchObject({ exitCode });
    const { AZURE_CLIENT_CERTIFICATE_PATH: path = '' } = named.variables('service-principal');
    expect(secretsOf(named, { AZURE_CLIENT_CERTIFICATE_PATH: path })).toContain(
      readFileSync(path, 'utf8').split('\n')[1],
    );
  });

  test.skip.each(skipped)('%s', () => {});

  test.each<[Host, string]>([
    ['app-service', 'IDENTITY_HEADER'],
    ['app-service-2017', 'MSI_SECRET'],
    ['service-fabric', 'IDENTITY_HEADER'],
    ['azure-ml', 'MSI_SECRET'],
    ['service-principal', 'AZURE_CLIENT_SECRET'],
    ['github-actions', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'],
    ['azure-pipelines', 'SYSTEM_ACCESSTOKEN'],
  ])('%s was searched for its %s', (host, name) => {
    const variables = local.variables(host);
    expect(secretsOf(local, variables)).toContain(variables[name]);
  });

  test('a token, once printed, would be found', async () => {
    const { stdout } = await on('app-service', 'token');
    expect(leaksIn(stdout, secretsOf(local, {}))).toContain(stdout.trim());
  });
});

test('the reports in the documents are what the command prints', async () => {
  const { exitCode, stderr } = await run(process.execPath, [captures, '--check'], process.env);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});
