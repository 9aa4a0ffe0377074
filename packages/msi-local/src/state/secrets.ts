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
}

/** The vault's content. Names differ in more than case; the case of the first `set` is kept. */
export interface Secrets {
  /** Adds a version. The caller has checked that the name is not deleted. */
  set(name: string, value: string, properties?: SecretProperties): Secret;
  update(name: string, versionId: string, properties: SecretProperties): void;
  /** By name, live or deleted. */
  find(name: string): Secret | undefined;
  /** In the order of names. */
  list(which: 'live' | 'deleted'): Secret[];
  delete(name: string): void;
  recover(name: string): void;
  purge(name: string): void;
}

export function createSecrets(clock: Clock): Secrets {
  const byName = new Map<string, Secret>();
  const change = (name: string, edit: (secret: Secret) => Secret) => {
    const secret = byName.get(name.toLowerCase());
    if (secret) byName.set(name.toLowerCase(), edit(secret));
  };
  return {
    set(name, value, properties = {}) {
      const now = seconds(clock);
      const id = randomUUID().replaceAll('-', '');
      const version = { enabled: true, ...properties, id, value, created: now, updated: now };
      const before = byName.get(name.toLowerCase());
      const secret = { name: before?.name ?? name, versions: [...(before?.versions ?? []), version] };
      byName.set(name.toLowerCase(), secret);
      return secret;
    },
    update: (name, versionId, properties) =>
      change(name, (secret) => ({
        ...secret,
        versions: secret.versions.map((one) =>
          one.id === versionId ? { ...one, ...properties, updated: seconds(clock) } : one,
        ),
      })),
    find: (name) => byName.get(name.toLowerCase()),
    list: (which) =>
      [...byName.values()]
        .filter((secret) => (secret.deletedAt === undefined) === (which === 'live'))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    delete: (name) => change(name, (secret) => ({ ...secret, deletedAt: seconds(clock) })),
    recover: (name) => change(name, ({ deletedAt: _, ...secret }) => secret),
    purge: (name) => void byName.delete(name.toLowerCase()),
  };
}
