import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Debian's, or the one that `CHROMIUM` names; undefined where there is none. */
export function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  const found = env.CHROMIUM || '/usr/bin/chromium';
  return existsSync(found) ? found : undefined;
}

/** Starts it with a profile of its own, and without the calls home that it makes otherwise. */
export function openChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A running app. */
export interface RunningApp extends AsyncDisposable {
  readonly url: string;
  /** Every line of its standard output so far. */
  readonly lines: readonly string[];
  /** Sends SIGTERM and waits for the exit code. */
  stop(): Promise<number | null>;
}

/** Starts the built app inside `msi-local run`, on a free port, once it says where it listens. */
export async function startApp(
  flags: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<RunningApp> {
  const command = [path('../../msi-local/bin/msi-local.js'), 'run', ...flags, '--'];
  // `env`, because the stand-in takes away what its caller's shell says of hosts.
  const settings = Object.entries({ ...variables, PORT: '0' }).map(([name, value]) => `${name}=${value}`);
  const program = ['env', ...settings, process.execPath, path('../dist/server.js')];
  const child = spawn(process.execPath, [...command, ...program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const lines: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      const found = /http:\/\/localhost:\d+/.exec(line)?.[0];
      if (found) resolve(found);
    });
    void ended.then((code) => reject(new Error(`The app ended with ${code}: ${lines.join('\n')}`)));
  });
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return {
    url,
    lines,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}
