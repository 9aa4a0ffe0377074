import { type Check, type Consumer, commonJs, esModule } from '../consumer.ts';

const bothForms = (title: string, run: string): readonly Check[] => [
  { title: `${title}: ES module`, files: (library) => ({ 'main.mjs': esModule(library) }), run: `${run} main.mjs` },
  { title: `${title}: CommonJS`, files: (library) => ({ 'main.cjs': commonJs(library) }), run: `${run} main.cjs` },
];

export const runtimes: readonly Consumer[] = [
  { name: 'bun', packages: { bun: '1.4.5' }, checks: bothForms('Bun 1.4.5', 'bun run') },
  {
    name: 'deno',
    packages: { deno: '2.9.6' },
    checks: bothForms('Deno 2.9.6', 'deno run -A --node-modules-dir=manual'),
  },
];
