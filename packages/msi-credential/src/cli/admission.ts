// What the vault says, once it is reached: whom it belongs to, who may read, and whether the secret is there.
import type { Explanation } from '../codes.ts';
import { isCredentialError } from '../errors.ts';
import type { HttpReply } from '../io.ts';
import { tenantOfChallenge } from '../key-vault/explain/answer.ts';
import { docsOfKeyVault } from '../key-vault/explain/codes.ts';
import { KeyVaultError } from '../key-vault/explain/error.ts';
import { explainKeyVaultError } from '../key-vault/explain/explain.ts';
import { getKeyVaultSecret } from '../key-vault/secret/secret.ts';
import { decodeClaims, textField } from '../tokens/read-token.ts';
import { exitCodeOf, exitCodeOfVault, exitCodes } from './exit-codes.ts';
import { type Finding, limitOf, stepsOf, type VaultPatient } from './step.ts';

/** For one read with all of the client's retries, in ms. */
const readMs = 60_000;

/** The vault's own challenge names its tenant; anything else is no vault, or one that does not let us get so far. */
export async function challenge(patient: VaultPatient): Promise<Finding> {
  const { challenge: reply, diagnostics } = patient;
  if (reply === undefined) return { status: 'skipped', detail: 'left to the client, like the connection' };
  const { status, headers, body } = reply;
  if (status !== 401 || headers['www-authenticate'] === undefined)
    return failed(explainReply({ status, headers, bodyAsText: body }, patient));
  const tenant = tenantOfChallenge(headers['www-authenticate']);
  if (tenant === undefined) return { status: 'warning', detail: 'it names no tenant, as that of a vault does' };
  const own = diagnostics?.principal?.tenantId;
  if (own === undefined || own.toLowerCase() === tenant.toLowerCase())
    return { status: 'ok', detail: `the vault belongs to the token's tenant, ${tenant}` };
  return otherTenant(patient, own, tenant);
}

/** A client asks for a token of the vault's tenant then, which some credentials can get. */
async function otherTenant(patient: VaultPatient, own: string, tenantId: string): Promise<Finding> {
  const { credential, challenge: reply, diagnostics } = patient;
  const told = `the vault belongs to tenant ${tenantId}, the token to ${own}`;
  try {
    const { token } = await credential.getToken(`${diagnostics?.token?.resource}/.default`, { tenantId });
    if (textField(decodeClaims(token), 'tid')?.toLowerCase() === tenantId.toLowerCase())
      return { status: 'ok', detail: `${told}; there is a token of the vault's tenant as well` };
  } catch (error) {
    if (!isCredentialError(error)) throw error;
    const { summary, hint, docs } = error;
    return { status: 'failed', detail: `${told}\n${summary}`, fix: [hint], docs, exitCode: exitCodeOf(error) };
  }
  // What the vault would say of the token.
  return failed(explainReply({ status: 401, headers: reply?.headers }, patient));
}

/** As a client of the vault keeps it. */
interface Response {
  readonly status: number;
  readonly headers?: HttpReply['headers'] | undefined;
  readonly bodyAsText?: string;
}

/** What an answer of the vault means, read as its client would have told it. */
function explainReply(response: Response, patient: VaultPatient): Explanation {
  const request = { method: 'GET', url: new URL('/secrets', patient.vaultUrl).href };
  const error = { statusCode: response.status, response, request };
  return explainKeyVaultError(error, patient.credential, contextOf(patient));
}

/** A name that no vault has tells as well: "not found" is only said to those who may read. */
const unlikelyName = 'msi-credential-doctor';

/** What is said of a secret only to those who may read it. */
const toldToReaders = /^KV_SECRET_(NOT_FOUND|DISABLED|DATES|DELETED|BUSY)$/;

export async function permission(patient: VaultPatient): Promise<Finding> {
  const { credential, env, secretName } = patient;
  const { vaultUrl, secretName: name } = contextOf(patient);
  const limitMs = limitOf(patient, readMs);
  const abortSignal = AbortSignal.timeout(limitMs);
  try {
    await getKeyVaultSecret(name, { vaultUrl, credential, env, abortSignal });
  } catch (error) {
    if (abortSignal.aborted) return unanswered(patient, limitMs);
    patient.unread = explanationOf(error, patient);
  }
  if (patient.unread === undefined || toldToReaders.test(patient.unread.code))
    return { status: 'ok', detail: 'the value of a secret may be read' };
  const { code, fix } = patient.unread;
  const single = {
    text: 'If the role was assigned on single secrets and not on the vault, name one of them: --secret NAME',
  };
  const more = secretName === undefined && code === 'KV_DENIED_BY_RBAC' ? [single] : [];
  return failed({ ...patient.unread, fix: [...fix, ...more] });
}

export function secret({ secretName, unread }: VaultPatient): Finding {
  if (secretName === undefined) return { status: 'skipped', detail: 'none was named (--secret)' };
  return unread === undefined ? { status: 'ok', detail: `"${secretName}" can be read` } : failed(unread);
}

function contextOf({ vaultUrl, secretName }: VaultPatient) {
  return { vaultUrl: vaultUrl.href, secretName: secretName ?? unlikelyName };
}

function explanationOf(error: unknown, patient: VaultPatient): Explanation {
  return error instanceof KeyVaultError
    ? error.explanation
    : explainKeyVaultError(error, patient.credential, contextOf(patient));
}

function failed({ code, title, cause, fix, docs }: Explanation): Finding {
  return { status: 'failed', detail: `${title}: ${cause}`, fix: stepsOf(fix), docs, exitCode: exitCodeOfVault(code) };
}

function unanswered({ challenge: reply }: VaultPatient, limitMs: number): Finding {
  return {
    status: 'failed',
    detail: reply
      ? `the vault answered the first request, but none with a token within ${limitMs} ms`
      : `the vault answered no request within ${limitMs} ms`,
    fix: [
      'Try again; if it stays so, look for what holds requests back on the way: a proxy, a firewall that inspects them.',
    ],
    docs: docsOfKeyVault('KV_TIMEOUT'),
    exitCode: exitCodes.unreachable,
  };
}
