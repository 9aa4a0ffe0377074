// The key files of Azure Arc, on a real file system: whoever may write there must not make us read something else.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  promises,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { realIo } from './io.ts';

const windows = process.platform === 'win32';
const root = mkdtempSync(join(tmpdir(), 'trusted-'));
const tokens = join(root, 'tokens');
mkdirSync(tokens);
const at = (name: string) => join(tokens, name);
const read = (path: string) => realIo.readTrustedFile(path, 20);
afterAll(() => rmSync(root, { recursive: true }));

test('a file of its own is read, up to its limit', async () => {
  writeFileSync(at('a.key'), 'x'.repeat(20));
  await expect(read(at('a.key'))).resolves.toBe('x'.repeat(20));
});

describe.skipIf(windows)('is not read:', () => {
  writeFileSync(join(root, 'secret'), 'hunter2');
  test.each<[string, () => string]>([
    ['a link', () => linked(symlinkSync, 'link.key')],
    ['a hard link', () => linked(linkSync, 'hard.key')],
    [
      'a file in a linked folder',
      () => {
        writeFileSync(at('b.key'), 'x');
        symlinkSync(tokens, join(root, 'other'));
        return join(root, 'other', 'b.key');
      },
    ],
    ['a folder', () => root],
    ['a device', () => '/dev/zero'],
    [
      'a pipe that nobody writes to',
      () => {
        execFileSync('mkfifo', [at('pipe.key')]);
        return at('pipe.key');
      },
    ],
    [
      'a file that is too large',
      () => {
        writeFileSync(at('large.key'), 'x'.repeat(21));
        return at('large.key');
      },
    ],
  ])('%s', async (_, make) => {
    await expect(read(make())).rejects.toThrow(/link|name elsewhere|not a regular file|more than 20|ELOOP/);
  });

  function linked(link: (target: string, path: string) => void, name: string): string {
    link(join(root, 'secret'), at(name));
    return at(name);
  }

  test('a file that grows after it was looked at', async () => {
    writeFileSync(at('grows.key'), 'x');
    const { open } = promises;
    const opening = vi.spyOn(promises, 'open').mockImplementation(async (...given) => {
      const file = await open(...given);
      const stat = file.stat.bind(file);
      file.stat = (async () => {
        const seen = await stat();
        appendFileSync(at('grows.key'), 'y'.repeat(30));
        return seen;
      }) as typeof file.stat;
      return file;
    });
    await expect(read(at('grows.key'))).rejects.toThrow('more than 20 bytes');
    opening.mockRestore();
  });
});
