import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Writes the programs into a folder under `.tmp` and returns its path. */
export function writeExamples(name: string, programs: Readonly<Record<string, string>>): string {
  const folder = fileURLToPath(new URL(`.tmp/${name}`, import.meta.url));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, program] of Object.entries(programs)) writeFileSync(join(folder, file), program);
  return folder;
}

/** What the compiler says about the TypeScript files of a folder under `.tmp`. */
export async function compile(folder: string): Promise<string> {
  const config = {
    extends: '../../../tsconfig.base.json',
    compilerOptions: { noEmit: true, noUnusedLocals: false },
    include: ['*.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch((error) => error);
  return stdout;
}
