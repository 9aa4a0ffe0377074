import type { Explanation } from '../../codes.ts';
import { explanationOf } from '../../errors.ts';
import { clientRules, strangerRule } from './client.ts';
import { explain, withTitle } from './codes.ts';
import { connectionRules } from './connection.ts';
import { deniedForUnknownReason, deniedRules } from './denied.ts';
import { noTokenRules } from './no-token.ts';
import { objectRules } from './objects.ts';
import { read, readText } from './read-anything.ts';
import type { ErrorContext } from './read-error.ts';
import { requestRules } from './request.ts';
import { explainBy, type Rule } from './rule.ts';
import { serviceRules } from './service.ts';
import { type Diagnosable, situationOf } from './situation.ts';
import { tokenRules } from './token.ts';

/** From what is told by a name or a code to what is told by nothing but a status. */
export const rules: readonly Rule[] = [
  ...noTokenRules,
  ...connectionRules,
  ...clientRules,
  ...deniedRules,
  ...tokenRules,
  ...objectRules,
  ...requestRules,
  ...serviceRules,
  deniedForUnknownReason,
  strangerRule,
];

/** So many errors are looked at: an error, those that it wraps, and theirs. */
const most = 40;

/** Where wrappers keep what they wrap: errors of JavaScript, settled promises, and what libraries invented. */
const inside = ['cause', 'reason', 'error', 'originalError', 'innerError', 'inner'] as const;

/** The error and what it wraps, the outer ones first. */
function* each(error: unknown): Generator<unknown, void> {
  const found = [error];
  for (let index = 0; index < Math.min(found.length, most); index += 1) {
    const one = found[index];
    yield one;
    const wrapped = [...inside.map((name) => read(one, name)), ...listed(read(one, 'errors'))];
    found.push(...wrapped.filter((other) => other !== undefined && other !== null && !found.includes(other)));
  }
}

/** The first of a list; a proxy object may throw when it is asked. */
function listed(several: unknown): readonly unknown[] {
  try {
    return Array.isArray(several) ? several.slice(0, most) : [];
  } catch {
    return [];
  }
}

/** See the door, `index.ts`. Takes anything and throws nothing. */
export function explainKeyVaultError(
  error: unknown,
  credential?: Diagnosable,
  context: ErrorContext = {},
): Explanation {
  for (const one of each(error)) {
    const explanation = explainOne(one, credential, context);
    if (explanation !== undefined) return explanation;
  }
  return explain('KV_UNKNOWN', `Neither its status nor its code nor its words are known${kindOfError(error)}.`, [
    {
      text: 'Read the underlying error, and try the same by hand:',
      run: 'az keyvault secret list --vault-name VAULT --query "[].name" -o tsv',
    },
    { text: 'If it comes from Key Vault, report its code and status, without secrets, so that it gets a heading.' },
  ]);
}

/** Its class and code, which tell where to look. Not its words: nobody knows what they quote. */
function kindOfError(error: unknown): string {
  const kind = [readText(error, 'name'), readText(error, 'code')].filter((text) => /^\w{2,40}$/.test(text ?? ''));
  return kind.length === 0 ? '' : ` (${kind.join(', ')})`;
}

/** An error of ours says itself what is wrong. */
function explainOne(
  error: unknown,
  credential: Diagnosable | undefined,
  context: ErrorContext,
): Explanation | undefined {
  try {
    const own = explanationOf(error);
    return own === undefined ? explainBy(rules, situationOf(error, credential, context)) : withTitle(own);
  } catch {
    // No reader throws for a value. But a proxy object may do as it likes, and an error must not hide another.
    return undefined;
  }
}
