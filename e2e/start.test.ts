import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('.', import.meta.url));
/** So long `programs/late.js` blocks before it asks: what arrives meanwhile was sent before its first line. */
const busyMs = 300;
const vault = 'https://vault.azure.net';
const storage = 'https://storage.azure.com';

const givesToken: RequestListener = (_, response) => {
  const body = { access_token: 'a.b.c', expires_on: `${Math.floor(Date.now() / 1000) + 86_400}` };
  setTimeout(() => response.end(JSON.stringify(body)), 100);
};
const refuses: RequestListener = (_, response) => response.writeHead(400).end('{"error":"invalid_scope"}');
const hangs: RequestListener = () => {};

/** Runs `programs/late.js` with the start entry against an endpoint that behaves so. */
async function runLate(listener: RequestListener, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const requests: { readonly resource: string | null; readonly at: number }[] = [];
  const server = createServer((request, response) => {
    requests.push({ resource: new URL(request.url ?? '', 'http://x').searchParams.get('resource'), at: Date.now() });
    listener(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', 'msi-credential/start', 'programs/late.js', ...args],
    { cwd: folder, env: { PATH: process.env.PATH, IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: 'h', ...env } },
  );
  server.closeAllConnections();
  server.close();
  const lines = stdout.trim().split('\n');
  return { requests, begun: Number(lines.pop()), codes: lines, stderr };
}

const resources = (requests: readonly { readonly resource: string | null }[]) => requests.map((each) => each.resource);

describe('node --import msi-credential/start', () => {
  test("requests Key Vault's token before the program's first line; the program's getToken gets that one", async () => {
    const { requests, begun, stderr } = await runLate(givesToken);
    expect(resources(requests)).toEqual([vault, storage]);
    expect(requests[0]?.at).toBeLessThan(begun + busyMs);
    expect(requests[1]?.at).toBeGreaterThanOrEqual(begun + busyMs);
    expect(stderr).toBe('');
  });

  test.each([`${vault}/.default ${storage}/.default`, ` ${vault}/.default,\n${storage}/.default,`])(
    'requests the tokens that MSI_CREDENTIAL_START_SCOPES names: %j',
    async (scopes) => {
      const { requests, begun } = await runLate(givesToken, [], { MSI_CREDENTIAL_START_SCOPES: scopes });
      expect(resources(requests).sort()).toEqual([storage, vault]);
      expect(Math.min(...requests.map(({ at }) => at))).toBeLessThan(begun + busyMs);
    },
  );

  test('uses the vaults of the cloud that AZURE_AUTHORITY_HOST names', async () => {
    const env = { AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us' };
    const { requests } = await runLate(givesToken, ['never'], env);
    expect(resources(requests)).toEqual(['https://vault.usgovcloudapi.net']);
  });

  test("leaves a failure to the program's own call", async () => {
    const { codes, stderr } = await runLate(refuses);
    expect(codes).toHaveLength(2);
    expect(stderr).toBe('');
  });

  test('lets a program end that needs no token, even if the endpoint never answers', async () => {
    const { requests, stderr } = await runLate(hangs, ['never']);
    expect(resources(requests)).toEqual([vault]);
    expect(stderr).toBe('');
  });
});
