import { getKeyVaultCredential } from '../credential.ts';
import { isCredentialError } from '../errors.ts';
import type { HttpReply } from '../io.ts';
import type { KeyVaultExplanation } from '../key-vault/codes.ts';
import { KeyVaultError } from '../key-vault/error.ts';
import { explainKeyVaultError } from '../key-vault/explain.ts';
import { getKeyVaultSecret } from '../key-vault/secret.ts';
import type { CredentialOptions, Diagnostics, Environment, KeyVaultCredential } from '../types.ts';
import { clouds } from '../wire/clouds.ts';
import { connection } from './connection.ts';
import type { Finding, Step } from './doctor.ts';
import { exitCodeOf, exitCodeOfVault, exitCodes } from './exit-codes.ts';

/** Whom the doctor looks at; the steps add what they find. */
export interface Patient {
  readonly env: Environment;
  readonly options: CredentialOptions;
  readonly vaultUrl?: URL;
  /** Why the variable that names the vault is none. */
  readonly vaultProblem?: KeyVaultExplanation;
  readonly secretName: string | undefined;
  credential?: KeyVaultCredential;
  diagnostics?: Diagnostics;
  /** What the vault answered to a request without a token. */
  challenge?: HttpReply;
}

/** From the inside out: each step says more than the one before, and needs it. */
export const checkupSteps: readonly Step[] = [
  { name: 'runtime', run: runtime },
  { name: 'environment', run: environment },
  { name: 'choice', run: choice },
  { name: 'token', run: token },
  { name: 'principal', run: principal },
  { name: 'vault name', run: vaultName },
  { name: 'connection', run: connection },
  { name: 'tenant', run: tenant },
  { name: 'permission', run: permission },
];

function runtime(): Finding {
  const [major = 0] = process.versions.node.split('.').map(Number);
  const detail = `Node.js ${process.versions.node} on ${process.platform} ${process.arch}, ${new Date().toISOString()}`;
  if (major >= 22) return { status: 'ok', detail };
  return { status: 'failed', detail, fix: ['Install Node.js 22 or later.'], exitCode: exitCodes.misconfigured };
}

function environment(patient: Patient): Finding {
  patient.credential = getKeyVaultCredential(patient.options);
  patient.diagnostics = patient.credential.diagnostics;
  const found = patient.diagnostics.sources.filter(({ verdict }) => verdict === 'found' || verdict === 'partial');
  const list = found.map(
    ({ name, verdict, reason }) => `${name} ${verdict === 'found' ? `found: ${reason}` : 'half-set'}`,
  );
  return { status: 'ok', detail: list.length > 0 ? list.join('\n') : 'no variable announces a source' };
}

function choice({ diagnostics }: Patient): Finding {
  const { selected, problem, candidates, shadowed = [], defaultAzureCredential, warnings = [] } = diagnostics ?? {};
  if (problem)
    return {
      status: 'failed',
      detail: problem.message,
      fix: [problem.hint],
      docs: problem.docs,
      exitCode: exitCodes.misconfigured,
    };
  const lines = [
    selected
      ? `${selected.title}${selected.identity ? `, ${selected.identity}` : ''}`
      : `to be tried in this order: ${candidates?.join(', ')}`,
    ...shadowed.map(({ source, reason }) => `passed over: ${source} (${reason})`),
    ...(defaultAzureCredential ? [defaultAzureCredential] : []),
    ...warnings.map(({ message }) => message),
  ];
  return { status: warnings.length > 0 ? 'warning' : 'ok', detail: lines.join('\n') };
}

async function token(patient: Patient): Promise<Finding> {
  const scope = patient.vaultUrl && vaultScopeOf(patient.vaultUrl);
  const begin = performance.now();
  try {
    patient.diagnostics = await (patient.credential as KeyVaultCredential).check(scope ? { scope } : {});
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

/** The scope of the cloud that a vault's name belongs to. */
function vaultScopeOf({ hostname }: URL): string | undefined {
  const cloud = clouds.find(({ vaultResource }) => hostname.endsWith(`.${new URL(vaultResource).hostname}`));
  return cloud && `${cloud.vaultResource}/.default`;
}

function principal({ diagnostics }: Patient): Finding {
  const who = diagnostics?.principal ?? {};
  const lines = [
    who.name,
    who.objectId && `object id       ${who.objectId}`,
    who.applicationId && `application id  ${who.applicationId}`,
    who.tenantId && `tenant          ${who.tenantId}`,
  ].filter((line) => line !== undefined && line !== '');
  const other = diagnostics?.warnings.find(({ code }) => code === 'OTHER_IDENTITY');
  if (other) return { status: 'warning', detail: [...lines, other.message].join('\n') };
  return lines.length > 0
    ? { status: 'ok', detail: lines.join('\n') }
    : { status: 'warning', detail: 'the token has no readable claims' };
}

/** https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name */
function vaultName({ vaultUrl, vaultProblem }: Patient): Finding {
  if (vaultProblem !== undefined) return misnamed(vaultProblem);
  if (vaultUrl === undefined) {
    return { status: 'skipped', detail: 'no vault was named (--vault-url, KEY_VAULT_URL): the walk ends here' };
  }
  const [name = ''] = vaultUrl.hostname.split('.');
  const suffixes = clouds.map(({ vaultResource }) => new URL(vaultResource).hostname);
  if (!suffixes.some((suffix) => vaultUrl.hostname === `${name}.${suffix}`)) {
    return { status: 'warning', detail: `${vaultUrl.hostname} does not end with .${suffixes.join(', .')}` };
  }
  if (/^[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]$/.test(name)) return { status: 'ok', detail: vaultUrl.hostname };
  const fix = [
    'A vault name has 3 to 24 letters, digits and single hyphens, and begins with a letter: az keyvault list --output table shows yours.',
  ];
  return {
    status: 'failed',
    detail: `"${name}" cannot be the name of a vault`,
    fix,
    exitCode: exitCodes.misconfigured,
  };
}

function misnamed({ cause, fix, docs }: KeyVaultExplanation): Finding {
  return { status: 'failed', detail: cause, fix, docs, exitCode: exitCodes.misconfigured };
}

function tenant({ vaultUrl, challenge, diagnostics }: Patient): Finding {
  if (vaultUrl === undefined) return skipped;
  if (challenge === undefined) return { status: 'skipped', detail: 'the vault was not asked for it' };
  const vaultTenant = /authorization="https:\/\/[^/"]+\/([^/"]+)/.exec(
    challenge.headers['www-authenticate'] ?? '',
  )?.[1];
  if (challenge.status !== 401 || vaultTenant === undefined) {
    const fix = [
      'Something between this process and the vault answers in its place: check HTTPS_PROXY, NO_PROXY and the DNS of the vault (nslookup).',
    ];
    return {
      status: 'failed',
      detail: `not a vault's challenge: status ${challenge.status}`,
      fix,
      exitCode: exitCodes.unreachable,
    };
  }
  const own = diagnostics?.principal?.tenantId;
  if (own === undefined || own.toLowerCase() === vaultTenant.toLowerCase())
    return { status: 'ok', detail: `the vault belongs to the token's tenant, ${vaultTenant}` };
  return {
    status: 'failed',
    detail: `the vault belongs to tenant ${vaultTenant}, the token to ${own}`,
    fix: [
      `Use an identity of the vault's tenant: set AZURE_TENANT_ID=${vaultTenant}, or az login --tenant ${vaultTenant}.`,
    ],
    exitCode: exitCodes.refused,
  };
}

/** A name that no vault has tells as well: "not found" is only said to those who may read. */
const unlikelyName = 'msi-credential-doctor';

async function permission({ vaultUrl, secretName, credential, env }: Patient): Promise<Finding> {
  if (vaultUrl === undefined) return skipped;
  const context = { vaultUrl: vaultUrl.href, secretName: secretName ?? unlikelyName };
  try {
    await getKeyVaultSecret(context.secretName, {
      vaultUrl: context.vaultUrl,
      credential: credential as KeyVaultCredential,
      env,
    });
    return { status: 'ok', detail: `secret "${context.secretName}" can be read` };
  } catch (error) {
    const { code, title, cause, fix, docs } =
      error instanceof KeyVaultError ? error.explanation : explainKeyVaultError(error, credential, context);
    if (secretName === undefined && code === 'KV_SECRET_NOT_FOUND')
      return { status: 'ok', detail: 'secrets can be read (name one with --secret to try it)' };
    return { status: 'failed', detail: `${title}: ${cause}`, fix, docs, exitCode: exitCodeOfVault(code) };
  }
}

const skipped: Finding = { status: 'skipped', detail: 'no vault was named' };
