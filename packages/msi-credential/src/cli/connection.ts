import { type HttpReply, realIo } from '../io.ts';
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
