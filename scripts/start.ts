// The main job: the example app against the vault that the environment names, else inside msi-local with a made-up secret.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const app = [process.execPath, path('../packages/example-app/dist/server.js')];
const standIn = [
  process.execPath,
  path('../packages/msi-local/bin/msi-local.js'),
  'run',
  '--as',
  'app-service',
  '--secret',
  `${process.env.SECRET_NAME?.trim() || 'secret'}=It works on my machine`,
  '--',
];

const real = process.env.KEY_VAULT_URL?.trim() || process.env.KEY_VAULT_URI?.trim();
const [command = '', ...args] = real ? app : [...standIn, ...app];
if (!real)
  console.log(
    'KEY_VAULT_URL is not set: starting inside msi-local, as if on App Service, with a demonstration secret.',
  );

const child = spawn(command, args, { stdio: 'inherit' });
// Ctrl-C reaches the child by itself; here it only must not end us before it. Other signals are passed on.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
