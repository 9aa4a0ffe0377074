// What the service as a whole answers, whatever was asked.
import { requestedPauseMs } from './answer.ts';
import type { ErrorFacts } from './read-error.ts';
import { isOfVault, type Rule } from './rule.ts';

function pauseIn(facts: ErrorFacts): string {
  const ms = requestedPauseMs(facts, Date.now());
  return ms === undefined ? 'It named no pause.' : `It asked for a pause of ${Math.ceil(ms / 1000)} s.`;
}

const throttledFix = [
  'Keep secrets in memory, and one SecretClient per process. getKeyVaultSecret keeps the client.',
  'With a client of your own, try again after 1, 2, 4, 8 and 16 seconds. SecretClient itself only does where the answer names a pause. getKeyVaultSecret does within its timeoutMs.',
  'If that is not enough, spread the secrets over several vaults.',
];

/** https://learn.microsoft.com/azure/key-vault/general/overview-throttling */
export const serviceRules: readonly Rule[] = [
  {
    code: 'KV_THROTTLED',
    status: 429,
    cause: ({ facts, names }) =>
      `Vault ${names.vault} serves about 4,000 reads in ten seconds. All vaults of the subscription together serve five times that. ${pauseIn(facts)}`,
    fix: throttledFix,
  },
  {
    code: 'KV_THROTTLED',
    status: 503,
    when: (situation) => isOfVault(situation) && requestedPauseMs(situation.facts, Date.now()) !== undefined,
    cause: ({ facts, names }) => `Vault ${names.vault} is too busy. ${pauseIn(facts)}`,
    fix: throttledFix,
  },
  {
    code: 'KV_SERVICE_ERROR',
    status: '5xx',
    when: isOfVault,
    cause: 'Vault {vault} failed. While a region fails over, a vault can be read but not written.',
    fix: [
      "Try again in some minutes. Look at https://azure.status.microsoft and at the vault's Resource health.",
      "If it goes on, open a support request with the time in UTC and the answer's x-ms-request-id.",
    ],
  },
];
