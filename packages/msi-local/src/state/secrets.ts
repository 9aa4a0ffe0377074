import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import { seconds } from './clock.ts';

/** What a caller may say about a secret besides its value. */
export interface SecretProperties {
  readonly contentType?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly enabled?: boolean;
  /** Seconds since 1970. */
  readonly notBefore?: number;
  readonly expires?: number;
}

/** One version of a secret; times in seconds since 1970. */
export interface SecretVersion extends SecretProperties {
  readonly id: string;
  readonly value: string;
  readonly enabled: boolean;
  readonly created: number;
  readonly updated: number;
}

/** A name with its versions, oldest first, and never none. */
export interface Secret {
  readonly name: string;
  readonly versions: readonly SecretVersion[];
  /** When it was deleted, in seconds since 1970; absent while it is live. */
  readonly deletedAt?: number;
  /** What is under way with it. Until that is over, it is found neither among the live nor among the deleted. */
  readonly change?: { readonly to: Condition /** Milliseconds since 1970. */; readonly until: number };
}

/** Where a change of a secret ends. */
export type Condition = 'deleted' | 'recovered' | 'purged';

/** The service takes some seconds, clients wait for it (Azure/azure-sdk-for-net#26027, #31581). */
const changeMs = 1000;

/** The vault's content. Names differ in more than case; the case of the first `set` is kept. */
export interface Secrets {
  /** Adds a version. The caller has checked that the name is not deleted. */
  set(name: string, value: string, properties?: SecretProperties): Secret;
  update(name: string, versionId: string, properties: SecretProperties): void;
  /** By name, whatever its condition. */
  find(name: string): Secret | undefined;
  /** In the order of names. */
  list(which: 'live' | 'deleted'): Secret[];
  delete(name: string): void;
  recover(name: string): void;
  purge(name: string): void;
}

export function createSecrets(clock: Clock): Secrets {
  const byName = new Map<string, Secret>();
  const find = (name: string) => {
    const secret = byName.get(name.toLowerCase());
    if (secret?.change === undefined || secret.change.until > clock.now()) return secret;
    const { change, ...settled } = secret;
    if (change.to === 'purged') byName.delete(name.toLowerCase());
    else byName.set(name.toLowerCase(), settled);
    return byName.get(name.toLowerCase());
  };
  const edit = (name: string, edited: (secret: Secret) => Secret) => {
    const secret = find(name);
    if (secret) byName.set(name.toLowerCase(), edited(secret));
  };
  const change = (to: Condition) => ({ change: { to, until: clock.now() + changeMs } });
  return {
    set(name, value, properties = {}) {
      const now = seconds(clock);
      const id = randomUUID().replaceAll('-', '');
      const version = { enabled: true, ...properties, id, value, created: now, updated: now };
      const before = find(name);
      const secret = { name: before?.name ?? name, versions: [...(before?.versions ?? []), version] };
      byName.set(name.toLowerCase(), secret);
      return secret;
    },
    update: (name, versionId, properties) =>
      edit(name, (secret) => ({
        ...secret,
        versions: secret.versions.map((one) =>
          one.id === versionId ? { ...one, ...properties, updated: seconds(clock) } : one,
        ),
      })),
    find,
    list: (which) =>
      [...byName.keys()]
        .flatMap((name) => find(name) ?? [])
        .filter((secret) => conditionOf(secret) === which)
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    delete: (name) => edit(name, (secret) => ({ ...secret, deletedAt: seconds(clock), ...change('deleted') })),
    recover: (name) => edit(name, ({ deletedAt: _, ...secret }) => ({ ...secret, ...change('recovered') })),
    purge: (name) => edit(name, (secret) => ({ ...secret, ...change('purged') })),
  };
}

/** Live, deleted, or on the way. */
export function conditionOf({ deletedAt, change }: Secret): 'live' | 'deleted' | 'changing' {
  if (change) return 'changing';
  return deletedAt === undefined ? 'live' : 'deleted';
}
