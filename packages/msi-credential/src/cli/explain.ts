import { diagnose } from '../credential.ts';
import { type ReportLine, reportOf } from '../diagnosis/report.ts';
import { type Command, inFlags } from './arguments.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { asJson, type Screen, type Style, type Terminal } from './terminal.ts';
import { wrap } from './wrap.ts';

/** What would be chosen and why, offline. */
export async function explain({ options, json }: Command, { out }: Terminal): Promise<ExitCode> {
  const diagnostics = diagnose(options);
  if (json) out.print(asJson(diagnostics));
  else for (const line of reportOf(diagnostics)) out.print(show(line, out));
  return diagnostics.status === 'problem' ? exitCodes.misconfigured : exitCodes.ok;
}

const styles: Record<NonNullable<ReportLine['tone']>, Style> = {
  title: 'bold',
  good: 'green',
  doubtful: 'yellow',
  bad: 'red',
  quiet: 'dim',
};

function show({ label, text, tone }: ReportLine, { paint, width }: Screen): string {
  // Below the text where it stands in a column, which a sentence does not.
  const line = wrap(label + inFlags(text), width, label.startsWith(' ') ? label.length : 2);
  return tone ? paint(styles[tone], line) : line;
}
