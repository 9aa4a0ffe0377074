import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { ConfigError, readHost, readPermissions, readSecrets } from './config.ts';
import { hostKinds } from './environment.ts';
import { startLocal } from './local.ts';
import { run } from './run.ts';
import { permissionNames } from './state/permissions.ts';

/** Our own failures end with 125, as with env and timeout, so that they differ from the command's. */
const ownFailure = 125;

interface RunFlags {
  readonly as: string;
  readonly secret: readonly string[];
  readonly vault: readonly string[];
  readonly passThrough: readonly string[];
  readonly deny?: true;
  readonly permissions?: string;
  readonly accessPolicies?: true;
  readonly certificate?: true;
  readonly windows?: true;
  readonly userAssigned?: true;
}

// The package's own file, one folder up from `dist` as from `src`.
const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

const program = new Command('msi-local')
  .description(
    'What Azure puts around a program, on your machine: managed identity, Entra, Key Vault. For development only.',
  )
  .version(version, '--version')
  .exitOverride()
  .enablePositionalOptions();

program
  .command('run')
  .description('run a command as if it were on Azure')
  .usage('[options] -- COMMAND [ARGS...]')
  .argument('<command...>', 'the command and its arguments')
  .option('--as <host>', `the host to play: ${hostKinds.join(', ')}`, 'app-service')
  .option(
    '--secret <NAME=VALUE>',
    'a secret in the first vault; VAULT/NAME=VALUE in another; repeatable',
    (word, all: string[]) => [...all, word],
    [],
  )
  .option(
    '--vault <NAME>',
    'name of an existing vault, with secrets of its own; repeatable. Default: every name, and all are one vault',
    (name, all: string[]) => [...all, name],
    [],
  )
  .option(
    '--pass-through <HOST>',
    'a host of Azure that the command reaches for real, with all below it; repeatable. Default: none',
    (name, all: string[]) => [...all, name],
    [],
  )
  .option('--deny', 'give the identity no permission on the vault')
  .option('--permissions <LIST>', `what the identity may do: ${permissionNames.join(',')}. Default: get,list,set`)
  .option('--access-policies', "refuse in the wording of access policies instead of Azure's role assignments")
  .option('--certificate', 'the service principal signs in with a certificate instead of a secret')
  .option('--windows', "App Service's 2017 protocol answers like a Windows worker")
  .option('--user-assigned', 'the host has only the user-assigned identity, and AZURE_CLIENT_ID names it')
  .addHelpText(
    'after',
    `
Examples:
  msi-local run --secret db-password=s3cret -- node app.js
  msi-local run --as aks -- npx msi-credential doctor --secret db-password
  msi-local run --deny -- python app.py       # see what your program says without a permission`,
  )
  .passThroughOptions()
  .action(runCommand);

async function runCommand([command = '', ...args]: string[], flags: RunFlags): Promise<void> {
  const host = readHost(flags.as);
  const secrets = readSecrets(flags.secret);
  const permissions = flags.permissions === undefined ? {} : { permissions: readPermissions(flags.permissions) };
  const outcome = await run({
    command,
    args,
    terminal: process.stdin.isTTY === true,
    async prepare() {
      const local = await startLocal({
        secrets,
        vaults: flags.vault,
        passThrough: flags.passThrough,
        deny: flags.deny === true,
        ...permissions,
        permissionModel: flags.accessPolicies ? 'access-policies' : 'rbac',
        certificate: flags.certificate === true,
        worker: flags.windows ? 'windows' : 'linux',
        identities: flags.userAssigned ? 'user-assigned' : 'both',
        inherited: process.env,
      });
      try {
        return { variables: local.programVariables(host), stop: () => local.stop() };
      } catch (error) {
        await local.stop();
        throw error;
      }
    },
  });
  if (outcome.message) console.error(`msi-local: ${outcome.message}`);
  process.exit(outcome.exitCode);
}

try {
  await program.parseAsync();
} catch (error) {
  // Commander has printed its own message already, and help is no failure.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : ownFailure);
  console.error(`msi-local: ${error instanceof ConfigError ? error.message : String(error)}`);
  process.exit(ownFailure);
}
