// The steps of a check-up, for a terminal or a page: nothing here prints.
import { docsUrl, type Explanation, explain } from '../codes.ts';
import { titleOnHost } from '../diagnosis/report.ts';
import { explanationOf, isCredentialError } from '../errors.ts';
import { vaultUrlOf } from '../key-vault/secret/vault-url.ts';
import { cloudOfVault } from '../sources/application/clouds.ts';
import { scopeOf } from '../tokens/scope.ts';
import type { Diagnostics, Environment } from '../types.ts';
import { doubtfulAudience } from './audience.ts';
import { exitCodes } from './exit-codes.ts';
import { withPatience } from './patience.ts';
import { failed, type Patient, running, type Step, type StepResult } from './step.ts';
import { vaultSteps } from './vault-steps.ts';

/**
 * Goes from the runtime to the secret, and stops at the first failure. Slow steps are announced as `running`. What may come
 * right by waiting is repeated for as long as `waitMs` says.
 *
 * @throws whatever is no failure of credential, vault or the way to it.
 */
export function checkup(patient: Patient): AsyncGenerator<Step, void> {
  return withPatience(() => untilFailure(patient), patient.waitMs ?? 0, patient.clock);
}

async function* untilFailure(patient: Patient): AsyncGenerator<Step, void> {
  for await (const step of allSteps(patient)) {
    yield step;
    // Each step rests on those before it.
    if (step.status === 'failed') return;
  }
}

async function* allSteps(patient: Patient): AsyncGenerator<Step, void> {
  const { credential, env, runtime, authorityHost } = patient;
  yield runtimeStep(runtime);
  const before = credential.diagnostics;
  yield environmentStep(before);
  yield choiceStep(before);
  const vault = patient.scope === undefined ? readVault(patient.vaultUrl, env, authorityHost) : undefined;
  yield running('token');
  yield await tokenStep(patient, patient.scope ?? scopeFor(vault));
  const after = credential.diagnostics;
  yield principalStep(before, after);
  if (vault instanceof URL) yield* vaultSteps({ ...patient, vaultUrl: vault, diagnostics: after });
  else if (vault) yield noVault(vault);
}

function runtimeStep({ versions, platform, arch }: Patient['runtime']): StepResult {
  const detail = `Node.js ${versions.node} on ${platform} ${arch}, ${new Date().toISOString()}`;
  return { name: 'runtime', status: 'ok', detail };
}

function environmentStep({ sources }: Diagnostics): StepResult {
  const found = sources.filter(({ verdict }) => verdict === 'found' || verdict === 'partial');
  const lines = found.map(({ name, verdict, reason, missing = [] }) => {
    if (verdict === 'found') return `${name} found: ${reason}`;
    return `${name} ${missing.length > 0 ? 'half-set' : 'set, but not usable'}`;
  });
  const name = 'environment';
  if (found.length === 0) return { name, status: 'skipped', detail: 'no variable announces a source' };
  const status = found.some(({ verdict }) => verdict === 'partial') ? 'warning' : 'ok';
  return { name, status, detail: lines.join('\n') };
}

function choiceStep(diagnostics: Diagnostics): StepResult {
  const { selected, problem, candidates = [], identity, shadowed, defaultAzureCredential } = diagnostics;
  const blocked = problem ?? blockedBy(diagnostics);
  const warnings = warningsOf(diagnostics);
  if (blocked) {
    const failure = failed('choice', blocked, exitCodes.misconfigured);
    const others = warnings.filter((message) => !blocked.cause.includes(message));
    return { ...failure, detail: [failure.detail, ...others].join('\n') };
  }
  const lines = [
    selected
      ? [titleOnHost(selected), selected.identity].filter(Boolean).join(', ')
      : `tried in this order: ${candidates.join(', ')}`,
    identity && `${identity}, where a managed identity is asked`,
    ...shadowed.map(({ source, reason }) => `passed over: ${source} (${reason})`),
    defaultAzureCredential,
    ...warnings,
  ];
  return { name: 'choice', status: warnings.length > 0 ? 'warning' : 'ok', detail: lines.filter(Boolean).join('\n') };
}

/** A placeholder in the place of a secret or an id: nothing is gained by sending it. */
function blockedBy({ warnings }: Diagnostics): Explanation | undefined {
  const blocking = warnings.filter(({ fix }) => fix !== undefined);
  if (blocking.length === 0) return undefined;
  const [{ code } = { code: 'SETTING_DOUBTFUL' }] = blocking;
  const cause = blocking.map(({ message }) => message).join(' ');
  const fix = blocking.flatMap(({ fix = [] }) => fix);
  return { code, cause, fix, docs: `${docsUrl}#${code.toLowerCase()}` };
}

/** Key Vault's in the vault's cloud, where that is known. */
function scopeFor(vault: URL | Explanation | undefined): string | undefined {
  const cloud = vault instanceof URL ? cloudOfVault(vault.hostname) : undefined;
  return cloud && scopeOf(cloud.vaultResource);
}

async function tokenStep(patient: Patient, scope: string | undefined): Promise<StepResult> {
  const { credential, tokenTimeoutMs } = patient;
  const abortSignal = tokenTimeoutMs === undefined ? undefined : AbortSignal.timeout(tokenTimeoutMs);
  const begin = performance.now();
  try {
    const {
      selected,
      token,
      skipped = [],
    } = await credential.check({
      ...(scope !== undefined && { scope }),
      ...(abortSignal && { abortSignal }),
    });
    const took = Math.round(performance.now() - begin);
    const detail = `from ${selected?.source} in ${took} ms, for ${token?.resource}, valid until ${token?.expiresOn}`;
    const passed = skipped.map(({ source, reason }) => `skipped: ${source}. ${reason}`);
    return { name: 'token', status: 'ok', detail: [detail, ...passed].join('\n') };
  } catch (error) {
    if (isCredentialError(error)) return failed('token', error.explanation);
    if (!abortSignal?.aborted) throw error;
    return failed('token', explain('ERR_TIMEOUT', `No token came within ${tokenTimeoutMs} ms.`));
  }
}

/** Whose the token is, and what only the token shows: that it is another's, that a clock is wrong. */
function principalStep(before: Diagnostics, after: Diagnostics): StepResult {
  const { name, objectId, applicationId, tenantId } = after.principal ?? {};
  const identity = [
    name,
    objectId && `object id       ${objectId}`,
    applicationId && `application id  ${applicationId}`,
    tenantId && `tenant          ${tenantId}`,
  ].filter(Boolean);
  const earlier = warningsOf(before);
  const warnings = warningsOf(after).filter((message) => !earlier.includes(message));
  const doubts = [whyNobody(after), doubtfulAudience(after), ...warnings].filter((line) => line !== undefined);
  const status = doubts.length > 0 ? 'warning' : 'ok';
  return { name: 'principal', status, detail: [...identity, ...doubts].join('\n') };
}

/** Role assignments and access policies name an object id. */
function whyNobody({ principal = {} }: Diagnostics): string | undefined {
  if (principal.objectId !== undefined) return undefined;
  const { name, applicationId, tenantId, audience } = principal;
  const isReadable = [name, applicationId, tenantId, audience].some((claim) => claim !== undefined);
  return isReadable
    ? 'the token has no object id (oid), so nobody can see whose it is'
    : 'the token has no readable claims';
}

function warningsOf({ warnings }: Diagnostics): readonly string[] {
  return warnings.map(({ message }) => message);
}

/** The vault's address, or why there is none. */
function readVault(option: string | undefined, env: Environment, authorityHost: string | undefined): URL | Explanation {
  try {
    return new URL(vaultUrlOf(option, env, authorityHost));
  } catch (error) {
    const explanation = explanationOf(error);
    if (explanation === undefined) throw error;
    return explanation;
  }
}

function noVault(explanation: Explanation): StepResult {
  if (explanation.code !== 'KV_URL_MISSING') return failed('vault name', explanation);
  return { name: 'vault name', status: 'skipped', detail: 'no vault is named. Set KEY_VAULT_URL to check one.' };
}
