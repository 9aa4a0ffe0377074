import { type ExitCode, exitCodeOf, exitCodes } from '../checkup/exit-codes.ts';
import { causeOf } from '../checkup/step.ts';
import { explanationOf, isCredentialError } from '../errors.ts';
import { printable } from '../failures/printable.ts';
import type { Environment } from '../types.ts';
import { type Command, isCommand, readArguments, UsageError } from './arguments.ts';
import { doctor, explain, token } from './commands.ts';
import { helpText } from './help.ts';
import { failureAsJson, hang, remedy, stepsOf, type Terminal } from './terminal.ts';

/** Runs what the words ask for and tells how it ended; prints nothing of its own but failures. */
export async function main(
  words: readonly string[],
  env: Environment,
  version: string,
  terminal: Terminal,
): Promise<ExitCode> {
  try {
    return await dispatch(readArguments(words), env, version, terminal);
  } catch (error) {
    return isMisuse(error) ? wrongUse(error, words, terminal) : fail(error, words.includes('--json'), terminal);
  }
}

function dispatch(
  command: Command,
  env: Environment,
  version: string,
  terminal: Terminal,
): Promise<ExitCode> | ExitCode {
  const { out } = terminal;
  switch (command.name) {
    case 'explain':
      return explain(command, env, terminal);
    case 'doctor':
      return doctor(command, env, terminal);
    case 'token':
      return token(command, env, terminal);
    case 'version':
      out.print(version);
      return exitCodes.ok;
    case 'help':
      out.print(helpText(command.topic, out.width));
      return exitCodes.ok;
  }
}

/** A TypeError of ours is misuse by a flag's value: an unknown source, an empty id. */
function isMisuse(error: unknown): error is Error {
  return error instanceof UsageError || (error instanceof TypeError && explanationOf(error) !== undefined);
}

function wrongUse(error: Error, words: readonly string[], { out, err }: Terminal): ExitCode {
  const { message } = error;
  const explanation = explanationOf(error);
  if (words.includes('--json')) out.print(failureAsJson({ code: 'USAGE', message, ...explanation }));
  else {
    err.print(hang('', `msi-credential: ${explanation?.cause ?? message}`, err.width));
    if (explanation) err.print(stepsOf(explanation.fix, err.width));
    err.print(`See ${['msi-credential', ...words.filter(isCommand).slice(0, 1), '--help'].join(' ')}`);
  }
  return exitCodes.usage;
}

function fail(error: unknown, json: boolean, { out, err }: Terminal): ExitCode {
  if (!isCredentialError(error)) {
    const message = printable(String(error));
    if (json) out.print(failureAsJson({ code: 'UNEXPECTED', message }));
    else err.print(`msi-credential: ${message}`);
    return exitCodes.unexpected;
  }
  const { explanation, diagnostics } = error;
  if (json) out.print(failureAsJson(error.toJSON(), diagnostics));
  else {
    err.print(err.paint('red', hang('', causeOf(explanation), err.width)));
    err.print(remedy(explanation, err));
  }
  return exitCodeOf(explanation);
}
