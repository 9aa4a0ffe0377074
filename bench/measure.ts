import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The path of one of `programs/`. */
export const programPath = (name: string) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));

export interface Run {
  readonly ms: number;
  readonly stdout: string;
}

/** Runs a command to its end; the time is that of the whole process, as seen from outside. */
export function run(command: readonly string[], env: NodeJS.ProcessEnv): Promise<Run> {
  const [file = '', ...args] = command;
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    execFile(file, args, { env, timeout: 120_000 }, (error, stdout, stderr) => {
      if (error) return reject(new Error(`${command.join(' ')}: ${error.message}\n${stderr}`));
      resolve({ ms: performance.now() - begin, stdout: stdout.trim() });
    });
  });
}

/** Runs one of the programs on this process's Node. */
export function runProgram(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Run> {
  const [name = '', ...rest] = args;
  return run([process.execPath, programPath(name), ...rest], env);
}

/** Runs several variants in turn (A B C A B C ...), so that the machine's moods meet all of them alike. */
export async function inTurn<Name extends string>(
  rounds: number,
  variants: Record<Name, () => Promise<Run>>,
): Promise<Record<Name, readonly Run[]>> {
  const runs = Object.fromEntries(Object.keys(variants).map((name) => [name, [] as Run[]])) as Record<Name, Run[]>;
  for (let round = -1; round < rounds; round += 1) {
    for (const name of Object.keys(variants) as Name[]) {
      const one = await variants[name]();
      // The first round warms the machine's caches.
      if (round >= 0) runs[name].push(one);
    }
  }
  return runs;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Starts the bare identity endpoint in a process of its own. */
export async function startServer(): Promise<{
  env: NodeJS.ProcessEnv;
  control(query: string): Promise<string>;
  stop(): void;
}> {
  const child: ChildProcess = fork(programPath('server.js'));
  const [port] = await once(child, 'message');
  const origin = `http://127.0.0.1:${port}`;
  return {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      IDENTITY_ENDPOINT: `${origin}/msi/token`,
      IDENTITY_HEADER: 'bench',
    },
    control: async (query) => (await fetch(`${origin}/control?${query}`)).text(),
    stop: () => child.kill(),
  };
}

/** Millions of instructions of a whole process, several times; none where valgrind is not installed. */
export async function countInstructions(program: string, env: NodeJS.ProcessEnv): Promise<readonly number[]> {
  const counts: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const flags = ['--tool=cachegrind', '--cache-sim=no', '--cachegrind-out-file=/dev/null'];
    const output = await new Promise<string>((resolve) => {
      execFile('valgrind', [...flags, process.execPath, '--single-threaded', program], { env }, (_, __, stderr) =>
        resolve(stderr),
      );
    });
    const [, count] = /I\s+refs:\s+([\d,]+)/.exec(output) ?? [];
    if (count === undefined) return [];
    counts.push(Number(count.replaceAll(',', '')) / 1e6);
  }
  return counts;
}
