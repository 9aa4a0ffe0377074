import type { Clock } from './clock.ts';
import { createSecrets, type Secrets } from './secrets.ts';

/** The vaults that there are. */
export interface Vaults {
  /** By the vault's name, or the name of its host. Where none is named, every name leads to one and the same. */
  of(name: string): Secrets;
}

/** @param names - None: there is every name. The first also answers where a vault is addressed by no name. */
export function createVaults(names: readonly string[], clock: Clock): Vaults {
  const key = (name: string) => name.toLowerCase().split('.')[0] ?? '';
  const first = createSecrets(clock);
  const others = names.slice(1).map((name) => [key(name), createSecrets(clock)] as const);
  const byName = new Map(others.filter(([name]) => name !== key(names[0] ?? '')));
  return { of: (name) => byName.get(key(name)) ?? first };
}
