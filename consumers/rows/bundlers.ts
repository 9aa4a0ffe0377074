import { azure, type Check, type Consumer, commonJs, esModule, json } from '../consumer.ts';

// CommonJS packages inside an ES module bundle ask for Node's own modules by `require`.
const banner = "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

const esbuild: readonly Check[] = [
  {
    title: 'esbuild 0.28.2: ES module',
    files: (library) => ({ 'main.mjs': esModule(library) }),
    build: `esbuild main.mjs --bundle --platform=node --format=esm --outfile=out.mjs "--banner:js=${banner}"`,
    run: 'node out.mjs',
  },
  {
    title: 'esbuild 0.28.2: CommonJS, minified',
    files: (library) => ({ 'main.mjs': esModule(library) }),
    build: 'esbuild main.mjs --bundle --minify --platform=node --outfile=out.cjs',
    run: 'node out.cjs',
  },
];

const webpackConfig = (format: 'module' | 'commonjs') => `
module.exports = {
  mode: 'production',
  target: 'node22',
  entry: './main.mjs',
  ${format === 'module' ? `experiments: { outputModule: true },` : ''}
  output: { path: __dirname, filename: 'out.${format === 'module' ? 'mjs' : 'cjs'}', library: { type: '${format}' } },
};
`;

const parcelInside = {
  name: 'app',
  engines: { node: '>=22' },
  targets: { default: { context: 'node', includeNodeModules: true, outputFormat: 'commonjs' } },
};

export const bundlers: readonly Consumer[] = [
  { name: 'esbuild', packages: { esbuild: '0.28.2' }, checks: esbuild },
  {
    name: 'rollup',
    packages: {
      rollup: '4.68.8',
      '@rollup/plugin-node-resolve': '16.0.3',
      '@rollup/plugin-commonjs': '29.0.3',
      '@rollup/plugin-json': '6.1.0',
    },
    checks: (['es', 'cjs'] as const).map((format) => ({
      title: `Rollup 4.68.8: ${format === 'es' ? 'ES module' : 'CommonJS'}`,
      files: (library) => ({
        'rollup.config.mjs': `
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import resolve from '@rollup/plugin-node-resolve';
export default {
  input: 'main.mjs',
  output: { dir: 'out', format: '${format}', entryFileNames: '[name].${format === 'es' ? 'mjs' : 'cjs'}', chunkFileNames: '[name].${format === 'es' ? 'mjs' : 'cjs'}' },
  plugins: [resolve({ preferBuiltins: true, exportConditions: ['node'] }), commonjs(), json()],
};
`,
        'main.mjs': esModule(library),
      }),
      build: 'rollup --config --silent',
      run: `node out/main.${format === 'es' ? 'mjs' : 'cjs'}`,
    })),
  },
  {
    name: 'webpack',
    packages: { webpack: '5.112.1', 'webpack-cli': '7.3.1' },
    checks: (['module', 'commonjs'] as const).map((format) => ({
      title: `webpack 5.112.1: ${format === 'module' ? 'ES module' : 'CommonJS'}`,
      files: (library) => ({ 'webpack.config.cjs': webpackConfig(format), 'main.mjs': esModule(library) }),
      build: 'webpack --config webpack.config.cjs',
      run: `node out.${format === 'module' ? 'mjs' : 'cjs'}`,
    })),
  },
  {
    name: 'parcel',
    packages: { parcel: '2.16.4' },
    checks: [
      {
        title: 'Parcel 2.16.4 with its defaults for Node.js',
        files: (library) => ({
          'package.json': json({ name: 'app', engines: { node: '>=22' } }),
          'main.js': esModule(library),
        }),
        build: 'parcel build main.js --dist-dir out --no-cache --no-source-maps',
        run: 'node out/main.js',
      },
      {
        title: 'Parcel 2.16.4 with everything inside',
        files: (library) => ({ 'package.json': json(parcelInside), 'main.js': esModule(library) }),
        build: 'parcel build main.js --dist-dir out --no-cache --no-source-maps',
        run: 'node out/main.js',
        limit: 'Parcel reads no `exports` unless it is told to; packages of Azure need them. See the next row.',
      },
      {
        title: 'Parcel 2.16.4 with everything inside and `packageExports`',
        files: (library) => ({
          'package.json': json({ ...parcelInside, '@parcel/resolver-default': { packageExports: true } }),
          'main.js': esModule(library),
        }),
        build: 'parcel build main.js --dist-dir out --no-cache --no-source-maps',
        run: 'node out/main.js',
      },
    ],
  },
  {
    name: 'vite',
    packages: { vite: '8.3.8' },
    checks: [
      {
        title: 'Vite 8.3.8: SSR, dependencies outside',
        files: (library) => ({ 'package.json': json({ type: 'module' }), 'main.js': esModule(library) }),
        build: 'vite build --ssr main.js --outDir out --logLevel warn',
        run: 'node out/main.js',
      },
      {
        title: 'Vite 8.3.8: SSR, everything inside (`ssr.noExternal`)',
        files: (library) => ({
          'package.json': json({ type: 'module' }),
          'vite.config.js': 'export default { ssr: { noExternal: true, target: "node" } };\n',
          'main.js': esModule(library),
        }),
        build: 'vite build --ssr main.js --outDir out --logLevel warn',
        run: 'node out/main.js',
      },
    ],
  },
  {
    name: 'tsup',
    packages: { tsup: '9.0.0', typescript: '5.9.3' },
    checks: [
      {
        title: 'tsup 9.0.0: ES module, dependencies outside',
        files: (library) => ({
          'package.json': json({ type: 'module', dependencies: { [library.name]: '*', ...azure } }),
          'main.ts': esModule(library),
        }),
        build: 'tsup main.ts --format esm --out-dir out --silent',
        run: 'node out/main.js',
      },
      {
        title: 'tsup 9.0.0: CommonJS, everything inside',
        files: (library) => ({ 'package.json': json({ type: 'module' }), 'main.ts': esModule(library) }),
        build: 'tsup main.ts --format cjs --out-dir out --silent',
        run: 'node out/main.cjs',
      },
    ],
  },
  {
    name: 'tsdown',
    packages: { tsdown: '0.23.7', typescript: '5.9.3' },
    checks: (['esm', 'cjs'] as const).map((format) => ({
      title: `tsdown 0.23.7: ${format === 'esm' ? 'ES module' : 'CommonJS'}`,
      files: (library) => ({ 'package.json': json({ name: 'app', type: 'module' }), 'main.ts': esModule(library) }),
      build: `tsdown main.ts --format ${format} --out-dir out --no-dts --silent`,
      run: `node out/main.${format === 'esm' ? '*js' : 'cjs'}`,
    })),
  },
  {
    name: 'ncc',
    packages: { '@vercel/ncc': '0.45.0' },
    checks: [
      {
        title: 'ncc 0.45.0: CommonJS',
        files: (library) => ({ 'package.json': json({ type: 'commonjs' }), 'main.js': commonJs(library) }),
        build: 'ncc build main.js --out out --quiet',
        run: 'node out/index.js',
      },
      {
        title: 'ncc 0.45.0: ES module',
        files: (library) => ({ 'package.json': json({ type: 'module' }), 'main.js': esModule(library) }),
        build: 'ncc build main.js --out out --quiet',
        run: 'node out/index.js',
      },
    ],
  },
  {
    name: 'sea',
    packages: { esbuild: '0.28.2', postject: '1.0.0-alpha.6', node: '24.21.0' },
    checks: [
      {
        title: 'Single executable of Node.js 24.21.0, bundled by esbuild',
        files: (library) => ({
          'main.mjs': esModule(library),
          'sea.json': json({ main: 'out.cjs', output: 'out.blob', disableExperimentalSEAWarning: true }),
          'copy.mjs': `
import { copyFileSync } from 'node:fs';
copyFileSync(process.execPath, 'out');
`,
        }),
        build: [
          'esbuild main.mjs --bundle --platform=node --outfile=out.cjs --log-level=warning',
          'node --experimental-sea-config sea.json',
          'node copy.mjs',
          'postject out NODE_SEA_BLOB out.blob --sentinel-fuse NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
        ].join(' && '),
        run: './out',
      },
    ],
  },
  {
    name: 'next',
    packages: { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' },
    checks: [
      {
        title: 'Next.js 16.4.6: a route handler, built and started',
        files: (library) => ({
          'package.json': json({ name: 'app', private: true }),
          'next.config.mjs': 'export default {};\n',
          'app/secret/route.js': `
import { SecretClient } from '@azure/keyvault-secrets';
import { ${library.exported} } from '${library.name}';
export const dynamic = 'force-dynamic';
export async function GET() {
  const client = new SecretClient(process.env.KEY_VAULT_URL, ${library.credential});
  return new Response(\`The secret is \${(await client.getSecret('secret')).value}.\`);
}
`,
          'visit.mjs': visitor,
        }),
        build: 'next build',
        run: 'node visit.mjs',
      },
    ],
  },
];

/** Starts the server on a free port, asks for the secret once the server says its address, and ends it. */
const visitor = `
import { spawn } from 'node:child_process';
const server = spawn('next', ['start', '--port', '0', '--hostname', '127.0.0.1'], { stdio: ['ignore', 'pipe', 'inherit'] });
let said = '';
for await (const chunk of server.stdout) {
  const address = /http:\\/\\/127\\.0\\.0\\.1:\\d+/.exec((said += chunk))?.[0];
  if (address === undefined) continue;
  console.log(await (await fetch(\`\${address}/secret\`)).text());
  break;
}
server.kill();
process.exit();
`;
