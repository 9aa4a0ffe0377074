import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { realIo } from './io.ts';

const folder = mkdtempSync(join(tmpdir(), 'msi-program-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** Puts a script on PATH and runs it. */
function run(script: string, args: readonly string[] = [], timeoutMs = 20_000, signal = new AbortController().signal) {
  const path = join(folder, 'tool');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  return realIo.runProgram({ program: 'tool', args, signal, timeoutMs });
}

describe.skipIf(process.platform === 'win32')('a program is run, on a system with shell scripts,', () => {
  test.each([
    ['to its end', 'echo out; echo err >&2', { stdout: 'out\n', stderr: 'err\n' }],
    ['and may fail', 'echo err >&2; exit 3', { stdout: '', stderr: 'err\n' }],
    ['without anything to read', 'cat; echo end', { stdout: 'end\n', stderr: '' }],
  ])('%s', async (_, script, expected) => expect(await run(script)).toEqual(expected));

  test('with its arguments', async () => {
    const args = ['--resource', 'https://vault.azure.net/.default', '--tenant', 'contoso.com'];
    expect((await run('echo "$@"', args)).stdout).toBe(`${args.join(' ')}\n`);
  });

  test.each(['$(id)', 'a;b', 'a|b', 'a&b', '%PATH%', '"', "'", '`id`', 'a\nb'])(
    'but not with %j, which a shell would read',
    async (arg) => expect(await run('echo "$@"', [arg])).toEqual({ stdout: '', stderr: '' }),
  );

  test('not longer than it may take, whatever it has started itself', async () => {
    const begin = performance.now();
    await run('echo out; sleep 30 & wait', [], 300);
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  test('until nobody waits any more', async () => {
    const begin = performance.now();
    await run('sleep 30', [], 20_000, AbortSignal.timeout(300));
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  test('only if it is there', async () => {
    const { signal } = new AbortController();
    const output = await realIo.runProgram({ program: 'no-such-tool', args: [], signal, timeoutMs: 20_000 });
    expect(output).toEqual({ stdout: '', stderr: '' });
  });
});
