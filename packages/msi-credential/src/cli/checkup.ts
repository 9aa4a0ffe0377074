import { challenge, permission, secret } from './admission.ts';
import { identitySteps } from './identity-steps.ts';
import { address, connection, vaultName } from './reach.ts';
import type { Finding, Step, VaultPatient } from './step.ts';

/** From the inside out: each step says more than the one before, and needs it. */
export const checkupSteps: readonly Step[] = [
  ...identitySteps,
  { name: 'vault name', run: vaultName },
  ...[
    { name: 'DNS', run: address },
    { name: 'TLS', run: connection },
    { name: 'challenge', run: challenge },
    { name: 'permission', run: permission },
    { name: 'secret', run: secret },
  ].map(ofVault),
];

function ofVault({ name, run }: { name: string; run(patient: VaultPatient): Promise<Finding> | Finding }): Step {
  return { name, needsVault: true, run: (patient) => run(patient as VaultPatient) };
}
