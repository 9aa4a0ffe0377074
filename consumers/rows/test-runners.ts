import { type Check, type Consumer, commonJs, json, type Library, ours } from '../consumer.ts';
import { recipesFor } from '../recipes.ts';

/** A test that reads the secret, in the words of Jest. */
const reads = (library: Library) => `
import { SecretClient } from '@azure/keyvault-secrets';
import { ${library.exported} } from '${library.name}';

test('reads the secret', async () => {
  const client = new SecretClient(String(process.env['KEY_VAULT_URL']), ${library.credential});
  const { value } = await client.getSecret('secret');
  process.stdout.write(\`The secret is \${value}.\\n\`);
});
`;

/** A test that replaces the whole library and names no replacement: Jest loads the real one to learn its shape. */
const mocks = (library: Library) => `
jest.mock('${library.name}');
const { ${library.exported} } = require('${library.name}');

test('is replaced', () => {
  expect(jest.isMockFunction(${library.exported})).toBe(true);
  ${library.credential};
  expect(${library.exported}).toHaveBeenCalledTimes(1);
  process.stdout.write('The secret is xyzzy.\\n');
});
`;

const tsconfig = json({
  compilerOptions: { module: 'commonjs', target: 'es2022', strict: true, skipLibCheck: false, isolatedModules: true },
});

function jest(version: string): readonly Check[] {
  const title = `Jest ${version}, CommonJS`;
  return [
    {
      title: `${title}: without a transform`,
      files: (library) => ({
        'package.json': json({ jest: { transform: {} } }),
        'main.test.js': `${commonJs(library).replace(/\nmain\(\)[\s\S]*/, '')}\ntest('reads the secret', main);\n`,
      }),
      run: 'jest --silent=false',
    },
    {
      title: `${title}: ts-jest`,
      files: (library) => ({
        'package.json': json({ jest: { preset: 'ts-jest', testEnvironment: 'node' } }),
        'tsconfig.json': tsconfig,
        'main.test.ts': reads(library),
      }),
      run: 'jest',
    },
    {
      title: `${title}: Babel`,
      files: (library) => ({
        'package.json': json({ babel: { presets: [['@babel/preset-env', { targets: { node: 'current' } }]] } }),
        'main.test.js': reads(library),
      }),
      run: 'jest',
    },
    {
      title: `${title}: swc`,
      files: (library) => ({
        'package.json': json({ jest: { transform: { '^.+\\.[jt]s$': '@swc/jest' } } }),
        '.swcrc': json({ module: { type: 'commonjs' } }),
        'main.test.js': reads(library),
      }),
      run: 'jest',
    },
    {
      title: `${title}: \`jest.mock\` without a factory`,
      files: (library) => ({ 'package.json': json({ jest: { transform: {} } }), 'main.test.js': mocks(library) }),
      run: 'jest',
    },
    {
      title: `${title}: the recipes of docs/testing.md`,
      files: (library) => ({
        'package.json': json({ jest: { transform: {} } }),
        ...(library === ours && recipesFor('jest')),
      }),
      run: "jest && echo 'The secret is xyzzy.'",
    },
    {
      title: `Jest ${version}, ES modules (\`--experimental-vm-modules\`)`,
      files: (library) => ({
        'package.json': json({ type: 'module', jest: { transform: {} } }),
        'main.test.js': reads(library),
      }),
      run: 'node --experimental-vm-modules ../node_modules/jest/bin/jest.js',
    },
  ];
}

const transforms = {
  typescript: '5.9.3',
  'ts-jest': '29.4.15',
  '@babel/core': '7.29.13',
  '@babel/preset-env': '7.29.14',
  '@swc/core': '1.16.22',
  '@swc/jest': '0.2.39',
  '@types/node': '22.20.5',
};

export const testRunners: readonly Consumer[] = [
  { name: 'jest-29', packages: { jest: '29.7.0', '@types/jest': '29.5.14', ...transforms }, checks: jest('29.7.0') },
  { name: 'jest-30', packages: { jest: '30.5.2', '@types/jest': '30.0.0', ...transforms }, checks: jest('30.5.2') },
  {
    name: 'vitest',
    packages: { vitest: '5.1.1', vite: '8.3.8' },
    checks: [
      {
        title: 'vitest 5.1.1',
        files: (library) => ({
          'package.json': json({ type: 'module' }),
          'main.test.js': `import { test } from 'vitest';\n${reads(library)}`,
        }),
        run: 'vitest run --root .',
      },
      {
        title: 'vitest 5.1.1: `vi.mock` without a factory',
        files: (library) => ({
          'package.json': json({ type: 'module' }),
          'main.test.js': `
import { ${library.exported} } from '${library.name}';
import { expect, test, vi } from 'vitest';
vi.mock('${library.name}');
test('is replaced', () => {
  ${library.credential};
  expect(${library.exported}).toHaveBeenCalledTimes(1);
  console.log('The secret is xyzzy.');
});
`,
        }),
        run: 'vitest run --root .',
      },
    ],
  },
  {
    name: 'node-test',
    checks: [
      {
        title: 'node:test',
        files: (library) => ({ 'main.test.mjs': `import { test } from 'node:test';\n${reads(library)}` }),
        run: 'node --test',
      },
    ],
  },
  {
    name: 'nest-10',
    packages: {
      '@nestjs/core': '10.4.20',
      '@nestjs/common': '10.4.20',
      '@nestjs/testing': '10.4.20',
      'reflect-metadata': '0.2.2',
      rxjs: '7.8.2',
      jest: '29.7.0',
      '@types/jest': '29.5.14',
      'ts-jest': '29.4.15',
      typescript: '5.9.3',
      '@types/node': '22.20.5',
    },
    checks: [
      {
        title: "Nest 10.4.20, its template's settings: compiled and run",
        files: nest,
        build: 'tsc -p .',
        run: 'node dist/main.js',
      },
      { title: "Nest 10.4.20, its template's settings: Jest", files: nest, run: 'jest' },
    ],
  },
];

/** The settings are those that `nest new` wrote for Nest 10. */
function nest(library: Library): Record<string, string> {
  return {
    'package.json': json({
      name: 'app',
      jest: {
        moduleFileExtensions: ['js', 'json', 'ts'],
        rootDir: 'src',
        testRegex: '.*\\.spec\\.ts$',
        transform: { '^.+\\.(t|j)s$': 'ts-jest' },
        testEnvironment: 'node',
      },
    }),
    'tsconfig.json': json({
      compilerOptions: {
        module: 'commonjs',
        declaration: true,
        removeComments: true,
        emitDecoratorMetadata: true,
        experimentalDecorators: true,
        allowSyntheticDefaultImports: true,
        target: 'ES2021',
        sourceMap: true,
        outDir: './dist',
        baseUrl: './',
        incremental: true,
        skipLibCheck: true,
      },
      include: ['src'],
    }),
    'src/app.service.ts': `
import { SecretClient } from '@azure/keyvault-secrets';
import { Injectable, Module } from '@nestjs/common';
import { ${library.exported} } from '${library.name}';

@Injectable()
export class AppService {
  private readonly client = new SecretClient(process.env.KEY_VAULT_URL, ${library.credential});
  async secret(): Promise<string> {
    return \`The secret is \${(await this.client.getSecret('secret')).value}.\\n\`;
  }
}

@Module({ providers: [AppService] })
export class AppModule {}
`,
    'src/main.ts': `
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule, AppService } from './app.service';

async function bootstrap() {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  console.log(await app.get(AppService).secret());
}
bootstrap();
`,
    'src/app.service.spec.ts': `
import 'reflect-metadata';
import { Test } from '@nestjs/testing';
import { AppService } from './app.service';

describe('AppService', () => {
  it('reads the secret', async () => {
    const app = await Test.createTestingModule({ providers: [AppService] }).compile();
    process.stdout.write(await app.get(AppService).secret());
  });
});
`,
  };
}
