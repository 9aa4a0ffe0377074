import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Local, startLocal } from 'msi-local';
import { afterAll, describe, expect, test } from 'vitest';

// What keeps a process alive: somebody who waits for a token, whatever a test has done to the timers, and nothing else.

const program = fileURLToPath(new URL('programs/pending.js', import.meta.url));
const run = async (args: readonly string[], env: NodeJS.ProcessEnv) => {
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { env, timeout: 25_000 });
  return stdout;
};

const folder = mkdtempSync(join(tmpdir(), 'pending-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An Azure CLI that takes its time. */
function slowCli(local: Local): NodeJS.ProcessEnv {
  const answer = { accessToken: local.issueToken(), expires_on: Math.floor(Date.now() / 1000) + 3_600 };
  writeFileSync(join(folder, 'az'), `#!/bin/sh\nsleep 0.3\necho '${JSON.stringify(answer)}'\n`);
  chmodSync(join(folder, 'az'), 0o755);
  return { ...process.env, AZURE_TOKEN_CREDENTIALS: 'dev', PATH: [folder, process.env.PATH].join(delimiter) };
}

const slow = { delayMs: 300 };
const busy = { status: 503, headers: { 'retry-after': '1' } };

describe('who waits for a token', () => {
  test.concurrent.each([
    ['mocked', 'a slow endpoint', 'app-service', 'managed-identity', slow],
    ['dead', 'a slow endpoint', 'app-service', 'managed-identity', slow],
    ['mocked', 'the pause before the next try', 'app-service', 'managed-identity', busy],
    ['mocked', 'a slow Entra', 'service-principal', 'entra', slow],
    ['dead', 'a slow Entra', 'service-principal', 'entra', slow],
    ['mocked', 'the pause of @azure/identity', 'service-principal', 'entra', busy],
    ['mocked', 'a slow build service', 'github-actions', 'oidc', slow],
  ] as const)('keeps the process alive, with %s timers: %s', async (timers, _, host, service, fault) => {
    await using local = await startLocal();
    local.faults.add({ service, ...fault });
    expect(await run([timers], local.programVariables(host))).toBe('3 parts\n');
  });

  test.skipIf(process.platform === 'win32').concurrent.each(['mocked', 'dead'])(
    'keeps the process alive, with %s timers: a slow tool',
    async (timers) => {
      await using local = await startLocal();
      expect(await run([timers], slowCli(local))).toBe('3 parts\n');
    },
  );
});

describe('a refresh in the background', () => {
  test.concurrent.each([
    ['app-service', 'managed-identity'],
    ['service-principal', 'entra'],
    ['aks', 'entra'],
  ] as const)('does not keep the process alive: %s', async (host, service) => {
    await using local = await startLocal();
    const path = '/token';
    local.faults.add({ service, path, delayMs: 0 });
    local.faults.add({ service, path, times: 99, connection: 'hang' });
    // The refresh would go on for 150 s.
    const stdout = await run(['real', 'later'], local.programVariables(host));
    expect(stdout).toBe('the same token\n1 refresh\n3 parts\n');
  });
});

test('each worker thread has a cache of its own, and stays alive while it waits', async () => {
  await using local = await startLocal();
  local.faults.add({ service: 'managed-identity', times: 9, ...slow });
  const workers = fileURLToPath(new URL('programs/workers.js', import.meta.url));
  const env = local.programVariables('app-service');
  const { stdout } = await promisify(execFile)(process.execPath, [workers], { env, timeout: 25_000 });
  expect(stdout).toBe("[ 'a token', 'a token' ]\n");
  expect([...local.requests].filter(({ service }) => service === 'managed-identity')).toHaveLength(3);
});
