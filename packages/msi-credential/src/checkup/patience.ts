import { kindOf } from '../key-vault/explain/codes.ts';
import type { Patient, Step, StepResult } from './step.ts';
import { running } from './step.ts';

/** The first pause, in ms; each is twice the one before, up to the longest. */
const firstPauseMs = 5_000;
const longestPauseMs = 60_000;

/**
 * Takes the steps, and takes them again while the one that fails may come right by waiting. What was shown once is not shown
 * again.
 */
export async function* withPatience(
  steps: () => AsyncGenerator<Step, void>,
  waitMs: number,
  clock: Patient['clock'],
): AsyncGenerator<Step, void> {
  const shown = new Set<string>();
  const end = clock.now() + waitMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    let pending: StepResult | undefined;
    for await (const step of steps()) {
      if (step.status === 'failed' && clock.now() < end && maySucceedLater(step)) pending = step;
      else if (!shown.has(step.name) || step.status === 'failed') yield step;
      if (step.status !== 'running' && step.status !== 'failed') shown.add(step.name);
    }
    if (pending === undefined) return;
    // The last try is at the end of the time.
    const pause = Math.min(pauseMs, end - clock.now());
    const left = Math.ceil((end - clock.now()) / 60_000);
    const when = `trying again in ${Math.ceil(pause / 1000)} s, for ${left} min at most`;
    yield running(pending.name, `not yet (${pending.explanation?.code}), ${when}`);
    await new Promise<void>((resolve) => clock.after(pause, resolve, true));
  }
}

/** What another try may change: a role assignment arrives, a name, an identity or a service comes up. */
const passing: readonly string[] = [
  'ERR_UNREACHABLE',
  'ERR_TIMEOUT',
  'ERR_THROTTLED',
  'ERR_IDENTITY_NOT_FOUND',
  // https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---role-assignment-changes-are-not-being-detected
  'KV_DENIED_BY_RBAC',
  'KV_DENIED_BY_POLICY',
  'KV_DENIED',
  'KV_FIREWALL',
  'KV_PRIVATE_ONLY',
  'KV_HOST_NOT_FOUND',
  'KV_DNS_UNAVAILABLE',
  'KV_CONNECTION_REFUSED',
  'KV_CONNECTION_RESET',
  'KV_NO_ROUTE',
  'KV_SECRET_NOT_FOUND',
  'KV_SECRET_BUSY',
];

const passingKinds: readonly string[] = ['throttled', 'service', 'timeout'];

/** Whether a failure may be over some minutes later, without anybody correcting a setting. */
export function maySucceedLater({ explanation }: StepResult): boolean {
  const { code = '', status = 0 } = explanation ?? {};
  if (passing.includes(code) || passingKinds.includes(kindOf(code))) return true;
  // A host's endpoint or Entra failed, and not because of what was asked.
  return code === 'ERR_REFUSED' && (status === 429 || status >= 500);
}
