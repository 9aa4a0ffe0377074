// The main job: the example app against the vault that the environment names, else inside msi-local with a made-up secret.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { getKeyVaultUrl } from 'msi-credential/key-vault';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const app = [process.execPath, path('../packages/example-app/src/server.ts')];
const msiLocal = [process.execPath, path('../packages/msi-local/bin/msi-local.js')];
const secret = `${process.env.SECRET_NAME || 'secret'}=It works on my machine`;
const standIn = [...msiLocal, 'run', '--as', 'app-service', '--secret', secret, '--'];

const port = process.env.PORT || '3000';
const trouble = (await problemWithPort()) ?? problemWithVault();
if (trouble === undefined) start();
else {
  console.error(trouble);
  process.exitCode = 1;
}

/** Why the app cannot listen. */
async function problemWithPort(): Promise<string | undefined> {
  if (!/^\d+$/.test(port) || Number(port) > 65_535)
    return 'PORT is not a port number. Set it to 0 to 65535, or unset it.';
  const server = createServer().listen(Number(port), 'localhost');
  try {
    await once(server, 'listening');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      ? `Port ${port} is taken. Choose another one: PORT=${Number(port) + 1} npx --yes pnpm@12 start`
      : `Port ${port} cannot be used: ${(error as Error).message}`;
  } finally {
    server.close();
  }
  return undefined;
}

/** Why the vault's address is none; undefined where it is one, and where none is set. */
function problemWithVault(): string | undefined {
  try {
    getKeyVaultUrl();
    return undefined;
  } catch (error) {
    return isUnset(error) ? undefined : (error as Error).message;
  }
}

function isUnset(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'KV_URL_MISSING';
}

function start(): void {
  const hasVault = [process.env.KEY_VAULT_URL, process.env.KEY_VAULT_URI].some((url) => url?.trim());
  if (!hasVault) {
    console.log('KEY_VAULT_URL is not set: starting inside msi-local, as on App Service, with a made-up secret.');
  }
  if (port !== '0') {
    console.log(
      `The secret is at http://localhost:${port}/, whose it is at http://localhost:${port}/identity. Ctrl-C stops.`,
    );
  }
  const [command = '', ...args] = hasVault ? app : [...standIn, ...app];
  // The stand-in makes the app believe that it is on Azure, where it would listen on all interfaces.
  const child = spawn(command, args, { stdio: 'inherit', env: { HOST: 'localhost', ...process.env } });
  let isStopped = false;
  const stop = () => {
    isStopped = true;
  };
  // Ctrl-C reaches the child by itself; here it only must not end us before it. Other signals are passed on.
  process.on('SIGINT', stop);
  process.on('SIGTERM', () => {
    stop();
    child.kill('SIGTERM');
  });
  child.on('exit', (code) => process.exit(isStopped ? 0 : (code ?? 1)));
}
