import type { SendPolicy } from './send.ts';

/** The longest time for which the metadata service may answer 410 while it is being updated is 70 s; these add up to 75 s. */
const whileUpdatedMs = [5_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000];

/**
 * How Azure's metadata service wants to be called again. 404 means that it is being updated, too; other 4xx are final.
 * https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#retry-guidance
 */
export const metadataServicePolicy: SendPolicy = {
  retries: [
    { statuses: (status) => status === 410, pausesMs: whileUpdatedMs },
    {
      statuses: (status) => status === 404 || status === 429 || status >= 500,
      pausesMs: [1_000, 2_000, 6_000, 14_000],
    },
  ],
  networkPausesMs: [500, 1_500],
  tryTimeoutMs: 5_000,
};

/** Azure Arc's agent is such a service on the machine itself, where a 404 is final. */
export const arcAgentPolicy: SendPolicy = {
  ...metadataServicePolicy,
  retries: [
    { statuses: (status) => status === 410, pausesMs: whileUpdatedMs },
    { statuses: (status) => status === 429 || status >= 500, pausesMs: [1_000, 2_000, 6_000, 14_000] },
  ],
};
