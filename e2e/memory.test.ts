import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('of the secrets that a host has renewed only the last one is in memory', async () => {
  const program = fileURLToPath(new URL('programs/rotate.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  expect(JSON.parse(stdout)).toEqual(['renewed-secret-10']);
});
