import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { startLocal } from 'msi-local';
import { afterAll, describe, expect, test } from 'vitest';
import { createSelfSignedServer, createServerIdentity } from '../packages/msi-local/src/network/certificates.ts';

// What another try cannot mend, brought about for real: what Node's permission model forbids, and certificates.

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'forbidden-')));
afterAll(() => rmSync(folder, { recursive: true }));

async function failure(env: NodeJS.ProcessEnv, flags: readonly string[] = [], program = here('programs/explained.js')) {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program], { env, timeout: 25_000 });
  return JSON.parse(stdout);
}

const major = Number.parseInt(process.versions.node, 10);
const confined = ['--permission', `--allow-fs-read=${here('..')}`];
const allow = (flag: string) => [`node --permission ${flag} app.js`];

describe("Node's permission model: the flag that is missing is named", () => {
  // Before Node.js 25 it knows no network.
  test.skipIf(major < 25).concurrent.each(['app-service', 'vm', 'service-principal', 'github-actions'] as const)(
    'no network, on %s',
    async (host) => {
      await using local = await startLocal();
      const ended = await failure(local.programVariables(host), confined);
      expect(ended).toMatchObject({ code: 'ERR_UNREACHABLE', runs: allow('--allow-net') });
      expect(ended.message).toContain('ERR_ACCESS_DENIED');
      expect(ended.message).not.toContain('tries');
    },
  );

  const net = major < 25 ? [] : ['--allow-net'];
  test.concurrent.each([
    ['of a service account', 'aks', {}],
    ['with a certificate', 'service-principal', { certificate: true }],
  ] as const)('no file %s', async (_, host, options) => {
    await using local = await startLocal(options);
    const ended = await failure(local.programVariables(host), [...confined, ...net]);
    expect(ended).toMatchObject({ code: 'ERR_FILE_UNREADABLE', runs: allow('--allow-fs-read=PATH') });
    expect(ended.message).toContain('ERR_ACCESS_DENIED');
  });

  test.skipIf(process.platform === 'win32')('no other programs', async () => {
    writeFileSync(join(folder, 'az'), '#!/bin/sh\necho "{}"\n');
    chmodSync(join(folder, 'az'), 0o755);
    const env = { AZURE_TOKEN_CREDENTIALS: 'AzureCliCredential', PATH: [folder, process.env.PATH].join(delimiter) };
    const ended = await failure(env, [...confined, `--allow-fs-read=${folder}`]);
    expect(ended).toMatchObject({ code: 'ERR_TOOL_UNAVAILABLE', runs: allow('--allow-child-process') });
  });
});

const day = 86_400_000;
const names = ['localhost'];
const span = (from: number, until: number) => ({
  notBefore: new Date(Date.now() + from * day),
  notAfter: new Date(Date.now() + until * day),
});
const trust = ['NODE_EXTRA_CA_CERTS=/path/to/ca.pem node app.js'];

describe.each([
  ['self-signed', createSelfSignedServer(names), false, trust, trust],
  ['by an unknown authority', createServerIdentity(names), false, trust, trust],
  ['of yesterday', createServerIdentity(names, span(-2, -1)), true, ['timedatectl'], ['timedatectl']],
  ['of tomorrow', createServerIdentity(names, span(1, 2)), true, ['timedatectl'], ['timedatectl']],
  ['for another name', createServerIdentity(['other.example']), true, [], ['nslookup localhost']],
])('a certificate %s is tried once', (title, identity, isTrusted, run, runEntra) => {
  const application = {
    AZURE_TENANT_ID: 'a0000000-0000-4000-8000-000000000001',
    AZURE_CLIENT_ID: 'a0000000-0000-4000-8000-0000000000c3',
  };
  test.each([
    ['managed identity', (url: string) => ({ IDENTITY_ENDPOINT: `${url}/msi/token`, IDENTITY_HEADER: 'x' }), run],
    [
      "GitHub's OIDC service",
      (url: string) => ({ ...application, ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x' }),
      run,
    ],
    ['Entra', (url: string) => ({ ...application, AZURE_CLIENT_SECRET: 'x', AZURE_AUTHORITY_HOST: url }), runEntra],
  ] as const)('by %s', async (_, env, runs) => {
    let connections = 0;
    const server = createServer({ cert: identity.certPem, key: identity.keyPem }).listen(0, '127.0.0.1');
    server.on('connection', () => {
      connections += 1;
    });
    await once(server, 'listening');
    const trusted = join(folder, `${title.replaceAll(' ', '-')}.pem`);
    if (isTrusted && 'caPem' in identity) writeFileSync(trusted, identity.caPem);
    const ended = await failure({
      ...env(`https://localhost:${(server.address() as AddressInfo).port}`),
      ...(isTrusted && { NODE_EXTRA_CA_CERTS: trusted }),
    });
    server.close();
    expect({ ...ended, connections }).toMatchObject({ code: 'ERR_UNREACHABLE', runs, connections: 1 });
  });
});

test('a bundle of ES modules with @azure/identity inside says what it lacks', async () => {
  const bundle = join(folder, 'bundle.mjs');
  const entry = here('programs/explained.js');
  await build({
    entryPoints: [entry],
    outfile: bundle,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  });
  await using local = await startLocal();
  const ended = await failure(local.programVariables('service-principal'), [], bundle);
  expect(ended).toMatchObject({ code: 'ERR_MODULE_MISSING', runs: [] });
  expect(ended.message).toContain('Dynamic require of');
  expect(ended.message).toContain('createRequire(import.meta.url)');
});
