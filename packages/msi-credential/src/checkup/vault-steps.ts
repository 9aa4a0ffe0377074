// The way to the vault (name, DNS, TLS), then what the vault says: whose it is, who may read, whether the secret is there.
import dns from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { promisify } from 'node:util';
import { docsUrl, type Explanation, type Fix } from '../codes.ts';
import { isCredentialError } from '../errors.ts';
import { type ProxyChoice, proxyFor } from '../http/proxy.ts';
import { ExchangeError, type HttpReply, realIo } from '../io.ts';
import { tenantOfChallenge } from '../key-vault/explain/answer.ts';
import { docsOfKeyVault, explain, kindOf } from '../key-vault/explain/codes.ts';
import { explainProxyVariable } from '../key-vault/explain/connection.ts';
import { explainKeyVaultError } from '../key-vault/explain/explain.ts';
import { vaultNameIn } from '../key-vault/secret/names.ts';
import { getKeyVaultSecret } from '../key-vault/secret/secret.ts';
import { isStandIn } from '../key-vault/secret/stand-in.ts';
import { within } from '../key-vault/secret/within.ts';
import { clouds, vaultSuffixOf } from '../sources/application/clouds.ts';
import { decodeClaims, textField } from '../tokens/read-token.ts';
import type { Diagnostics } from '../types.ts';
import { problemWithChallenge } from './challenge.ts';
import { exitCodes } from './exit-codes.ts';
import { failed, type Patient, running, type Step, type StepResult } from './step.ts';

/** A patient with a token, and a vault to read from. */
export type VaultPatient = Omit<Patient, 'vaultUrl'> & { readonly vaultUrl: URL; readonly diagnostics: Diagnostics };

/** For reaching the vault, in ms. */
const reachMs = 15_000;
/** For one read with all of the client's retries, in ms. */
const readMs = 60_000;

/** Goes on past a failure, save of the connection: whoever takes the steps stops there. */
export async function* vaultSteps(patient: VaultPatient): AsyncGenerator<Step, void> {
  const { vaultUrl, env, secretName } = patient;
  const route = proxyFor(vaultUrl, env);
  yield nameStep(vaultUrl);
  yield running('DNS');
  yield await dnsStep(patient, route);
  yield running('TLS');
  const { result, reply } = await tlsStep(patient, route);
  yield result;
  if (reply === undefined) return;
  yield running('tenant');
  yield await tenantStep(patient, reply);
  yield running('permission');
  const unread = await readSecret(patient);
  yield permissionStep(unread, secretName);
  yield secretStep(unread, secretName);
}

const suffixes = clouds.map((cloud) => `.${vaultSuffixOf(cloud)}`).join(', ');

function nameStep({ hostname, host, port }: URL): StepResult {
  const name = 'vault name';
  if (isStandIn(hostname)) return { name, status: 'warning', detail: `${host} is a stand-in, not a vault of Azure` };
  if (vaultNameIn(hostname) === undefined)
    return { name, status: 'warning', detail: `${hostname} does not end with ${suffixes}` };
  if (port === '') return { name, status: 'ok', detail: hostname };
  return { name, status: 'warning', detail: `${host}: a vault on Azure has no port in its address` };
}

/** Where the name leads: a private address tells a private endpoint, and a public one that there is none for here. */
async function dnsStep(patient: VaultPatient, route: ProxyChoice): Promise<StepResult> {
  const name = 'DNS';
  const host = patient.vaultUrl.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host)) return { name, status: 'skipped', detail: 'the address is a number' };
  if ('problem' in route) return { name, status: 'skipped', detail: 'a proxy looks it up' };
  if (route.proxy) return { name, status: 'skipped', detail: `the proxy of ${route.proxy.variable} looks it up` };
  try {
    const look = promisify(dns.lookup);
    const found = await within(realIo, limit(patient, reachMs), undefined, () => look(host, { all: true }));
    return {
      name,
      status: 'ok',
      detail: found.map(({ address }) => `${address} (${kindOfAddress(address)})`).join('\n'),
    };
  } catch (error) {
    return unreached(name, error, patient);
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

function kindOfAddress(ip: string): string {
  return ranges.find(([, list]) => list.check(ip, family(ip)))?.[0] ?? 'public';
}

function family(ip: string): 'ipv4' | 'ipv6' {
  return isIP(ip) === 6 ? 'ipv6' : 'ipv4';
}

interface Connection {
  readonly result: StepResult;
  /** What the vault answered to a request without a token. */
  readonly reply?: HttpReply;
}

/** TCP and TLS: an anonymous request, which a vault answers with its challenge. */
async function tlsStep(patient: VaultPatient, route: ProxyChoice): Promise<Connection> {
  const name = 'TLS';
  if ('problem' in route) {
    const explanation = explainProxyVariable(route.problem);
    return { result: failed(name, explanation, exitCodes.misconfigured) };
  }
  const url = new URL('/secrets?api-version=7.4', patient.vaultUrl);
  const timeoutMs = limit(patient, reachMs);
  const begin = performance.now();
  try {
    // Its own limit is the one that tells whether anybody took the request.
    const reply = await within(realIo, 2 * timeoutMs, undefined, (signal) =>
      realIo.exchange({ method: 'GET', url, headers: {}, proxy: route.proxy, signal, timeoutMs }),
    );
    const reached = `reached in ${Math.round(performance.now() - begin)} ms, answered ${reply.status}`;
    return { result: withClock({ name, status: 'ok', detail: reached }, reply), reply };
  } catch (error) {
    if (!(error instanceof ExchangeError && error.connected)) return { result: unreached(name, error, patient) };
    const cause = `${url.host} took the request, but did not answer within ${timeoutMs} ms. So the port is open.`;
    return { result: failed(name, explain('KV_TIMEOUT', cause, holdUp)) };
  }
}

function unreached(name: string, error: unknown, { vaultUrl, credential }: VaultPatient): StepResult {
  const explanation = explainKeyVaultError(error, credential, { vaultUrl: vaultUrl.href });
  return failed(name, explanation, exitCodes.unreachable);
}

/** A greater difference is worth telling, in s. */
const tolerableSkewS = 60;

/** The same step, with a warning where this machine's clock is not the vault's. */
function withClock(step: StepResult, { headers }: HttpReply): StepResult {
  const skewS = Math.round((Date.now() - Date.parse(headers.date ?? '')) / 1000);
  if (Number.isNaN(skewS) || Math.abs(skewS) <= tolerableSkewS) return step;
  const cause = `This machine's clock is ${Math.abs(skewS)} s ${skewS > 0 ? 'ahead of' : 'behind'} the vault's.`;
  const fix = [
    { text: 'Set the clock. Tokens become invalid at a difference of five minutes:', run: 'timedatectl set-ntp true' },
    { text: "In a container, set its host's clock." },
  ];
  const explanation = { code: 'CLOCK_SKEW', cause, fix, docs: `${docsUrl}#clock_skew` };
  return { ...step, status: 'warning', detail: `${step.detail}\n${cause}`, explanation };
}

/** The vault's challenge names its tenant; anything else is no vault, or one that does not let us get so far. */
async function tenantStep(patient: VaultPatient, reply: HttpReply): Promise<StepResult> {
  const name = 'tenant';
  const problem = problemWithChallenge(name, reply, patient);
  if (problem !== undefined) return problem;
  const challenge = reply.headers['www-authenticate'];
  if (reply.status !== 401 || challenge === undefined) {
    const failure = failed(name, explainReply(reply, patient));
    return reply.status < 300 ? { ...failure, detail: `it asks for no token\n${failure.detail}` } : failure;
  }
  const tenant = tenantOfChallenge(challenge);
  if (tenant === undefined) return { name, status: 'warning', detail: "it names no tenant, but a vault's does" };
  const own = patient.diagnostics.principal?.tenantId ?? tenant;
  if (own.toLowerCase() === tenant.toLowerCase())
    return { name, status: 'ok', detail: `the vault belongs to the token's tenant, ${tenant}` };
  const owners = `the vault belongs to tenant ${tenant}, the token to ${own}`;
  const refusal = await refusalOfTenant(patient, tenant, reply);
  if (refusal === undefined)
    return { name, status: 'ok', detail: `${owners}; it can get one of the vault's tenant as well` };
  const failure = failed(name, refusal);
  return { ...failure, detail: `${owners}\n${failure.detail}` };
}

/** Why there is no token of the vault's tenant, for which its clients ask then; undefined where there is one. */
async function refusalOfTenant(
  patient: VaultPatient,
  tenantId: string,
  { headers }: HttpReply,
): Promise<Explanation | undefined> {
  const { credential, diagnostics } = patient;
  try {
    const { token } = await credential.getToken(`${diagnostics.token?.resource}/.default`, {
      tenantId,
      requestOptions: { timeout: limit(patient, readMs) },
    });
    if (textField(decodeClaims(token), 'tid')?.toLowerCase() === tenantId.toLowerCase()) return undefined;
  } catch (error) {
    if (!isCredentialError(error)) throw error;
    return error.explanation;
  }
  // What the vault would say of the token.
  return explainReply({ status: 401, headers }, patient);
}

/** What an answer of the vault means, read as its client would have told it. */
function explainReply({ status, headers, body }: Partial<HttpReply>, patient: VaultPatient): Explanation {
  const response = { status, headers, ...(body !== undefined && { bodyAsText: body }) };
  const request = { method: 'GET', url: new URL('/secrets', patient.vaultUrl).href };
  const error = { statusCode: status, response, request };
  return explainKeyVaultError(error, patient.credential, contextOf(patient));
}

/** A name that no vault has tells as well: "not found" is only said to those who may read. */
const unlikelyName = 'msi-credential-doctor';

function contextOf({ vaultUrl, secretName = unlikelyName }: VaultPatient) {
  return { vaultUrl: vaultUrl.origin, secretName };
}

/** Why the secret cannot be read; undefined where it can. */
async function readSecret(patient: VaultPatient): Promise<Explanation | undefined> {
  const { credential, env, allowStandIn } = patient;
  const { vaultUrl, secretName } = contextOf(patient);
  const timeoutMs = limit(patient, readMs);
  try {
    await getKeyVaultSecret(secretName, { vaultUrl, credential, env, timeoutMs, allowStandIn });
    return undefined;
  } catch (error) {
    const explanation = explainKeyVaultError(error, credential, { vaultUrl, secretName });
    return explanation.code === 'KV_TIMEOUT' ? unanswered(timeoutMs) : explanation;
  }
}

function unanswered(limitMs: number): Explanation {
  const cause = `The vault answered the first request, but none with a token within ${limitMs} ms.`;
  return { code: 'KV_TIMEOUT', cause, fix: holdUp, docs: docsOfKeyVault('KV_TIMEOUT') };
}

const holdUp: readonly Fix[] = [
  {
    text: 'Try again. If it happens again, look for what holds requests back: a proxy, or a firewall that inspects them.',
  },
];

function permissionStep(unread: Explanation | undefined, secretName: string | undefined): StepResult {
  const name = 'permission';
  // What is about the secret itself is said only to those who may read it.
  if (unread === undefined || kindOf(unread.code) === 'secret')
    return { name, status: 'ok', detail: 'secret values may be read' };
  if (secretName !== undefined || unread.code !== 'KV_DENIED_BY_RBAC') return failed(name, unread);
  const single = {
    text: 'If the role was assigned on single secrets and not on the vault, name one of them:',
    run: 'npx msi-credential doctor --secret NAME',
  };
  return failed(name, { ...unread, fix: [...unread.fix, single] });
}

function secretStep(unread: Explanation | undefined, secretName: string | undefined): StepResult {
  const name = 'secret';
  if (secretName === undefined) return { name, status: 'skipped', detail: 'no secret was named' };
  return unread ? failed(name, unread) : { name, status: 'ok', detail: `"${secretName}" can be read` };
}

/** For one exchange: not longer than the caller waits for a token. */
function limit({ timeoutMs = Number.POSITIVE_INFINITY }: VaultPatient, ms: number): number {
  return Math.min(timeoutMs, ms);
}
