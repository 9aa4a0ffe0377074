import { type Explanation, formatFix } from '../codes.ts';
import { vaultUrlOf } from '../key-vault/secret/vault-url.ts';
import type { Environment } from '../types.ts';
import { type Command, inFlags, UsageError } from './arguments.ts';
import { checkupSteps } from './checkup.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Finding, Patient } from './step.ts';
import { asJson, type Screen, type Terminal } from './terminal.ts';
import { wrap } from './wrap.ts';

/** Walks from the runtime to the secret and stops at the first failure, with the one next thing to do. */
export async function doctor(command: Command, env: Environment, { out, busy }: Terminal): Promise<ExitCode> {
  const vault = readVault(command, env);
  if (command.secretName !== undefined && 'none' in vault) {
    throw new UsageError('--secret needs a vault: --vault-url, or KEY_VAULT_URL.');
  }
  const patient: Patient = { env, options: command.options, secretName: command.secretName, ...vault };
  const found: ({ readonly name: string } & Finding)[] = [];
  for (const { name, run } of checkupSteps.filter(({ needsVault }) => !needsVault || 'vaultUrl' in vault)) {
    const done = busy(name);
    const finding = await Promise.resolve(run(patient)).finally(done);
    found.push({ name, ...finding });
    if (!command.json) show(name, finding, out);
    if (finding.status === 'failed') break;
  }
  const last = found.at(-1);
  const exitCode = last?.status === 'failed' ? (last.exitCode ?? exitCodes.unexpected) : exitCodes.ok;
  const report = { version: 1, exitCode, steps: found, diagnostics: patient.credential?.diagnostics };
  if (command.json) out.print(asJson(report));
  else if (exitCode === exitCodes.ok) out.print(out.paint('green', `\n${conclusion(found, 'vaultUrl' in vault)}`));
  return exitCode;
}

function conclusion(found: readonly Finding[], withVault: boolean): string {
  if (found.some(({ status }) => status === 'warning')) return 'It works; see what is marked with !.';
  return withVault ? 'All is well.' : 'All is well up to here.';
}

/** What is wrong with a flag is told at once; what is wrong with a variable is a step of the walk. */
function readVault(
  { vaultUrl: given, options }: Command,
  env: Environment,
): { readonly vaultUrl: URL } | { readonly vaultProblem: Explanation } | { readonly none: true } {
  try {
    return { vaultUrl: new URL(vaultUrlOf(given, env, options.authorityHost)) };
  } catch (error) {
    const vaultProblem = (error as { readonly explanation: Explanation }).explanation;
    if (vaultProblem.code === 'KV_URL_MISSING') return { none: true };
    if (given === undefined) return { vaultProblem };
    const { cause, fix } = vaultProblem;
    throw new UsageError(`${inFlags(cause)} ${formatFix(fix.slice(0, 1))}`, { cause: error });
  }
}

const marks = { ok: '✓', warning: '!', failed: '✗', skipped: '–' } as const;
const styles = { ok: 'green', warning: 'yellow', failed: 'red', skipped: 'dim' } as const;

/** The width of mark and name, below which nothing else stands. */
const indent = 15;

function show(name: string, { status, detail, fix = [], docs }: Finding, { print, paint, width }: Screen): void {
  const lines = inFlags(detail)
    .split('\n')
    .map((line) => wrap(' '.repeat(indent) + line, width, indent));
  const text = lines.join('\n').slice(indent);
  print(`${paint(styles[status], marks[status])} ${name.padEnd(indent - 3)} ${text}`);
  const [next, ...then] = fix;
  if (next !== undefined) print(`\n  ${paint('bold', 'Next')}\n${itemOf(next, width)}`);
  if (then.length > 0) print(`  ${paint('bold', 'Then')}\n${then.map((each) => itemOf(each, width)).join('\n')}`);
  if (docs) print(paint('dim', `  ${docs}`));
}

function itemOf(fix: string, width: number | undefined): string {
  const lines = inFlags(fix)
    .split('\n')
    .map((line, index) => wrap(`${index === 0 ? '  - ' : '    '}${line}`, width, 4));
  return lines.join('\n');
}
