import { explanationOf, isCredentialError } from '../errors.ts';
import type { Environment } from '../types.ts';
import { type Command, inFlags, readArguments, UsageError } from './arguments.ts';
import { doctor } from './doctor.ts';
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.ts';
import { explain } from './explain.ts';
import { helpText } from './help.ts';
import { failureAsJson, type Terminal } from './terminal.ts';
import { token } from './token.ts';
import { wrap } from './wrap.ts';

/** Runs what the words ask for and tells how it ended; prints nothing of its own but failures. */
export async function main(
  words: readonly string[],
  env: Environment,
  version: string,
  terminal: Terminal,
): Promise<ExitCode> {
  try {
    const { options, ...command } = readArguments(words);
    return await dispatch({ ...command, options: { ...options, env } }, env, version, terminal);
  } catch (error) {
    const json = words.includes('--json');
    // A TypeError of ours is misuse by a flag's value: a source that there is not, an empty id.
    const misuse = error instanceof UsageError || (error instanceof TypeError && explanationOf(error) !== undefined);
    return misuse ? wrongUse(error, json, terminal) : fail(error, json, terminal);
  }
}

function dispatch(
  command: Command,
  env: Environment,
  version: string,
  terminal: Terminal,
): Promise<ExitCode> | ExitCode {
  switch (command.name) {
    case 'explain':
      return explain(command, terminal);
    case 'doctor':
      return doctor(command, env, terminal);
    case 'token':
      return token(command, env, terminal);
    case 'version':
      terminal.out.print(version);
      return exitCodes.ok;
    default:
      terminal.out.print(helpText(command.topic));
      return exitCodes.ok;
  }
}

function wrongUse(
  error: Error & { readonly code?: unknown; readonly hint?: unknown },
  json: boolean,
  { out, err }: Terminal,
): ExitCode {
  const { code, message, hint } = error;
  const cause = explanationOf(error)?.cause;
  const said = cause === undefined ? message : `${cause} ${hint}`;
  if (json) out.print(failureAsJson({ code, message }));
  else err.print(wrap(`msi-credential: ${inFlags(said)} See msi-credential --help.`, err.width, 2));
  return exitCodes.usage;
}

function fail(error: unknown, json: boolean, { out, err }: Terminal): ExitCode {
  if (!isCredentialError(error)) {
    if (json) out.print(failureAsJson({ code: 'UNEXPECTED', message: String(error) }));
    else err.print(`msi-credential: ${String(error)}`);
    return exitCodes.unexpected;
  }
  const { summary, hint, code, docs, diagnostics } = error;
  if (json) out.print(failureAsJson(error.toJSON(), diagnostics));
  else {
    err.print(err.paint('red', wrap(inFlags(summary), err.width, 2)));
    err.print(wrap(`  what to do  ${inFlags(hint)}`, err.width, 14));
    err.print(`  ${code}, ${docs}`);
  }
  return exitCodeOf(error);
}
