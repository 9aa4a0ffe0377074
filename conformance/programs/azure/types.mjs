// types.mjs FOLDER: checks credentials.ts where the clients are installed, then reads a secret with one of them.
import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import read from '../js/read.cjs';
import { credential, load } from './shared.mjs';

const [, , folder] = process.argv;

async function run() {
  const file = join(folder, 'credentials.ts');
  copyFileSync(new URL('credentials.ts', import.meta.url), file);
  const tsc = join(folder, 'node_modules/typescript/lib/tsc.js');
  const flags = [
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--types',
    'node',
  ];
  try {
    execFileSync(process.execPath, [tsc, ...flags, file], { cwd: folder, encoding: 'utf8' });
  } catch (error) {
    throw new Error(error.stdout, { cause: error });
  }
  const { SecretClient } = load('@azure/keyvault-secrets');
  return (await new SecretClient(process.env.KEY_VAULT_URL, credential).getSecret('secret')).value;
}
read.tell(run());
