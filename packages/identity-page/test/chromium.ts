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

/** A running page. */
export interface RunningPage extends AsyncDisposable {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the page inside `msi-local run`, once it says where it listens. */
export function startPage(
  flags: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<RunningPage> {
  const command = [path('../../msi-local/bin/msi-local.js'), 'run', ...flags, '--'];
  // `env`, because the stand-in takes away what its caller's shell says of hosts.
  const settings = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return serve([...command, 'env', ...settings, process.execPath, path('serve.ts')], process.env);
}

/** Starts the page with these variables. */
export function servePage(env: NodeJS.ProcessEnv): Promise<RunningPage> {
  return serve([path('serve.ts')], env);
}

async function serve(args: readonly string[], env: NodeJS.ProcessEnv): Promise<RunningPage> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    void ended.then(() => reject(new Error('The page ended.')));
  });
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { url, stop, [Symbol.asyncDispose]: stop };
}
