import { parseArgs } from 'node:util';
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

const common = [
  'source',
  'client-id',
  'object-id',
  'resource-id',
  'tenant-id',
  'authority-host',
  'json',
  'help',
  'version',
];

/** Which flags each command takes besides the common ones. */
const own: Readonly<Record<string, readonly string[]>> = {
  explain: [],
  doctor: ['vault-url', 'secret', 'timeout'],
  token: ['scope', 'decode', 'timeout'],
};

/** @throws UsageError - naming the word that is wrong. */
export function readArguments(words: readonly string[]): Command {
  const { values, positionals } = parse(words);
  const [name, ...rest] = positionals;
  const nothing = { options: {}, json: false, decode: false };
  if (values.version) return { name: 'version', ...nothing };
  if (values.help || name === 'help') return { name: 'help', topic: name === 'help' ? rest[0] : name, ...nothing };
  if (name === undefined) throw new UsageError('Which command? There are explain, doctor and token.');
  const allowed = own[name];
  if (allowed === undefined)
    throw new UsageError(`There is no command "${name}"; there are explain, doctor and token.`);
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is one word too many after ${name}.`);
  const wrong = Object.keys(values).find((flag) => !common.includes(flag) && !allowed.includes(flag));
  if (wrong !== undefined) throw new UsageError(`${name} has no flag --${wrong}.`);
  return {
    name: name as Command['name'],
    options: credentialOptions(values),
    json: values.json ?? false,
    scope: values.scope,
    decode: values.decode ?? false,
    vaultUrl: values['vault-url'],
    secretName: values.secret,
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: flags, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error), {
      cause: error,
    });
  }
}

function credentialOptions(values: ReturnType<typeof parse>['values']): CredentialOptions {
  const timeoutMs = values.timeout === undefined ? undefined : Number(values.timeout);
  if (timeoutMs !== undefined && !(timeoutMs > 0)) throw new UsageError('--timeout takes milliseconds, such as 5000.');
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
