import { type Check, type Consumer, commonJs, esModule } from '../consumer.ts';

const bothForms = (title: string, run = 'node'): readonly Check[] => [
  { title: `${title}: ES module`, files: (library) => ({ 'main.mjs': esModule(library) }), run: `${run} main.mjs` },
  { title: `${title}: CommonJS`, files: (library) => ({ 'main.cjs': commonJs(library) }), run: `${run} main.cjs` },
];

export const installers: readonly Consumer[] = [
  { name: 'npm', checks: bothForms('npm') },
  { name: 'npm-linked', installer: 'npm linked', checks: bothForms('npm, `install-strategy=linked`') },
  { name: 'pnpm', installer: 'pnpm', checks: bothForms('pnpm 12, isolated') },
  { name: 'yarn-pnp', installer: 'yarn', checks: bothForms('Yarn 4.18.1, Plug’n’Play', 'yarn node') },
  {
    name: 'older-azure-4.2',
    azure: { '@azure/identity': '4.2.1', '@azure/keyvault-secrets': '4.8.0' },
    checks: bothForms('@azure/identity 4.2.1 and @azure/keyvault-secrets 4.8.0 beside'),
  },
  {
    name: 'older-azure-3.4',
    azure: { '@azure/identity': '3.4.2', '@azure/keyvault-secrets': '4.7.0' },
    checks: bothForms('@azure/identity 3.4.2 and @azure/keyvault-secrets 4.7.0 beside'),
  },
];
