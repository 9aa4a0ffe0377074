import type { Diagnostics, Environment, KeyVaultCredential } from 'msi-credential';
import { checkup, type StepResult } from 'msi-credential/checkup';
import { getKeyVaultUrl } from 'msi-credential/key-vault';

/** Whom the page is about. */
export interface Subject {
  readonly credential: KeyVaultCredential;
  readonly env: Environment;
  readonly vaultUrl?: string | undefined;
  readonly secretName?: string | undefined;
  readonly allowStandIn?: boolean | undefined;
}

/** What a check-up found. */
export interface Findings {
  readonly steps: readonly StepResult[];
  readonly diagnostics: Diagnostics;
  /** The vault's host, where its address is a URL. */
  readonly vaultHost: string | undefined;
}

/** Long enough for a slow service, and short enough for somebody who waits for a page. */
const limits = { tokenTimeoutMs: 10_000, timeoutMs: 5_000 };

/** Takes the doctor's steps. */
export async function examine(subject: Subject): Promise<Findings> {
  const steps: StepResult[] = [];
  for await (const step of checkup({ ...subject, ...limits })) if (step.status !== 'running') steps.push(step);
  return { steps, diagnostics: subject.credential.diagnostics, vaultHost: hostOfVault(subject) };
}

function hostOfVault({ vaultUrl, env }: Subject): string | undefined {
  try {
    return new URL(vaultUrl ?? getKeyVaultUrl(env)).host;
  } catch {
    // Why it is no address is one of the steps.
    return undefined;
  }
}
