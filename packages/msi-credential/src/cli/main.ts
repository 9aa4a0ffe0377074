import { isCredentialError } from '../errors.ts';
import { type Command, readArguments, UsageError } from './arguments.ts';
import { doctor } from './doctor.ts';
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.ts';
import { explain } from './explain.ts';
import { helpText } from './help.ts';
import type { Terminal } from './terminal.ts';
import { token } from './token.ts';

/** Runs what the words ask for and tells how it ended; prints nothing of its own but failures. */
export async function main(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  version: string,
  terminal: Terminal,
): Promise<ExitCode> {
  try {
    const command = readArguments(words);
    return await dispatch(command, env, version, terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(`msi-credential: ${error.message} See msi-credential --help.`);
      return exitCodes.usage;
    }
    return fail(error, words.includes('--json'), terminal);
  }
}

function dispatch(
  command: Command,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
  terminal: Terminal,
): Promise<ExitCode> | ExitCode {
  switch (command.name) {
    case 'explain':
      return explain(command, terminal);
    case 'doctor':
      return doctor(command, env, terminal);
    case 'token':
      return token(command, terminal);
    case 'version':
      terminal.out(version);
      return exitCodes.ok;
    default:
      terminal.out(helpText(command.topic));
      return exitCodes.ok;
  }
}

/** A TypeError with a code is misuse by a flag's value: two identities, a source that there is not. */
function fail(error: unknown, json: boolean, { out, err, paint }: Terminal): ExitCode {
  if (error instanceof TypeError && 'code' in error) {
    err(`msi-credential: ${error.message}`);
    return exitCodes.usage;
  }
  if (json && isCredentialError(error))
    out(JSON.stringify({ error: error.toJSON(), diagnostics: error.diagnostics }, undefined, 2));
  else
    err(
      isCredentialError(error)
        ? `${paint('red', error.summary)}\n  what to do  ${error.hint}\n  ${error.code}, ${error.docs}`
        : `msi-credential: ${String(error)}`,
    );
  return exitCodeOf(error);
}
