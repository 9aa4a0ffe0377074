import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CredentialOptions } from 'msi-credential';
import * as library from 'msi-credential';
import * as keyVault from 'msi-credential/key-vault';
import { describe, expect, test } from 'vitest';
import { errorCodes, misuseCodes, warningCodes } from '../packages/msi-credential/src/codes.ts';
import { aadstsNumbers, explainAadsts } from '../packages/msi-credential/src/failures/aadsts.ts';
import { sources } from '../packages/msi-credential/src/sources/index.ts';
import { compile, writeExamples } from './examples.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = globSync(['*.md', 'docs/**/*.md', 'protocols/*.md', 'packages/*/*.md'], { cwd: root }).filter(
  (path) => !path.includes('node_modules'),
);
const read = (path: string) => readFileSync(join(root, path), 'utf8');
/** The anchors of a document's headings, as GitHub makes them: a heading that comes again gets a number. */
const anchorsIn = (path: string): readonly unknown[] => {
  const seen = new Map<string, number>();
  const named = [...read(path).matchAll(/<a id="([^"]+)"/g)].map(([, id]) => id);
  const headings = [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
  return [...named, ...headings];
};
const code = globSync(['packages/*/src/**/*.ts', 'bench/*.ts'], { cwd: root }).map(read).join('\n');

describe('README', () => {
  const text = read('README.md');
  /** The names at the start of the rows under a heading. */
  const rowsUnder = (heading: string) => {
    const [, section = ''] = text.split(`\n## ${heading}\n`);
    return [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `([\w-]+)` \|/gm)].map((row) => row[1]);
  };

  test("lists the sources in the library's own order", () => {
    expect(rowsUnder('Where tokens come from')).toEqual(sources.map(({ name }) => name));
  });

  test('lists every option', () => {
    // The compiler wants each one here.
    const options: Record<keyof CredentialOptions, true> = {
      clientId: true,
      objectId: true,
      resourceId: true,
      tenantId: true,
      authorityHost: true,
      additionallyAllowedTenants: true,
      federatedCredential: true,
      source: true,
      env: true,
      timeoutMs: true,
    };
    expect(rowsUnder('Options')).toEqual(Object.keys(options));
  });

  test.each([['msi-credential', library] as const, ['msi-credential/key-vault', keyVault] as const])(
    'names everything that %s exports',
    (_, entry) => {
      expect(Object.keys(entry).filter((name) => !text.includes(name))).toEqual([]);
    },
  );

  test('stays short enough to be an index', () => {
    expect(text.split('\n').length).toBeLessThan(200);
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
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
    const broken = links.filter(([, target = '', anchor]) => {
      const file = join(dirname(path), target || basename(path));
      return !existsSync(join(root, file)) || (anchor !== undefined && !anchorsIn(file).includes(anchor));
    });
    expect(broken.map(([link]) => link)).toEqual([]);
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
  // The reference shows signatures, which are no programs.
  const written = documents.filter((path) => !path.startsWith('docs/api/'));
  const examples = written.flatMap((path) => [...read(path).matchAll(/```ts\n([\s\S]*?)```/g)]);
  const programs = examples.map(([, example], index) => [`example-${index + 1}.ts`, `${example}\nexport {};\n`]);
  expect(programs.length).toBeGreaterThan(0);
  expect(await compile(writeExamples('examples', Object.fromEntries(programs)))).toBe('');
});

test('the library can be required as well as imported', async () => {
  const program = `const { diagnose } = require('msi-credential'); console.log(diagnose({ env: {} }).version)`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], { cwd: join(root, 'e2e') });
  expect(stdout.trim()).toBe('1');
});
