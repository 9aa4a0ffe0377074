// Bridges to what other folders still speak. Once they speak `Explanation` themselves, this file and its calls go.
import { type Explanation, explain, type Fix } from '../codes.ts';
import { describeAnswer } from '../key-vault/explain/answer.ts';
import type { KeyVaultExplanation } from '../key-vault/explain/codes.ts';
import type { Problem } from '../types.ts';

export function fromProblem({ code, message, hint }: Problem): Explanation {
  return explain(code, message, { fix: [fixOf(hint)] });
}

export function fromKeyVault({ fix, answer, cause, ...rest }: KeyVaultExplanation): Explanation {
  const came = answer ? ` Answer: ${describeAnswer(answer)}.` : '';
  return { ...rest, cause: cause + came, fix: fix.map(fixOf), ...(answer?.status && { status: answer.status }) };
}

function fixOf(line: string): Fix {
  const [, text, run] = /^(?:([^`]*:) )?((?:az|nslookup|npm|npx|curl) [^`(]*)$/.exec(line) ?? [];
  return run === undefined ? { text: line } : { ...(text && { text }), run };
}

/** What an explanation of Key Vault is to its reader. */
export function kindOf(code: string): 'misconfigured' | 'unreachable' | 'refused' {
  if (/^KV_(URL_|MODULE_MISSING)/.test(code)) return 'misconfigured';
  const unreachable =
    /^KV_(HOST_NOT_FOUND|DNS_UNAVAILABLE|CONNECTION_|PROXY|NO_ROUTE|TIMEOUT|ABORTED|TLS_|EMPTY_RESPONSE|UNEXPECTED_RESPONSE|SERVICE_ERROR)/;
  return unreachable.test(code) ? 'unreachable' : 'refused';
}
