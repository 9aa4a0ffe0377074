// Writes what the command line prints on several hosts into docs/how-it-chooses.md; with --check it only compares.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type HostKind, type Local, startLocal } from 'msi-local';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const document = path('../docs/how-it-chooses.md');
const cli = path('../packages/msi-credential/bin/msi-credential.js');
const names = pathToFileURL(path('../e2e/programs/names.js')).href;
const folder = mkdtempSync(join(tmpdir(), 'captures-'));

/** A folder for PATH with nothing in it but something called az, which needs nothing but the shell itself. */
function az(name: string, script: string): string {
  const tools = join(folder, name);
  mkdirSync(tools, { recursive: true });
  writeFileSync(join(tools, 'az'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(tools, 'az'), 0o755);
  return tools;
}

/**
 * What `az account get-access-token` prints with somebody signed in, and nothing for any other command; the token is that
 * which the stand-in gives to the person in Cloud Shell.
 * https://learn.microsoft.com/cli/azure/account#az-account-get-access-token
 */
async function signedIn(local: Local): Promise<string> {
  const reply = await fetch(local.variables('cloud-shell').MSI_ENDPOINT ?? '', {
    method: 'POST',
    headers: { metadata: 'true' },
    body: new URLSearchParams({ resource: 'https://vault.azure.net' }),
  });
  const { access_token, expires_on } = (await reply.json()) as { access_token: string; expires_on: string };
  const { subscriptionId, tenantId } = local.world;
  const answer = {
    accessToken: access_token,
    expiresOn: new Date(Number(expires_on) * 1000).toISOString().replace('T', ' ').replace('Z', '000'),
    expires_on: Number(expires_on),
    subscription: subscriptionId,
    tenant: tenantId,
    tokenType: 'Bearer',
  };
  const asked = '"account get-access-token --output json --resource https://vault.azure.net"*';
  return `case "$*" in ${asked}) printf '%s\\n' '${JSON.stringify(answer)}' ;; *) exit 1 ;; esac`;
}

interface Scene {
  readonly as: HostKind;
  readonly env: Readonly<Record<string, string>>;
}

/** The hosts of the document that are not simply one of msi-local's. */
const special: Readonly<Record<string, (local: Local) => Scene | Promise<Scene>>> = {
  'app-service-without-identity': () => ({
    as: 'app-service',
    env: { IDENTITY_ENDPOINT: '', IDENTITY_HEADER: '', MSI_ENDPOINT: '', MSI_SECRET: '' },
  }),
  'app-service-with-a-wrong-name': () => ({
    as: 'app-service',
    env: { KEY_VAULT_URL: 'https://my--vault.vault.azure.net' },
  }),
  laptop: () => ({ as: 'laptop', env: { PATH: '' } }),
  'laptop-with-az': async (local) => ({ as: 'laptop', env: { PATH: az('signed-in', await signedIn(local)) } }),
  'laptop-with-az-signed-out': () => ({
    as: 'laptop',
    env: { PATH: az('signed-out', `echo "ERROR: Please run 'az login' to setup account." >&2; exit 1`) },
  }),
  // Without the stand-in's proxy, to which every name is known; the name server's answer is made up.
  'app-service-without-vault': () => ({
    as: 'app-service',
    env: {
      ...{
        KEY_VAULT_URL: 'https://misspelt-vault.vault.azure.net',
        HTTPS_PROXY: '',
        https_proxy: '',
        HTTP_PROXY: '',
        http_proxy: '',
      },
      NAMES: JSON.stringify({ 'misspelt-vault.vault.azure.net': 'ENOTFOUND' }),
    },
  }),
};

/** Whatever machine writes this: in the document it is a laptop, whose chassis is not one of Azure's. */
const chassis = `data:text/javascript,${encodeURIComponent(
  `const fs = process.getBuiltinModule('node:fs'); const read = fs.readFileSync; fs.readFileSync = (path, ...rest) => String(path).includes('chassis_asset_tag') ? 'a laptop' : read(path, ...rest);`,
)}`;

async function capture(words: string): Promise<string> {
  const [host = '', ...rest] = words.split(' ');
  const at = rest.findIndex((word) => word === 'explain' || word === 'doctor');
  const deny = rest.slice(0, at).includes('--deny');
  const local = await startLocal({ secrets: { secret: 'xyzzy' }, deny, inherited: process.env });
  const { as, env } = (await special[host]?.(local)) ?? { as: host as HostKind, env: {} };
  const args = ['--import', chassis, ...(env.NAMES ? ['--import', names] : []), cli, ...rest.slice(at)];
  const printed = await run(args, { ...local.programVariables(as), ...env });
  await local.stop();
  return `\`\`\`\n$ msi-credential ${rest.slice(at).join(' ')}\n${settle(printed).trimEnd()}\n\`\`\``;
}

function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((done) => {
    execFile(process.execPath, args, { env }, (_, stdout, stderr) => done(stdout + stderr));
  });
}

const nil = '00000000-0000-0000-0000-000000000000';

/** What differs from run to run is given one value, so that a report only changes when the program does. */
function settle(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-11-23T10:00:00.000Z')
    .replace(/\bin \d+ ms\b/g, 'in 12 ms')
    .replace(/Node\.js \S+ on \S+ \S+,/g, 'Node.js 24.21.0 on linux x64,')
    .replace(/127\.0\.0\.1:\d+|localhost:\d+/g, '127.0.0.1:41741')
    .replace(/(?<=request-id )[0-9a-f-]{36}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\))/g, nil);
}

const before = readFileSync(document, 'utf8');
const places = /<!-- capture: (.+?) -->\n(?:```\n[\s\S]*?\n```\n)?/g;
const captured = new Map<string, string>();
for (const [, words = ''] of before.matchAll(places)) captured.set(words, await capture(words));
rmSync(folder, { recursive: true });
const after = before.replace(places, (_, words: string) => `<!-- capture: ${words} -->\n${captured.get(words)}\n`);
if (process.argv.includes('--check')) {
  if (after !== before) {
    writeFileSync(`${document}.new`, after);
    const difference = spawnSync('diff', [document, `${document}.new`], { encoding: 'utf8' }).stdout;
    rmSync(`${document}.new`);
    console.error(
      `docs/how-it-chooses.md is not what the command prints: node scripts/captures.ts writes it anew.\n${difference}`,
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(document, after);
  execFileSync('git', ['--no-pager', 'diff', '--stat', '--', document], { stdio: 'inherit' });
}
