import { errorCodes } from '../../codes.ts';
import { explainClient, explainWords, unexpected } from '../secret/client.ts';
import { answerIn, answerOf } from './answer.ts';
import { explanationOf, type Finding, type KeyVaultExplanation } from './codes.ts';
import { explainForbidden } from './denied.ts';
import { type ErrorContext, read, readText } from './read-error.ts';
import { explainRefusal } from './refused.ts';
import { type Diagnosable, type Situation, situationOf } from './situation.ts';
import { explainTrouble } from './trouble.ts';
import { explainUnauthorized } from './unauthorized.ts';
import { explainUnreachable } from './unreachable.ts';

const byStatus: Readonly<Record<number, (situation: Situation) => Finding | undefined>> = {
  400: explainRefusal,
  401: explainUnauthorized,
  403: explainForbidden,
  404: explainRefusal,
  409: explainRefusal,
};

/** An error may be wrapped this often. */
const depth = 4;

/** See the door, `index.ts`. Takes anything and throws nothing. */
export function explainKeyVaultError(
  error: unknown,
  credential?: Diagnosable,
  context: ErrorContext = {},
): KeyVaultExplanation {
  let each: unknown = error;
  for (let level = 0; level < depth && each !== undefined && each !== null; level += 1) {
    const found = explainOne(each, credential, context);
    if (found !== undefined) return found;
    each = read(each, 'cause') ?? read(each, 'errors', '0');
  }
  return explanationOf({
    code: 'KV_UNKNOWN',
    cause: `Neither its status nor its code nor its words are those of Key Vault or its client${kindOf(error)}.`,
    fix: [
      'Read the underlying error, and try the same by hand: az keyvault secret list --vault-name VAULT --query "[].name" -o tsv',
      'If it comes from Key Vault, report its code and status, without secrets, so that it gets a heading.',
    ],
  });
}

/** Its class and code, which tell where to look. Not its words: nobody knows what they quote. */
function kindOf(error: unknown): string {
  const kind = [readText(error, 'name'), readText(error, 'code')].filter((text) => /^\w{2,40}$/.test(text ?? ''));
  return kind.length === 0 ? '' : ` (${kind.join(', ')})`;
}

function explainOne(
  error: unknown,
  credential: Diagnosable | undefined,
  context: ErrorContext,
): KeyVaultExplanation | undefined {
  const own = explainedBefore(error) ?? ofOurCredential(error);
  if (own !== undefined) return own;
  try {
    const situation = situationOf(error, credential, context);
    // Its status is the proxy's, not the vault's.
    const tunnel = situation.facts.code === 'ERR_PROXY_TUNNEL' ? explainUnreachable(situation) : undefined;
    const finding = tunnel ?? explainClient(situation) ?? explainAnswer(situation) ?? explainWords(situation);
    return finding && explanationOf(finding, answerOf(situation.facts));
  } catch {
    // No reader throws for a value; but a proxy object may do as it likes, and an error must not hide another.
    return undefined;
  }
}

/** By status where there is one: a code beside it is the service's, not the system's. */
function explainAnswer(situation: Situation): Finding | undefined {
  const { status } = situation.facts;
  if (status === undefined) return explainUnreachable(situation);
  return byStatus[status]?.(situation) ?? explainTrouble(situation) ?? unexpected(situation);
}

/** A `KeyVaultError` brings its explanation with it, and so does our TypeError for wrong use. */
function explainedBefore(error: unknown): KeyVaultExplanation | undefined {
  if (readText(error, 'explanation', 'code') !== readText(error, 'code')) return undefined;
  const fields = ['code', 'title', 'cause', 'docs'].map((name) => readText(error, 'explanation', name));
  const fix = read(error, 'explanation', 'fix');
  const [code, title, cause, docs] = fields;
  const lines: unknown[] = Array.isArray(fix) ? fix : [];
  if (!code || !title || !cause || !docs || lines.length === 0) return undefined;
  const answer = answerIn(read(error, 'explanation'));
  return { code, title, cause, fix: lines.filter((line) => typeof line === 'string'), docs, ...(answer && { answer }) };
}

/** Our credential's errors say themselves what is wrong; read by shape, since two copies of the package may be loaded. */
function ofOurCredential(error: unknown): KeyVaultExplanation | undefined {
  const [code, cause, hint, docs] = ['code', 'summary', 'hint', 'docs'].map((name) => readText(error, name));
  if (!errorCodes.some((known) => known === code) || !code || !cause || !hint || !docs) return undefined;
  return { code, title: 'The credential gave no token', cause, fix: [hint], docs };
}
