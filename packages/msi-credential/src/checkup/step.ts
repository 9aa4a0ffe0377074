import type { Explanation } from '../codes.ts';
import type { Io } from '../io.ts';
import type { Environment, KeyVaultCredential } from '../types.ts';
import { type ExitCode, exitCodeOf } from './exit-codes.ts';

/** What to examine. */
export interface CheckupOptions {
  readonly credential: KeyVaultCredential;
  /** Default: `process.env`. */
  readonly env?: Environment | undefined;
  /** Default: `KEY_VAULT_URL`, then `KEY_VAULT_URI`. */
  readonly vaultUrl?: string | undefined;
  readonly authorityHost?: string | undefined;
  /** Without it, whether secrets may be read at all. */
  readonly secretName?: string | undefined;
  /** Lets a stand-in for Key Vault ask for a token of any resource; see the same option of `getKeyVaultSecret`. */
  readonly allowStandIn?: boolean | undefined;
  /** Gets a token of this scope instead of Key Vault's, and goes to no vault: `https://storage.azure.com/.default`. */
  readonly scope?: string | undefined;
  /**
   * How long to repeat what may come right by waiting, in milliseconds; default 0. Role assignments take up to ten minutes.
   */
  readonly waitMs?: number | undefined;
  /** For one exchange with the vault, at most. */
  readonly timeoutMs?: number | undefined;
  /** For the token, where the credential's own limit is too long. */
  readonly tokenTimeoutMs?: number | undefined;
}

/** The same with nothing left to defaults. */
export interface Patient extends CheckupOptions {
  readonly env: Environment;
  /** Such as `process`. */
  readonly runtime: Pick<NodeJS.Process, 'versions' | 'platform' | 'arch'>;
  readonly clock: Pick<Io, 'now' | 'after'>;
}

/** What one step found out. */
export interface StepResult {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  /** What was found, in one or several lines; of a failure its cause. */
  readonly detail: string;
  /** Why it failed or warns, and what to do. */
  readonly explanation?: Explanation;
  /** Of a failure: how a command ends that stops here. */
  readonly exitCode?: ExitCode;
}

/** A result, or a step that may take its time. `detail`: why it is tried again, and when. */
export type Step = StepResult | { readonly name: string; readonly status: 'running'; readonly detail?: string };

export function running(name: string, detail?: string): Step {
  return { name, status: 'running', ...(detail !== undefined && { detail }) };
}

/** A failure; `exitCode` where the code of the explanation does not tell. */
export function failed(name: string, explanation: Explanation, exitCode = exitCodeOf(explanation)): StepResult {
  return { name, status: 'failed', detail: causeOf(explanation), explanation, exitCode };
}

/** What happened, below its title where it has one. */
export function causeOf({ title, cause }: Explanation): string {
  return title === undefined ? cause : `${title}\n${cause}`;
}
