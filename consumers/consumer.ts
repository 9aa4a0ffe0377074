// What the rows are made of. A consumer is a project on disk: packages, installed once, and the checks that run in it.

export interface Consumer {
  /** The project's folder, and its name on the command line. */
  readonly name: string;
  /** What the project installs besides the two libraries, the vault client and ours, with exact versions. */
  readonly packages?: Readonly<Record<string, string>>;
  /** Versions of Azure's packages other than the newest. */
  readonly azure?: Readonly<Record<string, string>>;
  /** Who installs; npm unless said otherwise. */
  readonly installer?: Installer;
  /** More files at the project's root: settings of its installer. */
  readonly root?: Readonly<Record<string, string>>;
  readonly checks: readonly Check[];
}

/** Azure's packages next to ours. */
export const azure = { '@azure/identity': '4.14.1', '@azure/keyvault-secrets': '4.12.0' };
export const versions = Object.entries(azure)
  .map(([name, version]) => `\`${name}\` ${version}`)
  .join(', ');

export type Installer = 'npm' | 'npm linked' | 'pnpm' | 'yarn';

export interface Check {
  /** The row's words on the page. */
  readonly title: string;
  /** The program and its settings, for one of the two libraries. */
  readonly files: (library: Library) => Readonly<Record<string, string>>;
  /** Runs first, outside msi-local. */
  readonly build?: string;
  /** Runs inside msi-local, and prints `The secret is ...`. */
  readonly run: string;
  /** Why it works with neither library. */
  readonly limit?: string;
}

/** The two that are compared, in the words of a program that uses them. */
export interface Library {
  readonly name: 'msi-credential' | '@azure/identity';
  readonly exported: string;
  readonly credential: string;
}

export const ours: Library = {
  name: 'msi-credential',
  exported: 'getKeyVaultCredential',
  credential: 'getKeyVaultCredential()',
};
export const peer: Library = {
  name: '@azure/identity',
  exported: 'DefaultAzureCredential',
  credential: 'new DefaultAzureCredential()',
};

/** The program of nearly every row, as an ES module; valid TypeScript as well. Ours also comes by its second entry. */
export function esModule(library: Library): string {
  return [
    `import { SecretClient } from '@azure/keyvault-secrets';`,
    `import { ${library.exported} } from '${library.name}';`,
    ...(library === ours ? [`import { getKeyVaultSecret } from 'msi-credential/key-vault';`] : []),
    program(library),
  ].join('\n');
}

/** The same in CommonJS. */
export function commonJs(library: Library): string {
  return [
    `const { SecretClient } = require('@azure/keyvault-secrets');`,
    `const { ${library.exported} } = require('${library.name}');`,
    ...(library === ours ? [`const { getKeyVaultSecret } = require('msi-credential/key-vault');`] : []),
    program(library),
  ].join('\n');
}

function program(library: Library): string {
  return `
async function main() {
  const client = new SecretClient(String(process.env['KEY_VAULT_URL']), ${library.credential});
  const { value } = await client.getSecret('secret');
${library === ours ? `  if ((await getKeyVaultSecret('secret')) !== value) throw new Error('Another secret.');\n` : ''}\
  console.log(\`The secret is \${value}.\`);
}
main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
`;
}

/** A settings file. */
export const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
