import { type HttpReply, realIo } from '../io.ts';
import { docsOfKeyVault } from '../key-vault/codes.ts';
import { explainKeyVaultError } from '../key-vault/explain.ts';
import type { Patient } from './checkup.ts';
import type { Finding } from './doctor.ts';
import { exitCodes } from './exit-codes.ts';

/** For reaching the vault, in ms. */
const limitMs = 15_000;

/** Whether `proxyEnv` of an agent has an effect. https://nodejs.org/api/http.html#built-in-proxy-support */
function knowsProxies(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
}

/** Name resolution, TCP and TLS in one: an anonymous request, which a vault answers with its challenge. */
export async function connection(patient: Patient): Promise<Finding> {
  const { vaultUrl, credential, env } = patient;
  if (vaultUrl === undefined) return { status: 'skipped', detail: 'no vault was named' };
  if ((env.HTTPS_PROXY || env.https_proxy) && !knowsProxies(process.versions.node)) {
    return {
      status: 'skipped',
      detail: 'by a proxy, which Node.js itself knows since 22.21 and 24.5: left to the next step but one',
    };
  }
  const url = new URL('/secrets?api-version=7.4', vaultUrl);
  const signal = AbortSignal.timeout(limitMs);
  // The exchange by itself does not keep the process alive.
  const release = realIo.after(limitMs, () => {}, true);
  try {
    const begin = performance.now();
    patient.challenge = await realIo.exchange({
      method: 'GET',
      url,
      headers: {},
      viaProxy: true,
      signal,
      timeoutMs: limitMs,
    });
    const took = Math.round(performance.now() - begin);
    return {
      status: 'ok',
      detail: `reached by TLS in ${took} ms, answered ${patient.challenge.status}${clockSkew(patient.challenge)}`,
    };
  } catch (error) {
    const byProxy = refusedByProxy(error, vaultUrl.host);
    if (byProxy) return byProxy;
    const { cause, fix, docs } = explainKeyVaultError(error, credential, { vaultUrl: vaultUrl.href });
    return { status: 'failed', detail: cause, fix, docs, exitCode: exitCodes.unreachable };
  } finally {
    release();
  }
}

/** More than a minute off is worth telling; five make tokens invalid. */
function clockSkew({ headers }: HttpReply): string {
  const skew = Math.round((Date.now() - Date.parse(headers.date ?? '')) / 1000);
  return Math.abs(skew) > 60 ? `; this machine's clock is ${Math.abs(skew)} s ${skew > 0 ? 'ahead' : 'behind'}` : '';
}

/** Node.js reports the proxy's own no with the proxy's status, which is not the vault's. Its address may hold a password. */
function refusedByProxy(error: unknown, host: string): Finding | undefined {
  const { code, statusCode } = error as { readonly code?: string; readonly statusCode?: number };
  if (code !== 'ERR_PROXY_TUNNEL') return undefined;
  const first =
    statusCode === 407
      ? 'Give the proxy its user name and password: HTTPS_PROXY=http://USER:PASSWORD@PROXY:PORT'
      : `See whether the vault's name is right: az keyvault list --query "[].properties.vaultUri" -o tsv`;
  return {
    status: 'failed',
    detail: `the proxy in HTTPS_PROXY gave no way to ${host}: it answered ${statusCode ?? 'nothing that is HTTP'}`,
    fix: [
      first,
      `Let the proxy allow CONNECT to ${host}, port 443; or, where the vault is reached without it, add .vault.azure.net to NO_PROXY.`,
    ],
    docs: docsOfKeyVault('KV_EMPTY_RESPONSE'),
    exitCode: exitCodes.unreachable,
  };
}
