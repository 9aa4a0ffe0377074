import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runLocal } from './run-local.ts';

// The program is the one that conformance/ runs with the real packages. Here, where they are not installed, programs of
// their names make the same requests: those packages would bring some seventy others into this repository.
const packages = { NODE_PATH: fileURLToPath(new URL('programs/older-sdk', import.meta.url)) };

test.concurrent.each([
  ['app-service', []],
  ['app-service-2017', []],
  ['app-service-2017', ['--windows']],
  ['functions', []],
  ['service-principal', []],
])("an app made after Azure's sample for Key Vault reads its secret as %s %j", async (host, flags) => {
  const program = ['../../conformance/programs/js/sample.cjs'];
  const { stdout, stderr } = await runLocal(['--as', host, ...flags, '--secret', 'secret=hello'], program, packages);
  expect(stdout, stderr).toBe('The secret is hello\n');
});

test("and says so in Azure's words where it may not", async () => {
  const program = ['../../conformance/programs/js/sample.cjs'];
  const { exitCode, stderr } = await runLocal(['--deny', '--secret', 'secret=hello'], program, packages);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('Caller is not authorized to perform action on resource.');
});
