import { formatFix } from '../codes.ts';
import type { Diagnostics, Principal } from '../types.ts';

/** A line of a report: what a terminal needs to colour it, and to break it below its text. */
export interface ReportLine {
  /** What stands before the text, with the space behind it. */
  readonly label: string;
  readonly text: string;
  readonly tone?: 'title' | 'good' | 'doubtful' | 'bad' | 'quiet';
}

/**
 * Puts a diagnosis into text for people, plain and aligned.
 *
 * @param diagnostics - From `diagnose()`, `credential.diagnostics` or an error's `diagnostics`.
 * @example
 * console.error(formatDiagnostics(credential.diagnostics));
 */
export function formatDiagnostics(diagnostics: Diagnostics): string {
  return reportOf(diagnostics)
    .map(({ label, text }) => label + text)
    .join('\n');
}

/** The same, line by line. */
export function reportOf(diagnostics: Diagnostics): ReportLine[] {
  return [
    ...choiceOf(diagnostics),
    ...tokenOf(diagnostics),
    ...sourcesOf(diagnostics),
    ...remarksOf(diagnostics),
    ...diagnostics.attempts.map(({ startedOn, source, outcome, durationMs }) => ({
      label: 'Attempt ',
      text: `${startedOn} ${source}: ${outcome} after ${Math.round(durationMs)} ms`,
    })),
  ];
}

/** What was chosen, with its host where the title doesn't name it. */
export function titleOnHost({ title, host = title }: NonNullable<Diagnostics['selected']>): string {
  return title.includes(host) ? title : `${title} on ${host}`;
}

function choiceOf({ selected, problem, candidates, identity }: Diagnostics): ReportLine[] {
  const lines: ReportLine[] = [];
  if (selected) {
    const { reason, tenantId } = selected;
    lines.push({ label: 'Chosen: ', text: titleOnHost(selected), tone: 'title' });
    lines.push({ label: '  because  ', text: reason });
    if (selected.identity) lines.push({ label: '  identity ', text: selected.identity });
    if (tenantId) lines.push({ label: '  tenant   ', text: tenantId });
  }
  if (candidates) lines.push({ label: 'Candidates, in this order: ', text: candidates.join(', '), tone: 'title' });
  if (identity) lines.push({ label: '  identity ', text: `${identity}, where a managed identity is asked` });
  if (problem) {
    lines.push({ label: 'Problem: ', text: problem.cause, tone: 'bad' });
    lines.push({ label: '  what to do  ', text: formatFix(problem.fix) });
    lines.push({ label: '  ', text: `${problem.code}, ${problem.docs}` });
  }
  return lines;
}

function tokenOf({ principal, token }: Diagnostics): ReportLine[] {
  const lines: ReportLine[] = [];
  if (principal) lines.push({ label: 'Token of: ', text: showPrincipal(principal), tone: 'title' });
  if (token) {
    const text = `${token.resource}, valid until ${token.expiresOn}, renewed from ${token.refreshOn}`;
    lines.push({ label: '  for ', text });
  }
  return lines;
}

const tones = { found: 'good', partial: 'doubtful', absent: 'quiet', unknown: 'quiet' } as const;

function sourcesOf({ sources }: Diagnostics): ReportLine[] {
  const width = Math.max(...sources.map(({ name }) => name.length), 0);
  return [
    { label: '', text: 'Sources, in the order in which they are considered:' },
    ...sources.map(({ name, verdict, reason }) => ({
      label: `  ${name.padEnd(width)}  ${verdict.padEnd(7)}  `,
      text: reason,
      tone: tones[verdict],
    })),
  ];
}

function remarksOf(diagnostics: Diagnostics): ReportLine[] {
  const { variables, shadowed, skipped = [], defaultAzureCredential, warnings } = diagnostics;
  const steering = variables.filter(({ set }) => set).map(({ name }) => name);
  const lines: ReportLine[] = shadowed.map(({ source, reason }) => ({
    label: 'Passed over: ',
    text: `${source} (${reason})`,
  }));
  for (const { source, reason } of skipped) lines.push({ label: 'Skipped: ', text: `${source}. ${reason}` });
  if (steering.length > 0) lines.unshift({ label: 'Steered by ', text: steering.join(' and ') });
  if (defaultAzureCredential) lines.push({ label: '', text: defaultAzureCredential });
  for (const { code, message, fix = [] } of warnings)
    lines.push({ label: 'Warning ', text: `${code}: ${message} ${formatFix(fix)}`.trimEnd(), tone: 'doubtful' });
  return lines;
}

function showPrincipal({ name, objectId, applicationId, tenantId }: Principal): string {
  const parts = [
    name,
    objectId && `object id ${objectId}`,
    applicationId && `application id ${applicationId}`,
    tenantId && `tenant ${tenantId}`,
  ];
  return parts.filter(Boolean).join(', ') || 'a token without readable claims';
}
