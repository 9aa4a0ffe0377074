// What a source can answer about an environment.
import { explain, type Fix } from '../codes.ts';
import type { Detection, Offer, Problem, Source } from '../types.ts';

export const found = (offer: Offer): Detection => ({ verdict: 'found', offer });

/** `remedy`: what would make it found, where some of its variables are set. */
export const absent = (reason: string, remedy?: string): Detection => ({ verdict: 'absent', reason, remedy });

/** Announced, with a value that cannot be used. */
export const invalid = (problem: Problem, host?: string): Detection => ({
  verdict: 'partial',
  problem,
  missing: [],
  host,
});

/** A group of variables of which some are missing. */
export interface IncompleteGroup {
  /** A variable of the group that is set. */
  readonly present: string;
  readonly missing: readonly string[];
  readonly host?: string | undefined;
  readonly fix: readonly Fix[];
}

/** What an offer is called: by its own title, or as the identity of its host, since one source serves several hosts. */
export function titleOf(source: Source, { title, host, identityKeys }: Offer): string {
  const ofHost = host !== undefined && identityKeys !== undefined ? `${host} managed identity` : source.title;
  return title ?? ofHost;
}

/** Announced, but variables that belong together are not all set. */
export function incomplete({ present, missing, host, fix }: IncompleteGroup): Detection {
  const where = host === undefined ? '' : ` on ${host}`;
  const verb = missing.length === 1 ? 'is' : 'are';
  const cause = `${present} is set${where}, but ${missing.join(' and ')} ${verb} not.`;
  return { verdict: 'partial', problem: explain('ERR_SOURCE_INCOMPLETE', cause, { fix }), missing, host };
}
