// The steps of a check-up, for a terminal or a page: nothing here prints.
import { type Explanation, explain } from '../codes.ts';
import { explanationOf, isCredentialError } from '../errors.ts';
import { vaultUrlOf } from '../key-vault/secret/vault-url.ts';
import { cloudOfVault } from '../sources/application/clouds.ts';
import { scopeOf } from '../tokens/scope.ts';
import type { Diagnostics, Environment } from '../types.ts';
import { failed, type Patient, running, type Step, type StepResult } from './step.ts';
import { vaultSteps } from './vault-steps.ts';

/**
 * Goes from the runtime to the secret, and stops at the first failure. Slow steps are announced as `running`.
 *
 * @throws whatever is no failure of credential, vault or the way to it.
 */
export async function* checkup(patient: Patient): AsyncGenerator<Step, void> {
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
  const vault = readVault(patient.vaultUrl, env, authorityHost);
  yield running('token');
  yield await tokenStep(patient, vault);
  const after = credential.diagnostics;
  yield principalStep(before, after);
  if (vault instanceof URL) yield* vaultSteps({ ...patient, vaultUrl: vault, diagnostics: after });
  else yield noVault(vault);
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
  const status = found.some(({ verdict }) => verdict === 'partial') ? 'warning' : 'ok';
  return { name: 'environment', status, detail: lines.join('\n') || 'no variable announces a source' };
}

function choiceStep(diagnostics: Diagnostics): StepResult {
  const { selected, problem, candidates = [], identity, shadowed, defaultAzureCredential } = diagnostics;
  if (problem) return failed('choice', problem);
  const warnings = warningsOf(diagnostics);
  const lines = [
    selected
      ? [selected.title, selected.identity].filter(Boolean).join(', ')
      : `tried in this order: ${candidates.join(', ')}`,
    identity && `${identity}, where a managed identity is asked`,
    ...shadowed.map(({ source, reason }) => `passed over: ${source} (${reason})`),
    defaultAzureCredential,
    ...warnings,
  ];
  return { name: 'choice', status: warnings.length > 0 ? 'warning' : 'ok', detail: lines.filter(Boolean).join('\n') };
}

async function tokenStep(patient: Patient, vault: URL | Explanation): Promise<StepResult> {
  const { credential, tokenTimeoutMs } = patient;
  const cloud = vault instanceof URL ? cloudOfVault(vault.hostname) : undefined;
  const abortSignal = tokenTimeoutMs === undefined ? undefined : AbortSignal.timeout(tokenTimeoutMs);
  const begin = performance.now();
  try {
    const {
      selected,
      token,
      skipped = [],
    } = await credential.check({
      ...(cloud && { scope: scopeOf(cloud.vaultResource) }),
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
  const lines = [...(identity.length > 0 ? identity : ['the token has no readable claims']), ...warnings];
  const status = warnings.length > 0 || objectId === undefined ? 'warning' : 'ok';
  return { name: 'principal', status, detail: lines.join('\n') };
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
