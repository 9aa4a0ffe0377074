// What the doctor finds out without a vault: from the runtime to the owner of the token.
import { getKeyVaultCredential } from '../credential.ts';
import { isCredentialError } from '../errors.ts';
import { cloudOfVault } from '../sources/application/clouds.ts';
import { scopeOf } from '../tokens/scope.ts';
import type { KeyVaultCredential } from '../types.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import type { Finding, Patient, Step } from './step.ts';

export const identitySteps: readonly Step[] = [
  { name: 'runtime', run: runtime },
  { name: 'environment', run: environment },
  { name: 'choice', run: choice },
  { name: 'token', run: token },
  { name: 'principal', run: principal },
];

function runtime(): Finding {
  const { versions, platform, arch } = process;
  return { status: 'ok', detail: `Node.js ${versions.node} on ${platform} ${arch}, ${new Date().toISOString()}` };
}

function environment(patient: Patient): Finding {
  patient.credential = getKeyVaultCredential(patient.options);
  patient.diagnostics = patient.credential.diagnostics;
  const found = patient.diagnostics.sources.filter(({ verdict }) => verdict === 'found' || verdict === 'partial');
  const list = found.map(({ name, verdict, reason, missing = [] }) => {
    if (verdict === 'found') return `${name} found: ${reason}`;
    return `${name} ${missing.length > 0 ? 'half-set' : 'set, but not as it has to be'}`;
  });
  const status = found.some(({ verdict }) => verdict === 'partial') ? 'warning' : 'ok';
  return { status, detail: list.length > 0 ? list.join('\n') : 'no variable announces a source' };
}

function choice(patient: Patient): Finding {
  const { selected, problem, candidates, identity, shadowed = [], defaultAzureCredential } = patient.diagnostics ?? {};
  if (problem)
    return {
      status: 'failed',
      detail: problem.message,
      fix: [problem.hint],
      docs: problem.docs,
      exitCode: exitCodes.misconfigured,
    };
  const warnings = newWarnings(patient);
  const lines = [
    selected
      ? `${selected.title}${selected.identity ? `, ${selected.identity}` : ''}`
      : `to be tried in this order: ${candidates?.join(', ')}`,
    ...(identity ? [`${identity}, where a managed identity is asked`] : []),
    ...shadowed.map(({ source, reason }) => `passed over: ${source} (${reason})`),
    ...(defaultAzureCredential ? [defaultAzureCredential] : []),
    ...warnings,
  ];
  return { status: warnings.length > 0 ? 'warning' : 'ok', detail: lines.join('\n') };
}

async function token(patient: Patient): Promise<Finding> {
  const cloud = cloudOfVault(patient.vaultUrl?.hostname);
  const begin = performance.now();
  try {
    patient.diagnostics = await (patient.credential as KeyVaultCredential).check(
      cloud ? { scope: scopeOf(cloud.vaultResource) } : {},
    );
    const { selected, token: got } = patient.diagnostics;
    return {
      status: 'ok',
      detail: `from ${selected?.source} in ${Math.round(performance.now() - begin)} ms, for ${got?.resource}, valid until ${got?.expiresOn}`,
    };
  } catch (error) {
    if (!isCredentialError(error)) throw error;
    return {
      status: 'failed',
      detail: error.summary,
      fix: [error.hint],
      docs: error.docs,
      exitCode: exitCodeOf(error),
    };
  }
}

/** Whose the token is, and what it shows that nothing showed before: that it is another's, that a clock is wrong. */
function principal(patient: Patient): Finding {
  const who = patient.diagnostics?.principal ?? {};
  const lines = [
    who.name,
    who.objectId && `object id       ${who.objectId}`,
    who.applicationId && `application id  ${who.applicationId}`,
    who.tenantId && `tenant          ${who.tenantId}`,
  ].filter((line) => line !== undefined && line !== '');
  if (lines.length === 0) lines.push('the token has no readable claims');
  const warnings = newWarnings(patient);
  const status = warnings.length > 0 || who.objectId === undefined ? 'warning' : 'ok';
  return { status, detail: [...lines, ...warnings].join('\n') };
}

/** What the diagnostics warn of since they were last looked at. */
function newWarnings(patient: Patient): readonly string[] {
  const all = (patient.diagnostics?.warnings ?? []).map(({ message }) => message);
  const told = patient.warned ?? [];
  patient.warned = all;
  return all.filter((message) => !told.includes(message));
}
