import { type Check, type Consumer, esModule, json } from '../consumer.ts';

interface Resolution {
  readonly title: string;
  readonly type: 'module' | 'commonjs';
  readonly options: Readonly<Record<string, unknown>>;
}

const resolutions: Readonly<Record<string, Resolution>> = {
  node10: {
    title: '`module: commonjs`, `moduleResolution: node10`',
    type: 'commonjs',
    options: { module: 'commonjs', moduleResolution: 'node10' },
  },
  commonjs: { title: '`module: commonjs` alone', type: 'commonjs', options: { module: 'commonjs' } },
  node16: { title: '`module: node16`, ES modules', type: 'module', options: { module: 'node16' } },
  nodenext: { title: '`module: nodenext`, ES modules', type: 'module', options: { module: 'nodenext' } },
  nodenextCommonJs: { title: '`module: nodenext`, CommonJS', type: 'commonjs', options: { module: 'nodenext' } },
  bundler: {
    title: '`moduleResolution: bundler`',
    type: 'module',
    options: { module: 'esnext', moduleResolution: 'bundler' },
  },
};

/** Checks the declarations of all packages, too, and runs what the compiler wrote. */
function compiled(version: string, { title, type, options }: Resolution, more: object = {}): Check {
  return {
    title: `TypeScript ${version}: ${title}`,
    files: (library) => ({
      'package.json': json({ type }),
      'tsconfig.json': json({
        compilerOptions: {
          target: 'es2022',
          strict: true,
          skipLibCheck: false,
          outDir: 'out',
          rootDir: '.',
          types: ['node'],
          ...options,
          ...more,
        },
        files: ['main.ts'],
      }),
      'main.ts': esModule(library),
    }),
    build: 'tsc -p .',
    run: 'node out/main.js',
  };
}

function compiler(version: string, checks: readonly Check[]): Consumer {
  return { name: `typescript-${version}`, packages: { typescript: version, '@types/node': '22.20.5' }, checks };
}

const { node10, commonjs, node16, nodenext, nodenextCommonJs, bundler } = resolutions as Record<string, Resolution>;
const all = [node10, commonjs, node16, nodenext, nodenextCommonJs, bundler] as Resolution[];
// TypeScript 6 wants a word before it still resolves as Node.js 10 did, and TypeScript 7 no longer does.
const withoutNode10 = all.filter((resolution) => resolution !== node10);

export const typescript: readonly Consumer[] = [
  compiler(
    '5.4.5',
    all.map((resolution) => compiled('5.4.5', resolution)),
  ),
  compiler(
    '5.9.3',
    all.map((resolution) => compiled('5.9.3', resolution)),
  ),
  compiler('6.0.3', [
    compiled('6.0.3', node10 as Resolution, { ignoreDeprecations: '6.0' }),
    ...withoutNode10.map((resolution) => compiled('6.0.3', resolution)),
  ]),
  compiler(
    '7.0.2',
    withoutNode10.map((resolution) => compiled('7.0.2', resolution)),
  ),
  {
    name: 'ts-node',
    packages: { typescript: '5.9.3', 'ts-node': '10.9.2', '@types/node': '22.20.5' },
    checks: [
      {
        title: 'ts-node 10.9.2: CommonJS',
        files: (library) => ({
          'package.json': json({ type: 'commonjs' }),
          'tsconfig.json': json({ compilerOptions: { module: 'commonjs', strict: true, target: 'es2022' } }),
          'main.ts': esModule(library),
        }),
        run: 'ts-node main.ts',
      },
    ],
  },
  {
    name: 'tsx',
    packages: { tsx: '4.23.15' },
    checks: (['module', 'commonjs'] as const).map((type) => ({
      title: `tsx 4.23.15: ${type === 'module' ? 'ES module' : 'CommonJS'}`,
      files: (library) => ({ 'package.json': json({ type }), 'main.ts': esModule(library) }),
      run: 'tsx main.ts',
    })),
  },
  {
    name: 'eslint-plugin-import',
    packages: { eslint: '9.39.1', 'eslint-plugin-import': '2.32.0' },
    checks: [
      {
        title: 'eslint-plugin-import 2.32.0 with its default resolver',
        files: (library) => ({
          'eslint.config.mjs': `
import plugin from 'eslint-plugin-import';
export default [
  plugin.flatConfigs.errors,
  { languageOptions: { ecmaVersion: 2024, sourceType: 'module' }, rules: { 'import/no-unresolved': 'error', 'import/named': 'error' } },
];
`,
          'main.mjs': esModule(library),
        }),
        build: 'eslint main.mjs',
        run: 'node main.mjs',
      },
    ],
  },
];
