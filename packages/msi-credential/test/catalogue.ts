import type { Explanation } from '../src/codes.ts';
import { explanationOf } from '../src/errors.ts';
import type { Environment, Problem, SelectOptions, Source } from '../src/types.ts';

/** Explanations as text for a file snapshot, so that a new wording is one change to review. */
export function catalogueOf(rows: Iterable<readonly [title: string, explanation: Explanation]>): string {
  return [...rows].map(entryOf).join('\n');
}

function entryOf([title, { code, status, cause, fix }]: readonly [string, Explanation]): string {
  const steps = fix.map(({ text, run }) => [text, run && `$ ${run}`].filter(Boolean).join('\n    '));
  const head = status === undefined ? code : `${code} (${status})`;
  return `${title}\n  ${[head, cause, ...steps.map((step) => `- ${step}`)].join('\n  ')}\n`;
}

/** The explanation that a promise fails with. */
export async function explanationOfFailure(promise: Promise<unknown>): Promise<Explanation> {
  const error = await promise.then(
    () => new Error('It worked.'),
    (reason: unknown) => reason,
  );
  const explanation = explanationOf(error);
  if (explanation === undefined) throw error;
  return explanation;
}

/** An entry of the catalogue: what a promise fails with. */
export const failing = async (title: string, promise: Promise<unknown>) =>
  [title, await explanationOfFailure(promise)] as const;

/** What prevents a source that this environment announces. */
export function problemOf(source: Source, env: Environment, options: SelectOptions = {}): Problem {
  const detection = source.announced(env, options);
  if (detection.verdict !== 'partial') throw new Error(`${source.name} is ${detection.verdict}.`);
  return detection.problem;
}

/** The commands among the steps. */
export const runsOf = ({ fix }: Explanation) => fix.flatMap(({ run }) => run ?? []);
