import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import spawn from 'cross-spawn';

/** A command and the surroundings to run it in. */
export interface Plan {
  readonly command: string;
  readonly args: readonly string[];
  /** Makes the surroundings. Signals that arrive meanwhile are kept for the command. */
  prepare(): Promise<Surroundings>;
  /** A terminal sends its own signals to the command too; passing them on would make two of one. */
  readonly terminal: boolean;
}

/** What the command finds around itself, and how to take it down again. */
export interface Surroundings {
  readonly variables: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** How it ended; the message is there when the command could not be started. */
export interface Outcome {
  readonly exitCode: number;
  readonly message?: string;
}

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
type Forwarded = (typeof forwarded)[number];

/** Runs the command to its end and returns the exit code that a shell would show. */
export async function run(plan: Plan): Promise<Outcome> {
  const signals = holdSignals();
  const surroundings = await plan.prepare().catch((error: unknown) => {
    signals.release();
    throw error;
  });
  try {
    // On Windows npm, npx and their like are scripts; cross-spawn finds and quotes them for cmd.exe.
    const child = spawn(plan.command, plan.args, { stdio: 'inherit', env: surroundings.variables });
    return await ending(child, plan, signals);
  } catch (error) {
    return cannotStart(plan.command, error);
  } finally {
    signals.release();
    await surroundings.stop();
  }
}

async function ending(child: ChildProcess, plan: Plan, signals: Signals): Promise<Outcome> {
  await once(child, 'spawn');
  const fromTerminal = (signal: Forwarded) => plan.terminal && (signal === 'SIGINT' || signal === 'SIGQUIT');
  signals.deliver((signal) => fromTerminal(signal) || child.kill(signal));
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return { exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) };
}

interface Signals {
  deliver(to: (signal: Forwarded) => void): void;
  release(): void;
}

/** From here on the signals do not end this process: the command decides, and the cleaning up comes after it. */
function holdSignals(): Signals {
  const early: Forwarded[] = [];
  let receive = (signal: Forwarded): void => void early.push(signal);
  const listeners = forwarded.map((signal) => [signal, () => receive(signal)] as const);
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return {
    deliver(to) {
      receive = to;
      for (const signal of early.splice(0)) to(signal);
    },
    release: () => {
      for (const [signal, listener] of listeners) process.off(signal, listener);
    },
  };
}

/** 127 and 126 as in every shell: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/env.html */
function cannotStart(command: string, error: unknown): Outcome {
  if (codeOf(error) === 'ENOENT') return { exitCode: 127, message: `The command "${command}" was not found.` };
  const reason = error instanceof Error ? error.message : String(error);
  return { exitCode: 126, message: `The command "${command}" could not be started: ${reason}` };
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined);
