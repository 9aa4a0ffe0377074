// How the errors of a vault, of the way to it and of its client are told apart: rows, of which the first that matches
// counts.
import type { Explanation } from '../../codes.ts';
import type { ConnectionFailure } from '../../failures/connection.ts';
import { fill, type Step, toFix } from '../../failures/steps.ts';
import { describeAnswer, quote } from './answer.ts';
import { explain, type KeyVaultErrorCode, kindOf } from './codes.ts';
import { forStandIn } from './for-stand-in.ts';
import type { ErrorFacts } from './read-error.ts';
import type { Situation } from './situation.ts';

/** One way to fail: how it is recognised, why it happens, and what to do. Every condition that is given has to hold. */
export interface Rule {
  readonly code: KeyVaultErrorCode;
  /** The HTTP status; `none`: nothing came back. */
  readonly status?: number | '5xx' | 'none';
  /** What happened to the connection, by the system's code. */
  readonly failure?: ConnectionFailure;
  /** One of them is enough: a code or the error's name by its exact text, what somebody said by a pattern. */
  readonly signs?: readonly (string | RegExp)[];
  readonly when?: (situation: Situation) => boolean;
  /** `{vault}` and the other names of a situation stand for what is known. */
  readonly cause: string | ((situation: Situation) => string);
  readonly fix: readonly Step[] | ((situation: Situation) => readonly Step[]);
}

/** The explanation by the first row that matches; undefined if there is none. */
export function explainBy(rules: readonly Rule[], situation: Situation): Explanation<KeyVaultErrorCode> | undefined {
  const rule = rules.find((each) => matches(each, situation));
  return rule && tell(rule, situation);
}

/** What a row says of a failed call. */
export function tell({ code, cause, fix }: Rule, situation: Situation): Explanation<KeyVaultErrorCode> {
  const { facts, names } = situation;
  const told = typeof cause === 'function' ? cause(situation) : fill(cause, names);
  const came = describeAnswer(facts, whoAnswered(code, facts));
  const steps = typeof fix === 'function' ? fix(situation) : fix;
  if (!situation.standIn) return explain(code, told + came, toFix(steps, names), facts.status);
  const said = facts.status === undefined || told.includes(' said: ') ? '' : quote(facts, 'The stand-in');
  return explain(code, told + said + came, toFix(forStandIn(code, steps), names), facts.status);
}

function matches({ status, failure, signs, when }: Rule, situation: Situation): boolean {
  const { facts } = situation;
  if (status !== undefined && !isStatus(status, facts.status)) return false;
  if (failure !== undefined && failure !== facts.failure) return false;
  if (signs !== undefined && !signs.some((sign) => isSign(sign, facts))) return false;
  return when === undefined || when(situation);
}

function isStatus(expected: number | '5xx' | 'none', status: number | undefined): boolean {
  if (expected === 'none') return status === undefined;
  return expected === '5xx' ? (status ?? 0) >= 500 : status === expected;
}

function isSign(sign: string | RegExp, { name, code, inner, words }: ErrorFacts): boolean {
  return typeof sign === 'string' ? [name, code, inner].includes(sign) : sign.test(words);
}

/** Undefined where nobody knows who it was. */
function whoAnswered(code: KeyVaultErrorCode, { foreign }: ErrorFacts): string | undefined {
  const kind = kindOf(code);
  if (kind === 'credential') return 'The token service';
  return foreign || kind === 'unreachable' ? undefined : 'The vault';
}

/** For rows that no sign tells: only the vault's own answers have their codes. */
export const isOfVault = ({ facts }: Situation) => !facts.foreign;
