import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { errorCodes, misuseCodes, warningCodes } from '../packages/msi-credential/src/codes.ts';
import { aadstsNumbers, explainAadsts } from '../packages/msi-credential/src/failures/aadsts.ts';
import { sources } from '../packages/msi-credential/src/sources/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = globSync(['*.md', 'docs/**/*.md', 'protocols/*.md', 'packages/*/*.md'], { cwd: root }).filter(
  (path) => !path.includes('node_modules'),
);
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const code = globSync('packages/*/src/**/*.ts', { cwd: root }).map(read).join('\n');

describe('README', () => {
  test("lists the sources in the library's own order", () => {
    const rows = [...read('README.md').matchAll(/^\| `([a-z-]+)` \|/gm)].map((row) => row[1]);
    expect(rows).toEqual(sources.map(({ name }) => name));
  });

  test('stays short enough to be an index', () => {
    expect(read('README.md').split('\n').length).toBeLessThan(150);
  });
});

describe.each(documents)('%s', (path) => {
  const text = read(path);

  test('names only variables and codes that the code knows', () => {
    const names = new Set(
      [...text.matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`/g)].map((match) => match[1] ?? ''),
    );
    const unknown = [...names].filter((name) => !code.includes(name) && !errorCodes.includes(name as never));
    expect(unknown).toEqual([]);
  });

  test('links only to what is there', () => {
    const targets = [...text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
    expect(targets.filter((target) => !existsSync(join(root, dirname(path), target)))).toEqual([]);
  });
});

// An engineer at 3 a.m. finds the same four things at the same place.
describe.each(['docs/troubleshooting.md', 'docs/key-vault.md'])('%s has for each heading', (path) => {
  const sections = read(path).split(/^### /m).slice(1);
  test.each(sections.map((section) => [section.split('\n')[0] ?? '', section]))('%s', (_, section) => {
    const found = [...section.matchAll(/^- (Symptom|Meaning|Fix|Verify)[^:]*: /gm)].map((match) => match[1]);
    expect(found).toEqual(['Symptom', 'Meaning', 'Fix', 'Verify']);
  });
});

test('docs/troubleshooting.md has a heading for each source and code, in their order, and what to do for each number of Entra', () => {
  const text = read('docs/troubleshooting.md');
  const headings = [...text.matchAll(/^### (.+)$/gm)].map((match) => match[1]);
  expect(headings).toEqual([...sources.map(({ name }) => name), ...errorCodes, ...misuseCodes, ...warningCodes]);
  const rows = [...text.matchAll(/^\| (\d+) \| (.+) \| (.+) \| (.+) \|$/gm)].map(([, number, meaning]) => [
    number,
    meaning,
  ]);
  expect(rows).toEqual(aadstsNumbers.map((number) => [number, explainAadsts(number)?.meaning]));
});

test('every TypeScript example in the documents compiles', async () => {
  const folder = join(root, 'e2e/.tmp/examples');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let count = 0;
  for (const path of documents) {
    for (const [, example = ''] of read(path).matchAll(/```ts\n([\s\S]*?)```/g)) {
      count += 1;
      writeFileSync(join(folder, `example-${count}.ts`), `${example}\nexport {};\n`);
    }
  }
  const config = {
    extends: '../../../tsconfig.base.json',
    compilerOptions: { noEmit: true, noUnusedLocals: false },
    include: ['*.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  expect(count).toBeGreaterThan(0);
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch((error) => error);
  expect(stdout).toBe('');
});

test('the library can be required as well as imported', async () => {
  const program = `const { diagnose } = require('msi-credential'); console.log(diagnose({ env: {} }).version)`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], { cwd: join(root, 'e2e') });
  expect(stdout.trim()).toBe('1');
});
