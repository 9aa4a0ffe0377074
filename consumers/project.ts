// A consumer on disk: made, installed, and each check run once with each library.
import { type ExecFileOptions, execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alone } from '../scripts/alone.ts';
import { azure, type Check, type Consumer, json, type Library, ours, peer } from './consumer.ts';
import type { Outcome, Ran } from './page.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const secret = 'xyzzy';
const pnpm = ['npx', '--yes', '--prefer-offline', 'pnpm@12'];
const yarn = (offline: string) => ['npx', '--yes', offline, '--package=@yarnpkg/cli-dist@4.18.1', 'yarn'];

/** Outside the repository, whose own node_modules would otherwise supply what a package forgot to name. */
export const folder = mkdtempSync(join(tmpdir(), 'consumers-'));

export type Tarballs = Readonly<Record<'msi-credential' | 'msi-local', string>>;

/** Packs both packages as they would be published. */
export async function pack(): Promise<Tarballs> {
  const target = join(folder, 'packed');
  mkdirSync(target);
  const filters = ['--filter', 'msi-credential', '--filter', 'msi-local'];
  const { exitCode, output } = await execute([...pnpm, ...filters, 'pack', '--pack-destination', target], root);
  if (exitCode !== 0) throw new Error(`The packages cannot be packed.\n${output}`);
  const named = (name: string) => join(target, readdirSync(target).find((file) => file.startsWith(`${name}-`)) ?? name);
  return { 'msi-credential': named('msi-credential'), 'msi-local': named('msi-local') };
}

/** Installs the consumer and runs its checks; removes it, unless something failed with our library. */
export async function tryOut(consumer: Consumer, tarballs: Tarballs): Promise<Outcome[]> {
  const project = join(folder, consumer.name);
  write(project, { ...settings(consumer, tarballs), ...consumer.root });
  const { exitCode, output } = await twice(() => execute(install[consumer.installer ?? 'npm'], project));
  const outcomes: Outcome[] = [];
  for (const check of consumer.checks) {
    const tried = async (library: Library) =>
      exitCode === 0 ? run(consumer, check, library) : { works: false, output };
    const own = await tried(ours);
    outcomes.push({ check, ours: own, ...(own.works ? {} : { peer: await tried(peer) }) });
  }
  if (outcomes.every((outcome) => outcome.ours.works)) rmSync(project, { recursive: true });
  return outcomes;

  async function run({ installer }: Consumer, check: Check, library: Library): Promise<Ran> {
    const place = join(project, `${consumer.checks.indexOf(check)}-${library === ours ? 'ours' : 'peer'}`);
    write(place, check.files(library));
    if (check.build !== undefined) {
      const built = await execute(isolated(['sh', '-c', check.build]), place);
      if (built.exitCode !== 0) return { works: false, output: built.output };
    }
    const local = installer === 'yarn' ? [...yarn('--offline'), 'msi-local'] : ['msi-local'];
    const flags = ['run', '--as', 'app-service', '--secret', `secret=${secret}`, '--'];
    const ended = await execute(isolated([...local, ...flags, 'sh', '-c', check.run]), place);
    return { works: ended.exitCode === 0 && ended.output.includes(`The secret is ${secret}.`), output: ended.output };
  }
}

/** Once more after a failure: registries have their moments. */
async function twice(action: () => Promise<Ended>): Promise<Ended> {
  const first = await action();
  return first.exitCode === 0 ? first : action();
}

function settings(consumer: Consumer, tarballs: Tarballs): Record<string, string> {
  const ourPackages = Object.entries(tarballs).map(([name, path]) => [name, `file:${path}`]);
  return {
    'package.json': json({
      name: 'consumer',
      private: true,
      dependencies: {
        ...azure,
        ...consumer.azure,
        ...Object.fromEntries(ourPackages),
        ...consumer.packages,
      },
    }),
    '.npmrc': 'audit=false\nfund=false\nprefer-offline=true\npackage-lock=false\n',
    // Ends the search for a workspace here.
    'pnpm-workspace.yaml': 'packages: []\n',
    '.yarnrc.yml': 'nodeLinker: pnp\nenableTelemetry: false\nenableImmutableInstalls: false\n',
  };
}

const install: Readonly<Record<NonNullable<Consumer['installer']>, readonly string[]>> = {
  npm: ['npm', 'install'],
  'npm linked': ['npm', 'install', '--install-strategy=linked'],
  pnpm: [...pnpm, 'install', '--prefer-offline'],
  yarn: [...yarn('--prefer-offline'), 'install'],
};

/** Where the system can: nothing here may ask anybody else. */
const isolated = (command: readonly string[]) => [...(alone ?? []), ...command];

interface Ended {
  readonly exitCode: number;
  readonly output: string;
}

function execute([command = '', ...args]: readonly string[], cwd: string): Promise<Ended> {
  const options: ExecFileOptions = {
    cwd,
    env: environment(cwd),
    timeout: 300_000,
    killSignal: 'SIGKILL',
    maxBuffer: 2 ** 26,
  };
  return new Promise((resolve) => {
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      const exitCode = typeof error?.code === 'number' ? error.code : error ? 1 : 0;
      resolve({ exitCode, output: `${stdout}${stderr}${exitCode === 0 ? '' : `\n${error?.message.split('\n')[0]}`}` });
    });
    child.stdin?.end();
  });
}

/** What the shell has, without what the package manager that runs this script adds for scripts of its own. */
function environment(cwd: string): NodeJS.ProcessEnv {
  const own = /^(npm_(?!config_(registry|cache|userconfig)$)|pnpm_|INIT_CWD$|NODE_OPTIONS$|FORCE_COLOR$)/i;
  const bins = [cwd, dirname(cwd)].map((place) => join(place, 'node_modules', '.bin'));
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name))),
    PATH: [...bins, dirname(process.execPath), process.env.PATH].join(delimiter),
    CI: 'true',
    NO_COLOR: '1',
    DO_NOT_TRACK: '1',
    NEXT_TELEMETRY_DISABLED: '1',
  };
}

function write(place: string, files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, name)), { recursive: true });
    writeFileSync(join(place, name), text);
  }
}
