import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { type Local, startLocal } from 'msi-local';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { docsUrl } from '../packages/msi-credential/src/codes.ts';
import { problemsOf } from '../scripts/ready.ts';
import { claimingVersion } from './node-version.ts';
import { leaksIn, marker, secretsOf } from './secrets.ts';

// What somebody has who installed the package from the registry, or lets npx fetch it in a slim container.

const run = promisify(execFile);
const folderOf = (name: string) => fileURLToPath(new URL(`../packages/${name}/`, import.meta.url));
const packages = ['msi-credential', 'msi-local'] as const;

/** One row of `exports`, as far as it has conditions. */
interface Entry {
  readonly default?: string | { readonly types: string; readonly default: string };
}

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

let folder: string;
let local: Local;
const packed = new Map<string, Packed>();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'package-'));
  const flags = ['pack', '--json', '--offline', '--ignore-scripts', '--pack-destination', folder];
  // A cache of its own: npm is to find nothing there and to leave nothing elsewhere.
  const env = { ...process.env, npm_config_cache: join(folder, 'cache'), npm_config_update_notifier: 'false' };
  [local] = await Promise.all([
    startLocal({ secrets: { 'db-password': marker } }),
    ...packages.map(async (name) => {
      const { stdout } = await run('npm', flags, { cwd: folderOf(name), env, shell: process.platform === 'win32' });
      packed.set(name, (JSON.parse(stdout) as Packed[])[0] as Packed);
    }),
  ]);
});
afterAll(async () => {
  await local?.stop();
  rmSync(folder, { recursive: true });
});

const manifest = (name: string) => JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8'));

/** The most that a download may weigh, packed; about a fifth more than it did when this was written. */
const budgets: Readonly<Record<(typeof packages)[number], number>> = {
  'msi-credential': 400_000,
  'msi-local': 270_000,
};

describe.each(packages)('the tarball of %s', (name) => {
  const paths = () => packed.get(name)?.files.map(({ path }) => path) ?? [];

  test('has what is run and what is read, and nothing else', () => {
    const wanted =
      /^(README\.md|LICENSE|([\w-]+\/)?package\.json|bin\/[\w-]+\.js|dist\/([\w-]+\.(c?js|d\.c?ts)|THIRD-[\w-]+\.txt))$/;
    expect(paths().filter((path) => !wanted.test(path) || /\btest\b/.test(path))).toEqual([]);
    expect(paths()).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'dist/index.js', 'dist/index.cjs']));
  });

  test('has every file that its manifest leads to, and a command that can be executed', () => {
    expect(problemsOf(manifest(name), (path) => paths().includes(path))).toEqual([]);
    const command = packed.get(name)?.files.find(({ path }) => path === `bin/${name}.js`);
    expect((command?.mode ?? 0) & 0o111).toBe(0o111);
  });

  test.each([
    ['22.20.0', false],
    ['22.21.0', true],
  ])('on Node.js %s runs or says which it needs (%s)', async (version, enough) => {
    const command = join(folderOf(name), 'bin', `${name}.js`);
    const words = ['--import', claimingVersion(version), command, '--version'];
    const { stdout, stderr } = await run(process.execPath, words).catch((error) => error);
    const { version: own } = manifest(name);
    expect(stdout).toBe(enough ? `${own}\n` : '');
    expect(stderr).toMatch(enough ? /^$/ : /^.* needs Node\.js 22\.21, 24\.5 or later\. This is 22\.20\.0\./);
  });

  test('has the licence of the repository', () => {
    const licence = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
    expect(licence(`../packages/${name}/LICENSE`)).toBe(licence('../LICENSE'));
  });

  test('stays within its budget', () => {
    expect(packed.get(name)?.size).toBeLessThan(budgets[name]);
  });

  // V8 keeps a file as one byte for each letter, and as two from the first other letter on.
  test('has nothing but ASCII in its ES modules', () => {
    const modules = paths().filter((path) => path.startsWith('dist/') && path.endsWith('.js'));
    const others = modules.filter((path) => /[^\t\n -~]/.test(readFileSync(join(folderOf(name), path), 'utf8')));
    expect(others).toEqual([]);
  });

  test('gives publint and attw nothing to complain about', async () => {
    const tarball = readFileSync(join(folder, packed.get(name)?.filename ?? ''));
    const { messages } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer } });
    expect(messages).toEqual([]);
    // Only `node --import` loads it, and that takes ES modules.
    const excludeEntrypoints = ['./start'];
    const analysis = await checkPackage(createPackageFromTarballData(tarball), { excludeEntrypoints });
    expect(analysis).toMatchObject({ types: { kind: 'included' }, problems: [] });
  });

  test('is found by tools that do not read exports', () => {
    const { exports, main, types } = manifest(name) as { exports: Record<string, Entry>; main: string; types: string };
    for (const [subpath, { default: commonJs }] of Object.entries(exports)) {
      if (typeof commonJs !== 'object') continue;
      const where = join(folderOf(name), subpath);
      const found = subpath === '.' ? { main, types } : JSON.parse(readFileSync(join(where, 'package.json'), 'utf8'));
      expect([resolve(where, found.main), resolve(where, found.types)], subpath).toEqual([
        resolve(folderOf(name), commonJs.default),
        resolve(folderOf(name), commonJs.types),
      ]);
    }
  });

  test('leads to the repository whose documents the messages name', () => {
    const { repository, homepage, bugs } = manifest(name);
    const address = docsUrl.replace(/\/blob\/.*/, '');
    expect(repository).toEqual({ type: 'git', url: `git+${address}.git`, directory: `packages/${name}` });
    expect([homepage, bugs].filter((url) => !url.startsWith(address))).toEqual([]);
  });
});

describe('prepack', () => {
  const manifest = { main: './dist/index.cjs', exports: { '.': { default: './dist/index.js' } } };

  test.each([
    ['nothing is built', manifest, [], ['dist/index.cjs does not exist.', 'dist/index.js does not exist.']],
    [
      'only pnpm knows a range',
      { main: './a.cjs', dependencies: { a: 'catalog:', b: '^1.0.0' }, peerDependencies: { c: 'workspace:*' } },
      ['a.cjs'],
      ['a has the range catalog:.', 'c has the range workspace:*.'],
    ],
    ['all is well', manifest, ['dist/index.cjs', 'dist/index.js'], []],
  ])('where %s', (_, given, files: string[], problems) => {
    expect(problemsOf(given, (path) => files.includes(path))).toEqual(problems);
  });
});

/** Installs the tarball into a folder of its own, beside these packages and no others. */
async function install(where: string, dependencies: readonly string[]): Promise<string> {
  const modules = join(folder, where, 'node_modules');
  const own = join(modules, 'msi-credential');
  mkdirSync(own, { recursive: true });
  const tarball = packed.get('msi-credential')?.filename ?? '';
  const target = `${where}/node_modules/msi-credential`;
  await run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'], { cwd: folder });
  for (const name of dependencies) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(realpathSync(join(folderOf('msi-credential'), 'node_modules', name)), join(modules, name), 'junction');
  }
  return own;
}

type Host = Parameters<Local['variables']>[0];

/** Runs the installed command with nothing in its environment but what the host sets. */
async function on(host: Host, own: string, ...words: string[]) {
  const env = local.variables(host);
  const command = join(own, manifest('msi-credential').bin['msi-credential']);
  const ended = await run(process.execPath, [command, ...words], { cwd: dirname(own), env }).then(
    ({ stdout, stderr }) => ({ exitCode: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ exitCode: code as number, stdout: String(stdout), stderr: String(stderr) }),
  );
  const isToken = words[0] === 'token' && ended.exitCode === 0;
  expect(leaksIn((isToken ? '' : ended.stdout) + ended.stderr, secretsOf(local, env))).toEqual([]);
  return ended;
}

describe('unpacked beside its dependencies', () => {
  let own: string;
  beforeAll(async () => {
    own = await install('complete', Object.keys(manifest('msi-credential').dependencies));
  });

  test('explain says what is chosen', async () => {
    const { exitCode, stdout, stderr } = await on('app-service', own, 'explain', '--json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, selected: { source: 'app-service' } });
  });

  test('doctor walks to the secret', async () => {
    const { exitCode, stdout, stderr } = await on('app-service', own, 'doctor', '--secret', 'db-password');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/✓ permission[\s\S]*✓ secret[\s\S]*"db-password"[\s\S]*\n\nAll is well\.\n$/);
  });

  test.each<Host>(['app-service', 'service-principal', 'github-actions'])('token prints one on %s', async (host) => {
    const { exitCode, stdout, stderr } = await on(host, own, 'token');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(local.issued).toContain(stdout.trim());
  });
});

describe('alone, without any of its dependencies', () => {
  let own: string;
  beforeAll(async () => {
    own = await install('alone', []);
  });

  test.each<Host>(['app-service', 'functions', 'container-apps', 'vm', 'azure-ml', 'service-fabric', 'cloud-shell'])(
    'a managed identity gives its token on %s',
    async (host) => {
      const { exitCode, stdout, stderr } = await on(host, own, 'token');
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(local.issued).toContain(stdout.trim());
    },
  );

  test('doctor walks as far as it can, and says what is missing for the rest', async () => {
    const { exitCode, stdout } = await on('app-service', own, 'doctor', '--secret', 'db-password');
    expect(exitCode).toBeGreaterThan(0);
    expect(stdout).toMatch(/✓ tenant[\s\S]*✗ permission[\s\S]*npm install @azure\/keyvault-secrets/);
  });

  test('a refusal is explained, by a file that is read only then', async () => {
    const { exitCode, stderr } = await on('app-service', own, 'token', '--client-id', local.world.tenantId);
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/answered 400, Unable to load[\s\S]*az webapp identity assign[\s\S]*ERR_IDENTITY_NOT_FOUND/);
  });

  test('an application is told what is missing for its sign-in', async () => {
    const { exitCode, stderr } = await on('service-principal', own, 'token');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/npm install @azure\/identity[\s\S]*ERR_MODULE_MISSING/);
  });

  test('both doors of the library open', async () => {
    const script = `await import('msi-credential'); await import('msi-credential/key-vault'); console.log('open');`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: dirname(own),
      env: {},
    });
    expect(stdout).toBe('open\n');
  });
});

describe('its ways in', () => {
  let where: string;
  beforeAll(async () => {
    where = dirname(await install('ways-in', Object.keys(manifest('msi-credential').dependencies)));
  });

  /** Prints what a program in that folder finds. */
  async function printed(flags: readonly string[], script: string): Promise<unknown> {
    const { stdout } = await run(process.execPath, [...flags, '-e', script], { cwd: where, env: {} });
    return JSON.parse(stdout);
  }

  test('import and require give one instance in a process', async () => {
    const script = `import('msi-credential').then((imported) => console.log(JSON.stringify(
      [imported.getKeyVaultCredential === require('msi-credential').getKeyVaultCredential, require.resolve('msi-credential/key-vault')])))`;
    const [same, resolved] = (await printed(['--input-type=commonjs'], script)) as [boolean, string];
    expect(same).toBe(true);
    expect(resolved).toMatch(/key-vault\.js$/);
  });

  test('the CommonJS build has the same names, and one cache for its entries', async () => {
    const script = `const names = (all) => Object.keys(all).sort();
      Promise.all(['index', 'key-vault', 'checkup'].map(async (entry) => {
        const built = require('./msi-credential/dist/' + entry + '.cjs');
        const module = await import('./msi-credential/dist/' + entry + '.js');
        return [names(built), names(module)];
      })).then((pairs) => console.log(JSON.stringify({ pairs,
        caches: Object.keys(require.cache).filter((path) => require('fs').readFileSync(path, 'utf8').includes('function createTokenCache(')).length })))`;
    const { pairs, caches } = (await printed(['--input-type=commonjs'], script)) as {
      pairs: string[][][];
      caches: number;
    };
    for (const [built, module] of pairs) expect(built).toEqual(module);
    expect(caches).toBe(1);
  });

  test('the CommonJS build loads what it needs late by require, which Jest allows', () => {
    const files = packed.get('msi-credential')?.files.filter(({ path }) => path.endsWith('.cjs')) ?? [];
    const code = files.map(({ path }) => readFileSync(join(where, 'msi-credential', path), 'utf8')).join('\n');
    expect(code).toContain('require("@azure/identity")');
    expect(code).not.toMatch(/(?<![\w.'"`])import\(/);
  });
});
