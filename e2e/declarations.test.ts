import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// What a compiler reads for one import. Flat files: one per entry, which imports nothing of ours and little of others.

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const read = (file: string) => readFileSync(join(root, 'packages', file), 'utf8');

const entries = [
  ['msi-credential/dist/index', ['@azure/core-auth']],
  ['msi-credential/dist/key-vault', ['@azure/core-auth']],
  ['msi-credential/dist/checkup', ['@azure/core-auth']],
  ['msi-local/dist/index', []],
] as const;

/** Every module that a declaration file names. */
const modulesIn = (text: string) => [
  ...new Set([...text.matchAll(/(?:\bfrom |\bimport\()\s*['"]([^'"]+)['"]/g)].map(([, module = '']) => module)),
];

/** Without comments, whose examples name modules and texts. */
const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '');

test.each(entries)('%s.d.ts imports %j and nothing else', (entry, modules) => {
  const text = read(`${entry}.d.ts`);
  expect(modulesIn(withoutComments(text))).toEqual(modules);
  expect(read(`${entry}.d.cts`)).toBe(text);
});

test.each(entries)('%s.d.ts compiles on its own, with every library checked and no types of Node', async (entry) => {
  const folder = mkdtempSync(join(tmpdir(), 'declarations-'));
  const config = {
    compilerOptions: {
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: [],
      lib: ['es2022', 'dom', 'esnext.disposable'],
    },
    files: [join(root, 'packages', `${entry}.d.ts`)],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const flags = ['-p', folder, '--module', 'nodenext', '--listFiles'];
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, ...flags]).catch((error) => error);
  rmSync(folder, { recursive: true });
  expect(stdout).not.toMatch(/error TS/);
  expect(stdout).toContain(`${entry}.d.ts`);
  expect(stdout).not.toMatch(/@azure\+?\/?(msal|identity|keyvault)/);
});

/** Names that lists of codes are computed from; they are no part of a signature. */
const computed = /^(table(\$\d)?|CodeOf|warningCodes|exitCodes|permissionNames)$/;

test.each(entries)('%s.d.ts exports every type that it declares', (entry) => {
  const text = withoutComments(read(`${entry}.d.ts`));
  const declared = [...text.matchAll(/^(?:declare )?(?:abstract )?(?:class|const|function|interface|type) ([\w$]+)/gm)];
  const exported = new Set(
    /^export(?: type)? \{([^}]*)\};?$/m
      .exec(text)?.[1]
      ?.split(',')
      .map((name) => name.trim()),
  );
  const hidden = declared.flatMap(([, name = '']) => (exported.has(name) || computed.test(name) ? [] : [name]));
  expect(hidden).toEqual([]);
});

test.each(entries)('%s.d.ts holds no wording: to reword a hint must not change the types', (entry) => {
  const literals = withoutComments(read(`${entry}.d.ts`)).match(/'[^'\n]*'|"[^"\n]*"/g) ?? [];
  expect(literals.filter((literal) => literal.includes(' '))).toEqual([]);
});
