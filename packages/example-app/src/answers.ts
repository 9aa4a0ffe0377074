import type { Diagnostics } from 'msi-credential';
import type { Failure } from './failure.ts';

/** Where the token came from. */
export function sourceOf({ selected, attempts }: Diagnostics): string | undefined {
  return selected?.source ?? attempts.at(-1)?.source;
}

/** The secret and whose token it was, line by line. */
export function secretText(value: string | undefined, diagnostics: Diagnostics): string {
  const { selected, principal } = diagnostics;
  const rows = [
    ['Your secret value is', value === undefined ? undefined : `${value}.`],
    ['Source', `${sourceOf(diagnostics)}${selected ? ` (${selected.reason})` : ''}`],
    ['Principal', principal?.name],
    ['Object id', principal?.objectId],
    ['Application id', principal?.applicationId],
    ['Tenant', principal?.tenantId],
  ];
  return rows.flatMap(([label, text]) => (text ? [`${label}: ${text}\n`] : [])).join('');
}

/** What went wrong and what to do, line by line. */
export function failureText({ explanation }: Failure): string {
  const { code, title, cause, fix, docs } = explanation;
  const steps = fix.map((step) => `  - ${step}`);
  return [`${title}. ${cause}`, 'What to do:', ...steps, docs ? `${code}: ${docs}` : code, ''].join('\n');
}
