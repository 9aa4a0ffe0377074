import { type Explanation, type Fix, formatFix } from '../codes.ts';
import type { HttpReply } from '../io.ts';
import type { CredentialOptions, Diagnostics, Environment, KeyVaultCredential } from '../types.ts';
import type { ExitCode } from './exit-codes.ts';

/** What one step found out. */
export interface Finding {
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly detail: string;
  /** What to do: the next thing first. */
  readonly fix?: readonly string[];
  readonly docs?: string;
  readonly exitCode?: ExitCode;
}

/** Each step of an explanation as one line. */
export const stepsOf = (fix: readonly Fix[]) =>
  fix.map((each) => (each.text === undefined ? (each.run ?? '') : formatFix([each])));

/** One step of the walk; later steps need what earlier ones found. */
export interface Step {
  readonly name: string;
  /** Not taken where no vault is named. */
  readonly needsVault?: boolean;
  run(patient: Patient): Promise<Finding> | Finding;
}

/** Whom the doctor looks at; the steps add what they find. */
export interface Patient {
  readonly env: Environment;
  readonly options: CredentialOptions;
  readonly vaultUrl?: URL;
  /** Why the variable that names the vault is none. */
  readonly vaultProblem?: Explanation;
  readonly secretName: string | undefined;
  credential?: KeyVaultCredential;
  diagnostics?: Diagnostics;
  /** The warnings that have been told. */
  warned?: readonly string[];
  /** What the vault answered to a request without a token. */
  challenge?: HttpReply;
  /** Why the secret could not be read; undefined where it could. */
  unread?: Explanation;
}

/** A patient whose vault is known: steps about the vault are taken for no other. */
export type VaultPatient = Patient & { readonly vaultUrl: URL; readonly credential: KeyVaultCredential };

/** For one exchange with the vault: not longer than the caller waits for a token. Both in ms. */
export function limitOf({ options }: Patient, limitMs: number): number {
  return Math.min(options.timeoutMs ?? limitMs, limitMs);
}
