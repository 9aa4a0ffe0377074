import { parseArgs } from 'node:util';
import { isSecretName, secretNameRule } from '../key-vault/secret/names.ts';
import type { SecretOptions } from '../key-vault/secret/secret.ts';
import { type CommandName, commandNames, flagRows, flags, hasFlag } from './flags.ts';

/** What the words on the command line ask for. */
export interface Command {
  readonly name: CommandName | 'help' | 'version';
  /** The command that help is asked for. */
  readonly topic?: string | undefined;
  /** The flags as they were given. */
  readonly given: Given;
  /** What the flags say to the library. */
  readonly options: SecretOptions;
}

export type Given = ReturnType<typeof parse>['values'];

/** A mistake in the words on the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}

/** @throws UsageError - naming the word that is wrong. Values of options are the library's to check. */
export function readArguments(words: readonly string[]): Command {
  const { values: given, positionals } = parse(words);
  const [name, ...rest] = positionals;
  const options = optionsOf(given);
  if (given.version) return { name: 'version', given, options };
  if (given.help || name === 'help') return { name: 'help', topic: name === 'help' ? rest[0] : name, given, options };
  if (!isCommand(name)) throw new UsageError(`${name ? `No command "${name}".` : 'No command.'} ${whichCommands}`);
  if (rest.length > 0) throw new UsageError(`Unexpected argument "${rest[0]}".`);
  checkFlags(name, given);
  return { name, given, options };
}

const whichCommands = `Commands: ${commandNames.join(', ')}.`;

export function isCommand(name: string | undefined): name is CommandName {
  return commandNames.some((each) => each === name);
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: flags, allowPositionals: true });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const unknown = /^Unknown option '(-\S+)'/.exec(said)?.[1];
    throw new UsageError(unknown ? `No flag ${unknown}.${similarTo(unknown)}` : `${said.split('. ')[0]}.`, {
      cause: error,
    });
  }
}

/** The flag that somebody meant who wrote `--vault` or `--clientId`. */
function similarTo(flag: string): string {
  const letters = (text: string) => text.replaceAll('-', '').toLowerCase();
  const given = letters(flag);
  const meant = Object.keys(flags).find((each) => letters(each).startsWith(given) || given.startsWith(letters(each)));
  return given.length > 2 && meant ? ` Did you mean --${meant}?` : '';
}

function checkFlags(command: CommandName, given: Given): void {
  const foreign = flagRows.find(([name, flag]) => name in given && !hasFlag(command, flag));
  if (foreign) {
    const [name, { commands = [] }] = foreign;
    throw new UsageError(`${command} has no flag --${name}. It belongs to ${commands.join(' and ')}.`);
  }
  if (given.secret !== undefined && !isSecretName(given.secret))
    throw new UsageError(`--secret is not the name of a secret. ${secretNameRule}`);
}

function optionsOf(given: Readonly<Record<string, string | boolean | undefined>>): SecretOptions {
  return Object.fromEntries(
    flagRows.flatMap(([name, { option, read = String }]) => {
      const value = given[name];
      return option !== undefined && typeof value === 'string' ? [[option, read(value)]] : [];
    }),
  );
}
