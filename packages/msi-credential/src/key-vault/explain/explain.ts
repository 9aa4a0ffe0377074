import type { Explanation } from '../../codes.ts';
import { explanationOf } from '../../errors.ts';
import { clientRules, strangerRule } from './client.ts';
import { explain, withTitle } from './codes.ts';
import { connectionRules } from './connection.ts';
import { deniedForUnknownReason, deniedRules } from './denied.ts';
import { noTokenRules } from './no-token.ts';
import { type ErrorContext, read, readText } from './read-error.ts';
import { requestRules } from './request.ts';
import { explainBy, type Rule } from './rule.ts';
import { type Diagnosable, situationOf } from './situation.ts';
import { tokenRules } from './token.ts';

/** From what is told by a name or a code to what is told by nothing but a status. */
export const rules: readonly Rule[] = [
  ...noTokenRules,
  ...connectionRules,
  ...clientRules,
  ...deniedRules,
  ...tokenRules,
  ...requestRules,
  deniedForUnknownReason,
  strangerRule,
];

/** An error may be wrapped this often. */
const depth = 4;

/** See the door, `index.ts`. Takes anything and throws nothing. */
export function explainKeyVaultError(
  error: unknown,
  credential?: Diagnosable,
  context: ErrorContext = {},
): Explanation {
  let each: unknown = error;
  for (let level = 0; level < depth && each !== undefined && each !== null; level += 1) {
    const explanation = explainOne(each, credential, context);
    if (explanation !== undefined) return explanation;
    each = read(each, 'cause') ?? read(each, 'errors', '0');
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
