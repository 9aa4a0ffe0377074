// Whose tokens are the same: those of the same settings and identity, whichever credential objects have them.
import type { Candidate } from '../selection/select.ts';
import type { Diagnostics, ManagedIdentity, SourceName } from '../types.ts';
import { recentMap } from './recent.ts';

/** All credential objects with the same settings and identity. */
export interface Owner {
  /** Stands for the settings in keys. */
  readonly number: number;
  /** The candidate that gave a token first. It is kept for the life of the process. */
  winner?: SourceName;
  /** The candidates that were asked before it, and why they gave no token. */
  skipped?: Diagnostics['skipped'];
}

/** Finds the owner of offers and identity. */
export type FindOwner = (candidates: readonly Candidate[], identity: ManagedIdentity) => Owner;

const mostOwners = 1_000;

/**
 * Settings may hold secrets. Only the latest are kept as they are. Of earlier ones a digest is kept. A process with one
 * identity needs no digest, and loading node:crypto takes longer than a token.
 */
export function createOwners(): FindOwner {
  const earlier = recentMap<string, Owner>(mostOwners);
  let latest: { readonly settings: string; readonly owner: Owner } | undefined;
  let made = 0;
  return (candidates, identity) => {
    const settings = settingsOf(candidates, identity);
    if (latest?.settings === settings) return latest.owner;
    let owner: Owner | undefined;
    if (latest !== undefined) {
      earlier.set(digestOf(latest.settings), latest.owner);
      owner = earlier.get(digestOf(settings));
    }
    owner ??= { number: ++made };
    latest = { settings, owner };
    return owner;
  };
}

/** Upper and lower case are the same in client ids, object ids and resource ids; where an id was found makes no difference. */
function settingsOf(candidates: readonly Candidate[], identity: ManagedIdentity): string {
  const requested = identity.kind === 'system-assigned' ? [] : [identity.by, identity.id.toLowerCase()];
  return JSON.stringify([candidates.map(({ source, offer }) => [source.name, offer.key]), requested]);
}

function digestOf(settings: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(settings).digest('base64');
}
