import { checkup } from '../checkup/checkup.ts';
import { type ExitCode, exitCodes } from '../checkup/exit-codes.ts';
import { maySucceedLater } from '../checkup/patience.ts';
import { causeOf, type StepResult } from '../checkup/step.ts';
import { diagnose, getKeyVaultCredential } from '../credential.ts';
import { type ReportLine, reportOf } from '../diagnosis/report.ts';
import { realIo } from '../io.ts';
import { kindOf } from '../key-vault/explain/codes.ts';
import { vaultUrlOf } from '../key-vault/secret/vault-url.ts';
import { cloudFor } from '../sources/application/clouds.ts';
import { decodeClaims } from '../tokens/read-token.ts';
import { scopeOf } from '../tokens/scope.ts';
import type { Diagnostics, Environment } from '../types.ts';
import type { Command } from './arguments.ts';
import { asJson, failureAsJson, hang, remedy, type Screen, type Style, type Terminal } from './terminal.ts';

/** What would be chosen and why, offline. */
export function explain({ values, options }: Command, env: Environment, { out }: Terminal): ExitCode {
  const diagnostics = diagnose({ ...options, env });
  if (values.json) out.print(asJson(diagnostics));
  else showDiagnostics(diagnostics, out);
  return diagnostics.status === 'problem' ? exitCodes.misconfigured : exitCodes.ok;
}

function showDiagnostics({ problem, ...rest }: Diagnostics, out: Screen): void {
  if (problem) {
    out.print(out.paint('red', hang('Problem: ', causeOf(problem), out.width)));
    out.print(`${remedy(problem, out)}\n`);
  }
  for (const line of reportOf(rest)) out.print(reportLine(line, out));
}

const tones: Record<NonNullable<ReportLine['tone']>, Style> = {
  title: 'bold',
  good: 'green',
  doubtful: 'yellow',
  bad: 'red',
  quiet: 'dim',
};

function reportLine({ label, text, tone }: ReportLine, { paint, width }: Screen): string {
  const line = hang(label, text, width);
  return tone ? paint(tones[tone], line) : line;
}

/** Goes from the runtime to the secret and stops at the first failure. */
export async function doctor(command: Command, env: Environment, { out, err, busy }: Terminal): Promise<ExitCode> {
  const { values, options } = command;
  const { vaultUrl, timeoutMs, authorityHost, allowStandIn } = options;
  const credential = getKeyVaultCredential({ ...options, env });
  if (values.scope === undefined) checkVault(command, env);
  const { scope, secret: secretName } = values;
  const waitMs = values.wait ? longestWaitMs : 0;
  const where = { vaultUrl, authorityHost, allowStandIn, secretName };
  const patient = { credential, env, ...where, scope, waitMs, timeoutMs };
  const results: StepResult[] = [];
  let done = () => {};
  try {
    for await (const step of checkup({ ...patient, runtime: process, clock: realIo })) {
      done();
      if (step.status === 'running' && step.detail) err.print(progress(step.name, step.detail, err));
      else if (step.status === 'running') done = busy(step.name);
      else {
        results.push(step);
        if (!values.json) showStep(step, out);
      }
    }
  } finally {
    done();
  }
  const last = results.at(-1);
  const exitCode = last?.exitCode ?? exitCodes.ok;
  const { diagnostics } = credential;
  if (values.json) out.print(asJson({ version: 1, exitCode, steps: results, diagnostics }));
  else if (last?.status === 'failed') {
    out.print(
      `${waitMs === 0 && isLateRight(last) ? `\n${hang('', waitHint, out.width)}` : ''}\n${out.paint('red', hang('', summary(last), out.width))}`,
    );
  } else out.print(out.paint('green', `\n${hang('', conclusion(results, scope), out.width)}`));
  return exitCode;
}

/** What is wrong with a flag is told at once; what is wrong with a variable is a step. */
function checkVault({ values, options }: Command, env: Environment): void {
  try {
    vaultUrlOf(options.vaultUrl, env, options.authorityHost);
  } catch (error) {
    const isMissing = (error as { readonly code?: unknown }).code === 'KV_URL_MISSING';
    if (options.vaultUrl !== undefined || (isMissing && values.secret !== undefined)) throw error;
  }
}

/** How long `--wait` goes on, in ms: role assignments take up to ten minutes. */
const longestWaitMs = 600_000;

/** The failure in one line, for whoever only reads the end. */
function summary({ name, detail, explanation }: StepResult): string {
  const clause = /^.*?(?=[.:](?:\s|$)|$)/m.exec(detail)?.[0] ?? detail;
  return `Failed at ${name}: ${explanation?.title ?? clause} (${explanation?.code})`;
}

/** A right that was just given is the usual reason to wait. */
const waitHint = 'If you have just given this right, add --wait. It can take ten minutes to arrive.';

function isLateRight(result: StepResult): boolean {
  return kindOf(result.explanation?.code ?? '') === 'denied' && maySucceedLater(result);
}

function progress(name: string, detail: string, { width }: Screen): string {
  return hang(`… ${name.padEnd(13)}`, detail, width);
}

function conclusion(results: readonly StepResult[], scope: string | undefined): string {
  if (results.some(({ status }) => status === 'warning')) return 'It works. See what is marked with !.';
  if (scope !== undefined)
    return 'The token is fine. What it may do is decided by the roles of its owner at that service.';
  return results.some(({ name }) => name === 'secret') ? 'All is well.' : 'All is well up to here.';
}

const marks = { ok: '✓', warning: '!', failed: '✗', skipped: '–' } as const;
const styles = { ok: 'green', warning: 'yellow', failed: 'red', skipped: 'dim' } as const;

/** Prints a step: its mark, its name, and below each other what was found and what to do. */
function showStep({ name, status, detail, explanation }: StepResult, screen: Screen): void {
  const { print, paint, width } = screen;
  print(hang(`${paint(styles[status], marks[status])} ${name.padEnd(13)}`, detail, width));
  if (explanation) print(remedy(explanation, screen));
}

/** A token, or its claims; failures are the caller's to tell. */
export async function token(command: Command, env: Environment, { out, err, busy }: Terminal): Promise<ExitCode> {
  const { json, decode, scope } = command.values;
  const cloud = cloudFor(env, command.options.authorityHost);
  const credential = getKeyVaultCredential({ ...command.options, env });
  const done = busy('asking for a token');
  const access = await credential.getToken(scope ?? scopeOf(cloud.vaultResource)).finally(done);
  const expiresOn = new Date(access.expiresOnTimestamp).toISOString();
  const claims = decode ? decodeClaims(access.token) : undefined;
  if (decode && claims === undefined) {
    const message = 'The token is not a JWT. Only the service that it is for can read it. Leave out --decode.';
    if (json) out.print(failureAsJson({ code: 'OPAQUE_TOKEN', message }));
    else err.print(message);
    return exitCodes.refused;
  }
  const { selected } = credential.diagnostics;
  const what = decode ? { claims } : { token: access.token };
  if (json) out.print(asJson({ version: 1, source: selected?.source, expiresOn, ...what }));
  else out.print(decode ? asJson(claims) : access.token);
  return exitCodes.ok;
}
