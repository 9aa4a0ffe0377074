import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { join, resolve as resolvePath } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { startLocal } from 'msi-local';
import { expect, test } from 'vitest';
import { writeExamples } from './examples.ts';

// One process with several copies of the package: two bundles of an application, one of which is older, and CommonJS.

const folder = writeExamples('copies', {
  'entry.js': "export * from 'msi-credential';\nexport * from 'msi-credential/key-vault';\n",
});
const bundles = ['first.mjs', 'second.mjs'];
for (const name of bundles) {
  await build({
    entryPoints: [join(folder, 'entry.js')],
    outfile: join(folder, name),
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['@azure/*'],
    logLevel: 'error',
  });
}

const { resolve } = createRequire(import.meta.url);
const { version } = JSON.parse(readFileSync(resolve('msi-credential/package.json'), 'utf8'));
const ofOlderVersion = readFileSync(join(folder, 'first.mjs'), 'utf8').replaceAll(`"${version}"`, '"0.0.1"');
writeFileSync(join(folder, 'older.mjs'), ofOlderVersion);

const commonJs = join(resolve('msi-credential/package.json'), '../dist/index.cjs');
writeFileSync(
  join(folder, 'main.mjs'),
  `
const [copy, other] = await Promise.all([import(process.argv[2]), import(process.argv[3])]);
const scope = 'https://vault.azure.net/.default';
const ask = ({ getKeyVaultCredential }, options) => getKeyVaultCredential(options).getToken(scope);
await Promise.all([ask(copy), ask(other), ask(copy)]);
const failure = await ask(other, { env: { WEBSITE_SITE_NAME: 'x' } }).catch((error) => error);
// The first copy's I/O, as the second one reads what came of it.
const misled = { IDENTITY_ENDPOINT: process.env.NOT_HTTP, IDENTITY_HEADER: 'x' };
const refusal = await ask(other, { env: misled }).catch((error) => error);
const vault = other.KeyVaultError && (await other.getKeyVaultSecret('absent').catch((error) => error));
class Own extends copy.AuthenticationError {}
console.log(JSON.stringify({
  differ: copy.AuthenticationError !== other.AuthenticationError,
  unavailable: failure instanceof copy.CredentialUnavailableError,
  refused: [refusal.code, refusal instanceof copy.AuthenticationError],
  mixedUp: failure instanceof copy.AuthenticationError || refusal instanceof copy.CredentialUnavailableError,
  extended: [refusal instanceof Own, new Own('ERR_REFUSED', 'No.') instanceof Own],
  others: [new Error(), null, undefined, 1, {}].some((each) => each instanceof copy.AuthenticationError),
  vault: vault ? [vault.code, vault instanceof other.KeyVaultError, vault instanceof copy.KeyVaultError] : [],
  globals: Object.keys(globalThis).filter((name) => /msi/.test(name)),
}));
`,
);

test.each([
  ['of two bundles', 1, 'first.mjs', 'second.mjs'],
  ['of a bundle and the CommonJS build', 1, 'first.mjs', commonJs],
  ['of bundles of two versions, whose caches may differ inside', 2, 'first.mjs', 'older.mjs'],
])('callers %s: %i token requests, and `instanceof` knows the errors of either', async (_, requests, copy, other) => {
  await using local = await startLocal();
  const stranger = createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')).listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const { port } = stranger.address() as AddressInfo;
  const paths = [copy, other].map((path) => resolvePath(folder, path));
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'main.mjs'), ...paths], {
    env: { ...local.programVariables('app-service'), NOT_HTTP: `http://127.0.0.1:${port}/` },
  });
  stranger.close();
  expect([...local.requests].filter(({ service }) => service === 'managed-identity')).toHaveLength(requests);
  expect(JSON.parse(stdout)).toMatchObject({
    differ: true,
    unavailable: true,
    refused: ['ERR_RESPONSE_MALFORMED', true],
    mixedUp: false,
    extended: [false, true],
    others: false,
    vault: other === commonJs ? [] : ['KV_SECRET_NOT_FOUND', true, true],
    globals: [],
  });
});
