import { parseArgs } from 'node:util';
import { printable } from '../failures/printable.ts';
import { isSecretName, secretNameRule } from '../key-vault/secret/names.ts';
import type { SecretOptions } from '../key-vault/secret/secret.ts';
import { type CommandName, commandNames, flagRows, flags, hasFlag } from './flags.ts';
import { similarTo } from './similar.ts';

/** What the words on the command line ask for. */
export interface Command {
  readonly name: CommandName | 'help' | 'version';
  /** The command that help is asked for. */
  readonly topic?: string | undefined;
  /** The flags as they were values. */
  readonly values: FlagValues;
  /** What the flags say to the library. */
  readonly options: SecretOptions;
}

export type FlagValues = ReturnType<typeof parse>['values'];

/** A mistake in the words on the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
  /** It quotes words that may come from anywhere. */
  constructor(message: string, options?: ErrorOptions) {
    super(printable(message), options);
  }
}

/** @throws UsageError - naming the word that is wrong. Values of options are the library's to check. */
export function readArguments(words: readonly string[]): Command {
  const { values, positionals } = parse(words);
  const [name, ...rest] = positionals;
  const options = optionsOf(values);
  if (values.version) return { name: 'version', values, options };
  if (values.help || name === 'help') return { name: 'help', topic: name === 'help' ? rest[0] : name, values, options };
  if (!isCommand(name)) throw new UsageError(noCommand(name));
  if (rest.length > 0) throw new UsageError(`Unexpected argument "${rest[0]}".`);
  checkFlags(name, values);
  return { name, values, options };
}

function noCommand(name: string | undefined): string {
  const which = `Commands: ${commandNames.join(', ')}.`;
  return name ? `No command "${name}".${didYouMean(similarTo(name, commandNames))} ${which}` : `No command. ${which}`;
}

const didYouMean = (name: string | undefined) => (name === undefined ? '' : ` Did you mean ${name}?`);

export function isCommand(name: string | undefined): name is CommandName {
  return commandNames.some((each) => each === name);
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: flags, allowPositionals: true });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const unknown = /^Unknown option '(-[^']+)'/.exec(said)?.[1];
    const meant = unknown && similarTo(unknown, Object.keys(flags));
    throw new UsageError(
      unknown ? `No flag ${unknown}.${didYouMean(meant && `--${meant}`)}` : `${said.split('. ')[0]}.`,
      { cause: error },
    );
  }
}

function checkFlags(command: CommandName, values: FlagValues): void {
  const foreign = flagRows.find(([name, flag]) => name in values && !hasFlag(command, flag));
  if (foreign) {
    const [name, { commands = [] }] = foreign;
    throw new UsageError(`${command} has no flag --${name}. It belongs to ${commands.join(' and ')}.`);
  }
  const ofVault = (['vault-url', 'secret'] as const).find((name) => values[name] !== undefined);
  if (command === 'doctor' && values.scope !== undefined && ofVault)
    throw new UsageError(`--scope is for another service than Key Vault. Leave out --scope or --${ofVault}.`);
  if (values.secret !== undefined && !isSecretName(values.secret))
    throw new UsageError(`--secret is not the name of a secret. ${secretNameRule}`);
}

function optionsOf(values: Readonly<Record<string, string | boolean | undefined>>): SecretOptions {
  return Object.fromEntries(
    flagRows.flatMap(([name, { option, read = String }]) => {
      const value = values[name];
      if (option === undefined || value === undefined) return [];
      return [[option, typeof value === 'string' ? read(value) : value]];
    }),
  );
}
