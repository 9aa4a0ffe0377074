import type { Explanation, Fix } from '../codes.ts';
import { explainKeyVaultError } from './explain/explain.ts';
import type { ErrorContext } from './explain/read-error.ts';
import type { Diagnosable } from './explain/situation.ts';
import { isMisconfigured } from './misconfigured.ts';

/** What a web service answers when it could not read from Key Vault. Holds no token, no secret and no stack. */
export interface HttpFailure {
  /** 503: the service is not set up yet. 502: it is, but somebody else refused or did not answer. */
  readonly status: 502 | 503;
  /** Plain text for people: what happened, what to do, and where to read more. */
  readonly text: string;
  /** The same as data. */
  readonly explanation: Explanation;
}

/** See the door, `index.ts`. */
export function httpFailureOf(error: unknown, credential?: Diagnosable, context?: ErrorContext): HttpFailure {
  const explanation = explainKeyVaultError(error, credential, context);
  return { status: isMisconfigured(explanation) ? 503 : 502, text: textOf(explanation), explanation };
}

function textOf({ code, title, cause, fix, docs }: Explanation): string {
  const lines = [title && `${title}.`, cause, '', 'What to do:', ...fix.flatMap(stepLines), '', `${code}: ${docs}`];
  return `${lines.filter((line) => line !== undefined).join('\n')}\n`;
}

/** A command stands alone on its line, so that it can be copied. */
function stepLines({ text, run }: Fix): string[] {
  return [`  - ${text ?? 'Run:'}`, ...(run === undefined ? [] : [`    ${run}`])];
}
