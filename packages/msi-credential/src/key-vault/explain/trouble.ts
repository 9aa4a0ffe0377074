import { answerOf } from './answer.ts';
import type { Finding } from './codes.ts';
import type { Situation } from './situation.ts';

const throttled = ({ facts, vault }: Situation): Finding => {
  const milliseconds = facts.header('retry-after-ms') ?? facts.header('x-ms-retry-after-ms');
  const pause = facts.header('retry-after') ?? (milliseconds && String(Number(milliseconds) / 1000));
  return {
    code: 'KV_THROTTLED',
    cause: `Vault ${vault} serves about 4,000 reads in ten seconds, and all vaults of the subscription together five times that. ${
      pause === undefined
        ? 'It named no pause, and without one the client does not try again.'
        : `It asked for a pause${/^[\d.]{1,9}$/.test(pause) ? ` of ${pause} s` : ''}, which the client kept between its tries.`
    }`,
    fix: [
      'Keep secrets in memory, and one SecretClient per process: getKeyVaultSecret does the latter.',
      'Try again yourself after 1, 2, 4, 8 and 16 seconds.',
      'If that is not enough, spread the secrets over several vaults.',
    ],
  };
};

const failed = ({ facts, vault }: Situation): Finding => {
  const id = answerOf(facts)?.requestId;
  return {
    code: 'KV_SERVICE_ERROR',
    cause: `Vault ${vault} answered ${facts.status}. While a region fails over, a vault can be read and not written.`,
    fix: [
      'Try again in some minutes, and look at https://azure.status.microsoft and the Resource health of the vault.',
      `If it stays, open a support request with the time in UTC and x-ms-request-id ${id ?? '(of the answer)'}.`,
    ],
  };
};

/** Explains a 429 and everything from 500 on; `undefined` when somebody else than the vault gave it. */
export function explainTrouble(situation: Situation): Finding | undefined {
  const { status = 0, foreign } = situation.facts;
  if (status === 429) return throttled(situation);
  return status >= 500 && !foreign ? failed(situation) : undefined;
}
