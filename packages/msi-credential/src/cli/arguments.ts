import { parseArgs } from 'node:util';
import { isSecretName, secretNameRule } from '../key-vault/secret/names.ts';
import type { CredentialOptions, SourceName } from '../types.ts';

/** What the words on the command line ask for. */
export interface Command {
  readonly name: 'explain' | 'doctor' | 'token' | 'help' | 'version';
  /** The command that help is asked for. */
  readonly topic?: string | undefined;
  readonly options: CredentialOptions;
  readonly json: boolean;
  readonly scope?: string | undefined;
  readonly decode: boolean;
  readonly vaultUrl?: string | undefined;
  readonly secretName?: string | undefined;
}

/** A mistake in the words on the command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}

const flags = {
  source: { type: 'string' },
  'client-id': { type: 'string' },
  'object-id': { type: 'string' },
  'resource-id': { type: 'string' },
  'tenant-id': { type: 'string' },
  'authority-host': { type: 'string' },
  timeout: { type: 'string' },
  scope: { type: 'string' },
  decode: { type: 'boolean' },
  'vault-url': { type: 'string' },
  secret: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/** Which commands a flag belongs to, where that is not all of them. */
const takenBy: Readonly<Record<string, readonly string[]>> = {
  'vault-url': ['doctor'],
  secret: ['doctor'],
  scope: ['token'],
  decode: ['token'],
  timeout: ['doctor', 'token'],
};

const commands: readonly string[] = ['explain', 'doctor', 'token'];

/** @throws UsageError - naming the word that is wrong. */
export function readArguments(words: readonly string[]): Command {
  const { values, positionals } = parse(words);
  const [name, ...rest] = positionals;
  const nothing = { options: {}, json: false, decode: false };
  if (values.version) return { name: 'version', ...nothing };
  if (values.help || name === 'help') return { name: 'help', topic: name === 'help' ? rest[0] : name, ...nothing };
  if (name === undefined) throw new UsageError('Which command? There are explain, doctor and token.');
  if (!commands.includes(name))
    throw new UsageError(`There is no command "${name}"; there are explain, doctor and token.`);
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is one word too many after ${name}.`);
  for (const flag of Object.keys(values)) checkOwner(flag, name);
  return {
    name: name as Command['name'],
    options: credentialOptions(values),
    json: values.json ?? false,
    scope: values.scope,
    decode: values.decode ?? false,
    vaultUrl: values['vault-url'],
    secretName: checkedSecretName(values.secret),
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: flags, allowPositionals: true });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const unknown = /^Unknown option '(-\S+)'/.exec(said)?.[1];
    throw new UsageError(unknown ? `There is no flag ${unknown}${similarTo(unknown)}` : `${said.split('. ')[0]}.`, {
      cause: error,
    });
  }
}

/** The flag that somebody meant who wrote `--vault` or `--clientId`. */
function similarTo(flag: string): string {
  const letters = (text: string) => text.replaceAll('-', '').toLowerCase();
  const given = letters(flag);
  const meant = Object.keys(flags).find((each) => letters(each).startsWith(given) || given.startsWith(letters(each)));
  return given.length > 2 && meant ? `; did you mean --${meant}?` : '.';
}

function checkOwner(flag: string, command: string): void {
  const owners = takenBy[flag];
  if (owners && !owners.includes(command))
    throw new UsageError(
      `${command} has no flag --${flag}; ${owners.join(' and ')} ${owners.length > 1 ? 'have' : 'has'}.`,
    );
}

function checkedSecretName(name: string | undefined): string | undefined {
  if (name === undefined || isSecretName(name)) return name;
  throw new UsageError(`--secret takes no such name. ${secretNameRule}`);
}

const flagOfOption: Readonly<Record<string, keyof typeof flags | undefined>> = {
  source: 'source',
  clientId: 'client-id',
  objectId: 'object-id',
  resourceId: 'resource-id',
  tenantId: 'tenant-id',
  authorityHost: 'authority-host',
  timeoutMs: 'timeout',
  vaultUrl: 'vault-url',
};

/** What the library says of its options, in the words of the command line. */
export function inFlags(text: string): string {
  return text.replace(/\bthe option (\w+)/gi, (words, option: string) => {
    const flag = flagOfOption[option];
    return flag ? `--${flag}` : words;
  });
}

const identityFlags = ['client-id', 'object-id', 'resource-id'] as const;

function credentialOptions(values: ReturnType<typeof parse>['values']): CredentialOptions {
  const identities = identityFlags.filter((flag) => values[flag] !== undefined).map((flag) => `--${flag}`);
  if (identities.length > 1)
    throw new UsageError(`Give one of ${identities.join(' and ')}, not both: each alone names an identity.`);
  const timeoutMs = values.timeout === undefined ? undefined : Number(values.timeout);
  if (timeoutMs !== undefined && !(/^\d+$/.test(values.timeout ?? '') && timeoutMs > 0 && timeoutMs < 2 ** 31))
    throw new UsageError('--timeout takes milliseconds, such as 5000.');
  const list = values.source?.split(',').map((each) => each.trim()) as SourceName[] | undefined;
  return {
    source: list?.length === 1 ? list[0] : list,
    clientId: values['client-id'],
    objectId: values['object-id'],
    resourceId: values['resource-id'],
    tenantId: values['tenant-id'],
    authorityHost: values['authority-host'],
    timeoutMs,
  };
}
