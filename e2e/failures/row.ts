import type { Local, startLocal } from 'msi-local';

export { marker } from '../secrets.ts';

export type Host = Parameters<Local['variables']>[0];
export type Fault = Omit<Parameters<Local['faults']['add']>[0], 'service'>;
type Changes = Readonly<Record<string, string | undefined>>;

/** Which stand-ins there are; rows of different ones are produced at the same time. */
export const worlds = {
  usual: {},
  /** Like the usual one, for rows in which somebody waits. */
  slow: {},
  slower: {},
  policies: { permissionModel: 'access-policies' },
  windows: { worker: 'windows' },
  'user-assigned': { identities: 'user-assigned' },
  /** With one vault, so that the proxy has names that it does not know. */
  'one-vault': { vaults: ['local'] },
  'two-identities': { identities: 'two-user-assigned' },
} as const satisfies Record<string, Parameters<typeof startLocal>[0]>;

/** Everything that a row can play with before it fails. */
export interface Stage {
  readonly local: Local;
  /** Where `write` puts a file of that name. */
  path(name: string): string;
  /** Writes a file into a folder of its own; returns its path. */
  write(name: string, content: string): string;
  /** Writes a program for a shell; returns its folder, for PATH. */
  program(name: string, script: string): string;
  /** Ends it when all rows have been produced. */
  keep<T extends AsyncDisposable>(stranger: T): T;
}

/** What `programs/fail.js` is asked to do. */
export interface Wish {
  readonly way?: 'token' | 'secret' | 'client' | 'references' | 'reference';
  readonly options?: object;
  readonly scope?: string;
  readonly request?: object;
  readonly name?: string;
  readonly vaultUrl?: string;
  /** When the program's own signal ends the call. */
  readonly limitMs?: number;
  /** The option of `getKeyVaultSecret`. */
  readonly timeoutMs?: number;
  /** A token in place of a credential. */
  readonly token?: string;
  /** A credential of `@azure/identity` and its arguments. */
  readonly peer?: readonly unknown[];
  /** A method of `SecretClient` and its arguments. */
  readonly call?: readonly unknown[];
  /** Another that has to succeed first. */
  readonly before?: readonly unknown[];
  /** How its pages are to be, where it is a list. */
  readonly pages?: object;
  /** With Node's own support for proxies in place of the client's. */
  readonly nodeProxy?: true;
  readonly settings?: object;
}

/** One failure: what happens, how it is brought about, and what it has to be called. */
export interface Row {
  readonly title: string;
  readonly code: string;
  readonly host: Host;
  /** Words of its message or of its advice, without which it would be of no use. */
  readonly says?: readonly string[];
  readonly world?: keyof typeof worlds;
  /**
   * Where it runs. Default: in this process, which knows neither the stand-in's authority nor its proxy. `child`: with
   * both; `untrusting`: without the authority; `bare`: with no package of Microsoft's beside ours; `old`: on Node.js 20.19.
   */
  readonly place?: 'child' | 'untrusting' | 'bare' | 'old';
  /** Variables that differ from the host's own. */
  readonly env?: Changes | ((stage: Stage) => Changes);
  /** Faults of the host's endpoint, of Entra, of the vault. */
  readonly endpoint?: Fault;
  readonly entra?: Fault;
  readonly vault?: Fault;
  /** Brings it about, and returns what takes it back. */
  readonly arrange?: (stage: Stage) => undefined | (() => void);
  readonly wish?: Wish | ((stage: Stage) => Wish | Promise<Wish>);
}

/** Somebody who does not exist. */
export const nobody = 'b0000000-0000-4000-8000-00000000dead';
/** A pause that no caller waits for, so that the answer is final. */
export const later = { 'retry-after': '120' };

/** What Entra's token endpoint answers then; where a number is given at discovery, that is the endpoint's. */
export function refusal(number: number, status: number, error: string, text: string): Fault {
  const ids = 'Trace ID: b0000000-0000-4000-8000-000000000001 Correlation ID: b0000000-0000-4000-8000-000000000002';
  const error_description = `AADSTS${number}: ${text} ${ids} Timestamp: 2026-11-23 10:00:00Z`;
  const path = number === 50049 ? undefined : '/oauth2/v2.0/token';
  return { status, body: { error, error_description, error_codes: [number] }, times: 9, ...(path && { path }) };
}
