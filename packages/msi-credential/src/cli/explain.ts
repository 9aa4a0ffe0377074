import { diagnose } from '../credential.ts';
import { formatDiagnostics } from '../diagnose.ts';
import type { Command } from './arguments.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Screen, Terminal } from './terminal.ts';
import { wrap } from './wrap.ts';

/** What would be chosen and why, offline. */
export async function explain({ options, json }: Command, { out }: Terminal): Promise<ExitCode> {
  const diagnostics = diagnose(options);
  out.print(json ? JSON.stringify(diagnostics, undefined, 2) : paintDiagnosis(formatDiagnostics(diagnostics), out));
  return diagnostics.status === 'problem' ? exitCodes.misconfigured : exitCodes.ok;
}

/** Colours and line ends for what the text already says. */
function paintDiagnosis(text: string, screen: Screen): string {
  return text
    .split('\n')
    .map((line) => paintLine(wrap(line, screen.width, indentOf(line)), screen))
    .join('\n');
}

/** Where the text of a line begins, behind its names. */
function indentOf(line: string): number {
  const names = /^ {2}(\S+ +(found|partial|absent|unknown) +|(because|identity|tenant|what to do) +)/.exec(line);
  return names?.[0].length ?? 2;
}

function paintLine(line: string, { paint }: Screen): string {
  if (line.startsWith('Problem')) return paint('red', line);
  if (line.startsWith('Warning')) return paint('yellow', line);
  if (/^(Chosen|Candidates|Token of)/.test(line)) return paint('bold', line);
  if (/^ {2}\S+ +found /.test(line)) return paint('green', line);
  if (/^ {2}\S+ +partial /.test(line)) return paint('yellow', line);
  return /^ {2}\S+ +(absent|unknown) /.test(line) ? paint('dim', line) : line;
}
