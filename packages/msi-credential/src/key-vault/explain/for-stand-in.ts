import type { Step } from '../../failures/steps.ts';
import { type KeyVaultErrorCode, kindOf } from './codes.ts';

/** What a stand-in decides by itself: who may do what, and what is in it. */
const ownRules = ['denied', 'secret', 'token'];

const change =
  '{host} is a stand-in for Key Vault, not a vault of Azure. Change this in its settings, or in the data that it starts with.';
const start = '{host} is a stand-in for Key Vault. Check that it runs, and host and port in the address.';

/** Advice without the parts that only help with Azure. To get a token they may help as well. */
export function forStandIn(code: KeyVaultErrorCode, steps: readonly Step[]): readonly Step[] {
  const kind = kindOf(code);
  if (ownRules.includes(kind)) return [change];
  if (kind === 'credential') return steps;
  const fitting = steps.filter((step) => !isForAzure(step));
  return kind === 'unreachable' || code === 'KV_TIMEOUT' || fitting.length === 0 ? [start, ...fitting] : fitting;
}

function isForAzure(step: Step): boolean {
  const text = typeof step === 'string' ? step : [step.text, step.run].join(' ');
  return /\baz |privatelink\.vaultcore|usgovcloudapi|azure\.status/.test(text);
}
