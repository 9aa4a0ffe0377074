import { type Command, UsageError } from './arguments.ts';
import { checkupSteps, type Patient } from './checkup.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** What one step found out. */
export interface Finding {
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly detail: string;
  /** The next thing to do, in order of likelihood. */
  readonly fix?: readonly string[];
  readonly docs?: string;
  readonly exitCode?: ExitCode;
}

/** One step of the walk; later steps need what earlier ones found. */
export interface Step {
  readonly name: string;
  run(patient: Patient): Promise<Finding> | Finding;
}

/** Walks from the runtime to the secret and stops at the first failure, with the one next thing to do. */
export async function doctor(command: Command, env: Patient['env'], terminal: Terminal): Promise<ExitCode> {
  const vaultUrl = readVaultUrl(command.vaultUrl ?? (env.KEY_VAULT_URL?.trim() || env.KEY_VAULT_URI?.trim()));
  if (command.secretName !== undefined && vaultUrl === undefined) {
    throw new UsageError('--secret needs a vault: --vault-url, or KEY_VAULT_URL.');
  }
  const patient: Patient = { env, options: command.options, vaultUrl, secretName: command.secretName };
  const found: ({ readonly name: string } & Finding)[] = [];
  for (const { name, run } of checkupSteps) {
    const done = terminal.busy(name);
    const finding = await Promise.resolve(run(patient)).finally(done);
    found.push({ name, ...finding });
    if (!command.json) show(name, finding, terminal);
    if (finding.status === 'failed') break;
  }
  const last = found.at(-1);
  const exitCode = last?.status === 'failed' ? (last.exitCode ?? exitCodes.unexpected) : exitCodes.ok;
  if (command.json)
    terminal.out(
      JSON.stringify(
        { version: 1, exitCode, steps: found, diagnostics: patient.credential?.diagnostics },
        undefined,
        2,
      ),
    );
  else if (exitCode === exitCodes.ok) terminal.out(terminal.paint('green', '\nAll is well.'));
  return exitCode;
}

function readVaultUrl(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:') return url;
  throw new UsageError('The vault (--vault-url, KEY_VAULT_URL) is an https URL, such as https://NAME.vault.azure.net.');
}

const marks = { ok: '✓', warning: '!', failed: '✗', skipped: '–' } as const;
const styles = { ok: 'green', warning: 'yellow', failed: 'red', skipped: 'dim' } as const;

function show(name: string, { status, detail, fix = [], docs }: Finding, { out, paint }: Terminal): void {
  const [first = '', ...more] = detail.split('\n');
  out(`${paint(styles[status], marks[status])} ${name.padEnd(12)} ${first}`);
  for (const line of more) out(`${' '.repeat(15)}${line}`);
  if (fix.length > 0) out(paint('bold', '\n  What to do'));
  for (const each of fix) out(`  - ${each.replaceAll('\n', '\n    ')}`);
  if (docs) out(paint('dim', `  ${docs}`));
}
