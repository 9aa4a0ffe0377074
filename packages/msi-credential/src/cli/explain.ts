import { diagnose } from '../credential.ts';
import { formatDiagnostics } from '../diagnose.ts';
import type { Command } from './arguments.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** What would be chosen and why, offline. */
export async function explain({ options, json }: Command, terminal: Terminal): Promise<ExitCode> {
  const diagnostics = diagnose(options);
  terminal.out(
    json ? JSON.stringify(diagnostics, undefined, 2) : paintDiagnosis(formatDiagnostics(diagnostics), terminal),
  );
  return diagnostics.status === 'problem' ? exitCodes.misconfigured : exitCodes.ok;
}

/** Colours for what the text already says. */
export function paintDiagnosis(text: string, { paint }: Terminal): string {
  return text
    .split('\n')
    .map((line) => {
      if (line.startsWith('Problem')) return paint('red', line);
      if (line.startsWith('Warning')) return paint('yellow', line);
      if (line.startsWith('Chosen') || line.startsWith('Candidates') || line.startsWith('Token of'))
        return paint('bold', line);
      if (/^ {2}\S+ +found /.test(line)) return paint('green', line);
      if (/^ {2}\S+ +partial /.test(line)) return paint('yellow', line);
      return /^ {2}\S+ +(absent|unknown) /.test(line) ? paint('dim', line) : line;
    })
    .join('\n');
}
