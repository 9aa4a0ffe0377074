import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startLocal } from 'msi-local';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('programs/give-up.js', import.meta.url));
/** Longer than the programs are given. */
const pause = { status: 429, body: {}, headers: { 'retry-after': '50' } };

// @azure/identity waits, and holds its sockets, whatever its caller's signal says; the process would not end.
test.concurrent.each([
  ['service-principal', 'entra', 'that asks for a pause', pause],
  ['service-principal', 'entra', 'that does not answer', { connection: 'hang' }],
  ['aks', 'entra', 'that asks for a pause', pause],
  ['app-service', 'managed-identity', 'that asks for a pause', pause],
  ['app-service', 'managed-identity', 'that does not answer', { connection: 'hang' }],
] as const)('as %s, a program ends soon after its deadline with %s %s', async (host, service, _, fault) => {
  await using local = await startLocal();
  local.faults.add({ service, times: 99, ...fault });
  const env = { ...process.env, ...local.programVariables(host) };
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env, timeout: 20_000 });
  expect(JSON.parse(stdout)).toMatchObject({ code: 'ERR_TIMEOUT', message: expect.stringContaining('300 ms') });
});
