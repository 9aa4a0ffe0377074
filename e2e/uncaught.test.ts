import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('programs/uncaught.js', import.meta.url));

// A pipe holds 64 KiB: what a process writes beyond that is lost when nobody reads in time.
describe.skipIf(process.platform === 'win32')('an error that nobody catches, through a pipe that is read late', () => {
  test.concurrent.each([
    ['no-identity', 'CredentialUnavailableError', 'ERR_HOST_WITHOUT_IDENTITY'],
    ['no-source', 'CredentialUnavailableError', 'ERR_NO_SOURCE'],
    ['unreachable', 'AuthenticationError', 'ERR_UNREACHABLE'],
    ['refused', 'AuthenticationError', 'ERR_IDENTITY_NOT_FOUND'],
    ['misuse', 'TypeError', 'ERR_OPTION_INVALID'],
  ])(
    '%s: the message is there, in at most 2,000 bytes, with names that a person can read',
    async (mode, name, code) => {
      const line = `"${process.execPath}" "${program}" ${mode} 2>&1 | (sleep 1; cat)`;
      const { stdout } = await promisify(execFile)('sh', ['-c', line]);
      expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(2_000);
      expect(stdout).toMatch(new RegExp(`^${name}: .*\\[${code}, https://`, 'm'));
      expect(stdout).toMatch(/at (async )?(credentialError|explainedTypeError|networkError|errorOf) /);
      expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThan(600);
    },
  );

  test('the class has the name that people see', async () => {
    const script = "import('msi-credential').then(({ AuthenticationError }) => console.log(AuthenticationError.name))";
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    });
    expect(stdout.trim()).toBe('AuthenticationError');
  });
});
