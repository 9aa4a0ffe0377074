import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const msiLocal = path('../packages/msi-local/bin/msi-local.js');

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of `programs/` under `msi-local run` with these flags, in the environment of this process and `env`. */
export function runLocal(
  flags: readonly string[],
  program: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const [name = '', ...args] = program;
  const command = [msiLocal, 'run', ...flags, '--', process.execPath, path(`programs/${name}`), ...args];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      command,
      { env: { ...process.env, ...env }, timeout: 25_000 },
      (error, stdout, stderr) => {
        resolve({ exitCode: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr });
      },
    );
  });
}
