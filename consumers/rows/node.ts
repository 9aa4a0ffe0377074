import { type Check, type Consumer, commonJs, esModule } from '../consumer.ts';

const checks: readonly Check[] = [
  { title: 'ES module', files: (library) => ({ 'main.mjs': esModule(library) }), run: 'node main.mjs' },
  { title: 'CommonJS', files: (library) => ({ 'main.cjs': commonJs(library) }), run: 'node main.cjs' },
  {
    title: 'CommonJS, without `require` of ES modules',
    files: (library) => ({ 'main.cjs': commonJs(library) }),
    run: 'node --no-experimental-require-module main.cjs',
  },
  {
    title: '`import` and `require` in one process give one instance',
    files: (library) => ({
      'main.mjs': esModule(library),
      'one.mjs': `
import { createRequire } from 'node:module';
import { ${library.exported} as imported } from '${library.name}';
const required = createRequire(import.meta.url)('${library.name}').${library.exported};
if (required !== imported) throw new Error('There are two instances.');
`,
    }),
    run: 'node --import ./one.mjs main.mjs',
  },
];

/** The floor, the newest 22, 24 and 26. */
export const node: readonly Consumer[] = ['22.21.1', '22.23.3', '24.21.0', '26.10.0'].map((version) => ({
  name: `node-${version}`,
  packages: { node: version },
  checks: checks.map((check) => ({ ...check, title: `Node.js ${version}: ${check.title}` })),
}));
