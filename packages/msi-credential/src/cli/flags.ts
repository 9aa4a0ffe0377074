import type { SecretOptions } from '../key-vault/secret/secret.ts';

export const commandNames = ['explain', 'doctor', 'token'] as const;

export type CommandName = (typeof commandNames)[number];

/** One flag. Parsing, ownership, help and the library's options all follow from it. */
export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** What stands for its value in the help. */
  readonly value?: string;
  /** The commands that have it; default: all. */
  readonly commands?: readonly CommandName[];
  /** The option of the library that it sets. */
  readonly option?: keyof SecretOptions;
  /** Makes the option's value of the flag's. The library checks it. */
  readonly read?: (text: string) => unknown;
  readonly help: string;
}

/** Whole milliseconds only: `1e3` and `0x10` are numbers, too. */
const milliseconds = (text: string) => (/^\d+$/.test(text) ? Number(text) : Number.NaN);
const list = (text: string) => text.split(',').map((each) => each.trim());

const id = { type: 'string', value: 'ID' } as const;
const url = { type: 'string', value: 'URL' } as const;

export const flags = {
  'vault-url': {
    ...url,
    commands: ['doctor'],
    option: 'vaultUrl',
    help: 'the vault, instead of KEY_VAULT_URL or KEY_VAULT_URI',
  },
  secret: {
    type: 'string',
    value: 'NAME',
    commands: ['doctor'],
    help: 'read this secret. Without it: check only whether secrets may be read',
  },
  scope: {
    type: 'string',
    value: 'SCOPE',
    commands: ['doctor', 'token'],
    help: 'what the token is for, such as https://storage.azure.com/.default. Default: Key Vault',
  },
  wait: {
    type: 'boolean',
    commands: ['doctor'],
    help: 'up to ten minutes: try again while a role assignment or a service is on its way',
  },
  decode: { type: 'boolean', commands: ['token'], help: "print the token's claims, without the token" },
  'allow-stand-in': {
    type: 'boolean',
    commands: ['doctor'],
    option: 'allowStandIn',
    help: 'let a stand-in for Key Vault, on this machine or in a private network, ask for any token',
  },
  timeout: {
    type: 'string',
    value: 'MS',
    commands: ['doctor', 'token'],
    option: 'timeoutMs',
    read: milliseconds,
    help: 'milliseconds to wait for each service. Default: token 100000, vault 15000, secret 60000',
  },
  source: {
    type: 'string',
    value: 'NAME[,NAME]',
    option: 'source',
    read: list,
    help: 'consider only these sources, in this order',
  },
  'client-id': { ...id, option: 'clientId', help: 'a user-assigned identity, by its client id' },
  'object-id': { ...id, option: 'objectId', help: 'the same, by its object id' },
  'resource-id': { ...id, option: 'resourceId', help: 'the same, by its Azure resource id' },
  'tenant-id': { ...id, option: 'tenantId', help: 'the tenant to sign in to, instead of AZURE_TENANT_ID' },
  'authority-host': { ...url, option: 'authorityHost', help: "another cloud's Entra, instead of AZURE_AUTHORITY_HOST" },
  json: { type: 'boolean', help: 'print JSON' },
  help: { type: 'boolean', short: 'h', help: 'print this help' },
  version: { type: 'boolean', help: 'print the version' },
} as const satisfies Record<string, Flag>;

/** Every flag with its name. Flags of single commands come first. */
export const flagRows: readonly (readonly [name: string, flag: Flag])[] = Object.entries(flags);

/** Whether a command has the flag. */
export function hasFlag(command: CommandName, { commands }: Flag): boolean {
  return commands === undefined || commands.includes(command);
}
