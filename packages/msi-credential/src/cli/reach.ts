// The way to the vault, before anything is asked with a token: its name, the name server, TCP and TLS.
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import type { Explanation } from '../codes.ts';
import { proxyFor } from '../http/proxy.ts';
import { type HttpReply, realIo } from '../io.ts';
import { docsOfKeyVault } from '../key-vault/explain/codes.ts';
import { explainProxyVariable } from '../key-vault/explain/connection.ts';
import { explainKeyVaultError } from '../key-vault/explain/explain.ts';
import { problemWithVaultName, vaultNameIn } from '../key-vault/secret/names.ts';
import { clouds, vaultSuffixOf } from '../sources/application/clouds.ts';
import type { Problem } from '../types.ts';
import { exitCodes } from './exit-codes.ts';
import { type Finding, limitOf, type Patient, stepsOf, type VaultPatient } from './step.ts';

/** For reaching the vault, in ms. */
const reachMs = 15_000;

export function vaultName({ vaultUrl, vaultProblem }: Patient): Finding {
  if (vaultProblem !== undefined) return misnamed(vaultProblem);
  if (vaultUrl === undefined) {
    return { status: 'skipped', detail: 'no vault was named (--vault-url, KEY_VAULT_URL): the walk ends here' };
  }
  const { hostname } = vaultUrl;
  const name = vaultNameIn(hostname);
  const suffixes = clouds.map((cloud) => `.${vaultSuffixOf(cloud)}`).join(', ');
  if (name === undefined) return { status: 'warning', detail: `${hostname} does not end with ${suffixes}` };
  const problem = problemWithVaultName(name);
  if (problem === undefined && vaultUrl.port !== '')
    return { status: 'warning', detail: `${vaultUrl.host}: a vault on Azure has no port in its address` };
  if (problem === undefined) return { status: 'ok', detail: hostname };
  const detail = `"${name}" ${problem}: no vault has such a name`;
  return { status: 'failed', detail, fix: [listVaults], docs: urlDocs, exitCode: exitCodes.misconfigured };
}

const listVaults = 'See how yours are named: az keyvault list --query "[].properties.vaultUri" -o tsv';
const urlDocs = docsOfKeyVault('KV_URL_INVALID');

function misnamed({ cause, fix, docs }: Explanation): Finding {
  return { status: 'failed', detail: cause, fix: stepsOf(fix), docs, exitCode: exitCodes.misconfigured };
}

/** Where the name leads: a private address tells a private endpoint, and a public one that there is none for here. */
export async function address(patient: VaultPatient): Promise<Finding> {
  const { hostname } = patient.vaultUrl;
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host)) return { status: 'skipped', detail: 'the address is given' };
  const choice = proxyFor(patient.vaultUrl, patient.env);
  if ('problem' in choice) return { status: 'skipped', detail: 'left to a proxy' };
  if (choice.proxy) return { status: 'skipped', detail: `left to the proxy of ${choice.proxy.variable}` };
  try {
    const found = await within(limitOf(patient, reachMs), lookup(host, { all: true }));
    return { status: 'ok', detail: found.map((each) => `${each.address} (${kindOf(each.address)})`).join('\n') };
  } catch (error) {
    return unreached(error, patient);
  }
}

const special = [
  ['this machine: a stand-in', ['127.0.0.0/8', '::1/128']],
  ['private: a private endpoint', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']],
] as const;

const ranges = special.map(([kind, subnets]) => {
  const list = new BlockList();
  for (const [net = '', bits] of subnets.map((each) => each.split('/'))) list.addSubnet(net, Number(bits), family(net));
  return [kind, list] as const;
});

function kindOf(ip: string): string {
  return ranges.find(([, list]) => list.check(ip, family(ip)))?.[0] ?? 'public';
}

function family(ip: string): 'ipv4' | 'ipv6' {
  return isIP(ip) === 6 ? 'ipv6' : 'ipv4';
}

/** TCP and TLS: an anonymous request, which a vault answers with its challenge. */
export async function connection(patient: VaultPatient): Promise<Finding> {
  const { vaultUrl, env } = patient;
  const choice = proxyFor(vaultUrl, env);
  if ('problem' in choice) return misproxied(choice.problem);
  const { proxy } = choice;
  if (proxy && !knowsProxies(process.versions.node)) {
    return {
      status: 'skipped',
      detail: 'by a proxy, which Node.js itself knows since 22.21 and 24.5: left to the client',
    };
  }
  const url = new URL('/secrets?api-version=7.4', vaultUrl);
  const limitMs = limitOf(patient, reachMs);
  const ended = new AbortController();
  const request = {
    method: 'GET',
    url,
    headers: {},
    proxy,
    signal: ended.signal,
    timeoutMs: 2 * limitMs,
  } as const;
  try {
    const begin = performance.now();
    patient.challenge = await within(limitMs, realIo.exchange(request));
    const took = Math.round(performance.now() - begin);
    const detail = `reached by TLS in ${took} ms, answered ${patient.challenge.status}`;
    const skewS = clockSkew(patient.challenge);
    if (Math.abs(skewS) <= tolerableSkewS) return { status: 'ok', detail };
    return {
      status: 'warning',
      detail: `${detail}\nthis machine's clock is ${Math.abs(skewS)} s ${skewS > 0 ? 'ahead of' : 'behind'} the vault's`,
      fix: [
        'Set the clock: `timedatectl set-ntp true`, or in a container the clock of its host. Five minutes make tokens invalid.',
      ],
    };
  } catch (error) {
    return unreached(error, patient);
  } finally {
    ended.abort();
  }
}

function misproxied(problem: Problem): Finding {
  const { cause, fix, docs } = explainProxyVariable(problem);
  return { status: 'failed', detail: cause, fix: stepsOf(fix), docs, exitCode: exitCodes.misconfigured };
}

function unreached(error: unknown, { vaultUrl, credential }: VaultPatient): Finding {
  const { cause, fix, docs } = explainKeyVaultError(error, credential, { vaultUrl: vaultUrl.href });
  return { status: 'failed', detail: cause, fix: stepsOf(fix), docs, exitCode: exitCodes.unreachable };
}

/** More is worth telling, in s. */
const tolerableSkewS = 60;

function clockSkew({ headers }: HttpReply): number {
  const theirs = Date.parse(headers.date ?? '');
  return Number.isNaN(theirs) ? 0 : Math.round((Date.now() - theirs) / 1000);
}

/** Neither a look-up nor our exchange keeps the process alive by itself, and a look-up knows no time limit. */
async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = () => reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
  const release = realIo.after(limitMs, late, true);
  return Promise.race([work, promise]).finally(release);
}

/** Whether `proxyEnv` of an agent has an effect. https://nodejs.org/api/http.html#built-in-proxy-support */
function knowsProxies(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
}
