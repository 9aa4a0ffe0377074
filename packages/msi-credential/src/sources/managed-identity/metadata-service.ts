import type { Fix } from '../../codes.ts';
import { type SendPolicy, whereRefused } from '../../http/send.ts';

/** The metadata service may answer 410 for up to 70 s while it is being updated; these add up to 75 s and more. */
const whileUpdatedMs = [5_000, ...Array.from({ length: 7 }, () => 10_000)];

/** Documented as five tries, after about 0, 2, 6, 14 and 30 s, and for 5xx no sooner than 1 s. */
const backOffMs = [2_000, 6_000, 14_000, 30_000];

/** https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service#rate-limiting */
const metadataServiceTurns = { atOnce: 5, perSecond: 20 };

/**
 * How Azure's metadata service wants to be called again. 404 means that it is being updated, too; other 4xx are final.
 * https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#retry-guidance
 */
export const metadataServicePolicy: SendPolicy = {
  retries: [
    { statuses: (status) => status === 410, pausesMs: whileUpdatedMs },
    { statuses: (status) => status === 404 || status === 429 || status >= 500, pausesMs: backOffMs },
  ],
  networkPausesMs: [500, 1_500],
  mayBeStarting: true,
  tryTimeoutMs: 10_000,
  turns: metadataServiceTurns,
};

/** What to do where Azure Arc's agent is stopped. */
export const startAgent: readonly Fix[] = [
  { text: 'The agent is not running. Restart it:', run: 'sudo systemctl restart himdsd' },
  { text: 'See its state:', run: 'azcmagent show' },
];

/** Azure Arc's agent is such a service on the machine itself, where a 404 is final. */
export const arcAgentPolicy: SendPolicy = {
  ...metadataServicePolicy,
  retries: [
    { statuses: (status) => status === 410, pausesMs: whileUpdatedMs },
    { statuses: (status) => status === 429 || status >= 500, pausesMs: backOffMs },
  ],
  onUnreachable: whereRefused(startAgent),
};
