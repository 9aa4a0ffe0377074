import { setTimeout as delay } from 'node:timers/promises';
import { type Config, ConfigError, type LocalOptions, readConfig } from './config.ts';
import {
  type HostKind,
  hostKinds,
  hostVariables,
  noProxyOf,
  programVariables,
  routeVariables,
  siteOf,
} from './environment.ts';
import { answer } from './routes.ts';
import type { Clock } from './state/clock.ts';
import { type Faults, scriptedResponse } from './state/faults.ts';
import type { World } from './state/identities.ts';
import { issueToken, type TokenOptions } from './state/issue-token.ts';
import type { Permissions } from './state/permissions.ts';
import type { RequestLog } from './state/request-log.ts';
import type { SecretProperties } from './state/secrets.ts';
import { serviceAccountToken } from './state/service-account.ts';
import { createState } from './state/state.ts';
import type { Service, Site, State, Variables } from './types.ts';
import {
  type CertificateAndKey,
  createClientCertificate,
  createSelfSignedServer,
  createServerIdentity,
} from './wire/certificates.ts';
import { certificateNames, cloudOfVault, serviceOfName } from './wire/clouds.ts';
import { type Handler, type Listening, serve } from './wire/http.ts';
import { type ProxyRules, serveProxy } from './wire/proxy.ts';
import { writeTrustFiles } from './wire/trust-files.ts';

/** A running stand-in. */
export interface Local {
  /**
   * The variables that a program finds on this host, with those that lead its traffic here.
   *
   * @throws {ConfigError} for `arc` where the agent's folder cannot be written.
   */
  variables(host: HostKind): Record<string, string>;
  /** The same together with the caller's own variables, without what other hosts left there. */
  programVariables(host: HostKind): Record<string, string>;
  /** Every request that arrived, oldest first. */
  readonly requests: RequestLog;
  /** The time as all services see it; certificates follow the real one. */
  readonly clock: Clock;
  readonly faults: Faults;
  /** Who may do what in the vault, by object id. */
  readonly permissions: Permissions;
  /** The ids of the tenant and of everyone in it. */
  readonly world: World;
  /** Every token that was issued so far, oldest first: a test can look for them where none may be. */
  readonly issued: readonly string[];
  /** A token as the tenant would issue it, or, told so, as it never would. */
  issueToken(options?: TokenOptions): string;
  /** Adds a version to a secret and returns the version's id. */
  setSecret(name: string, value: string, properties?: SecretProperties): string;
  /**
   * Gives a host's programs a new secret; the old one stops working at once. On `aks` the secret is a token, which
   * goes into the same file; the one before it is good until its time is over.
   */
  rotateSecret(host: HostKind): string;
  /** Path of a PEM file with the private authority that signed the certificate for Azure's names. */
  readonly ca: string;
  /** Where the servers listen, on 127.0.0.1. `tls` plays the vault and Entra, by the name it is asked for. */
  readonly addresses: Readonly<Record<'managedIdentity' | 'tls' | 'proxy' | 'control', string>>;
  /** Closes every connection and removes the files. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts the stand-in on free ports of 127.0.0.1.
 *
 * @throws {ConfigError} when an option is wrong.
 * @example
 * await using local = await startLocal({ secrets: { 'db-password': 'example' } });
 * spawn('node', ['app.js'], { env: { ...process.env, ...local.variables('app-service') } });
 */
export async function startLocal(options: LocalOptions = {}): Promise<Local> {
  const checked = readConfig(options);
  const clientCertificate = options.certificate ? await createClientCertificate('local') : undefined;
  const config = { ...checked, clientCertificate };
  const state = createState(config);
  const identity = createServerIdentity([...certificateNames, 'localhost']);
  // Service Fabric's certificate is nobody's but its own: programs know it by its thumbprint.
  const pinned = createSelfSignedServer(['localhost']);
  const servers = await startServers(state, identity, pinned);
  const files = trustFiles(identity.caPem, config.inherited);
  const certificatePath =
    clientCertificate && files.write('service-principal.pem', clientCertificate.keyPem + clientCertificate.certPem);
  const account = serviceAccount(state, files.write);
  const proxyUrl = at(servers.proxy.port);

  const variables = (host: HostKind) => {
    makeReady(host, state, account);
    const site = siteOf(host);
    const surroundings = {
      origin: site === undefined ? '' : originOf(site, servers),
      secret: state.hostSecrets.of(host),
      world: state.world,
      certificatePath,
      thumbprint: pinned.thumbprint,
      serviceAccountPath: account.path(),
      userAssignedOnly: config.identities !== 'both',
    };
    const route = { proxyUrl, vault: config.vaults[0] ?? 'local', ...files };
    return { ...hostVariables(host, surroundings), ...routeVariables(route, config.inherited) };
  };
  const stop = async () => {
    account.stop();
    state.arcKeys.remove();
    files.remove();
    const { sites, ...others } = servers;
    await Promise.all([...sites.values(), ...Object.values(others)].map((server) => server.close()));
  };
  return {
    variables,
    programVariables: (host) => programVariables(config.inherited, variables(host)),
    ...surface(state),
    rotateSecret: (host) => (host === 'aks' ? account.renew() : state.hostSecrets.rotate(host)),
    ca: files.extraCaPath,
    addresses: {
      managedIdentity: originOf('app-service', servers),
      tls: at(servers.tls.port, 'https'),
      proxy: proxyUrl,
      control: at(servers.control.port),
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const at = (port: number, scheme = 'http', name = '127.0.0.1') => `${scheme}://${name}:${port}`;

/** What a host needs besides its variables is made when somebody asks for that host, and for no other. */
function makeReady(host: HostKind, state: State, account: ServiceAccount): void {
  if (host === 'aks') account.start();
  if (host !== 'arc') return;
  const { directory } = state.arcKeys;
  const problem = state.arcKeys.prepare();
  if (problem === undefined) return;
  const allow = `sudo install -d -m 700 -o "$(id -un)" ${directory}`;
  throw new ConfigError(
    process.platform === 'win32'
      ? `Azure Arc's key files belong into ${directory}, which cannot be written (${problem}). Run this from an elevated prompt.`
      : `Azure Arc's key files belong into ${directory}, where programs insist on finding them, and this user cannot write there (${problem}). Allow it with:\n  ${allow}\nand take the folder away again with:\n  sudo rm -r ${directory}`,
  );
}

/** The token file of a pod. */
interface ServiceAccount {
  start(): void;
  /** Writes a new token and returns it. */
  renew(): string;
  path(): string;
  stop(): void;
}

function serviceAccount(state: State, write: (name: string, content: string) => string): ServiceAccount {
  let path = '';
  let renewal: NodeJS.Timeout | undefined;
  const renew = () => {
    const token = serviceAccountToken(state);
    path = write('azure-identity-token', token);
    return token.trim();
  };
  return {
    start() {
      if (renewal !== undefined) return;
      renew();
      // As the kubelet does, when four fifths of the hour are over.
      renewal = setInterval(renew, 48 * 60_000).unref();
    },
    renew,
    path: () => path,
    stop: () => clearInterval(renewal),
  };
}

function surface(state: State) {
  return {
    requests: state.requests,
    clock: state.clock,
    faults: state.faults,
    permissions: state.permissions,
    world: state.world,
    issued: state.issued,
    issueToken: (options?: TokenOptions) => issueToken(state, options),
    setSecret: (name: string, value: string, properties?: SecretProperties) =>
      state.secrets.set(name, value, properties).versions.at(-1)?.id ?? '',
  };
}

interface Servers {
  readonly sites: ReadonlyMap<Site, Listening>;
  readonly tls: Listening;
  readonly control: Listening;
  readonly proxy: Listening;
}

async function startServers(state: State, identity: CertificateAndKey, pinned: CertificateAndKey): Promise<Servers> {
  const certificates: Partial<Record<Site, CertificateAndKey>> = {
    'github-actions': identity,
    'azure-pipelines': identity,
    'service-fabric': pinned,
  };
  const wanted = [...new Set(hostKinds.flatMap((host) => siteOf(host) ?? []))];
  const [tls, control, ...hosts] = await Promise.all([
    // One server for all public names: the name that was asked for says who is meant.
    serve(
      handler(state, (request) => serviceOfName(new URL(request.url).hostname) ?? 'key-vault'),
      identity,
    ),
    serve(handler(state, () => 'control')),
    ...wanted.map((site) =>
      serve(
        handler(state, () => site),
        certificates[site],
      ),
    ),
  ]);
  const proxy = await serveProxy(proxyRules(tls.port, state.config));
  const sites = new Map(wanted.map((site, index) => [site, hosts[index] as Listening]));
  return { sites, tls, control, proxy };
}

/** Where the certificate of an address must hold, the address has the name that it was made for. */
function originOf(site: Site, { sites }: Servers): string {
  const port = sites.get(site)?.port ?? 0;
  const secure = site === 'service-fabric' || site === 'github-actions' || site === 'azure-pipelines';
  return secure ? at(port, 'https', 'localhost') : at(port);
}

/** What an address is called in the request log and in faults. */
function serviceOf(site: Site): Service {
  if (site === 'github-actions' || site === 'azure-pipelines') return 'oidc';
  return site === 'entra' || site === 'key-vault' || site === 'control' ? site : 'managed-identity';
}

/** Notes the request, lets a waiting fault have it, else answers it. */
function handler(state: State, siteFor: (request: Request) => Site): Handler {
  return async (request, url) => {
    const site = siteFor(request);
    const service = serviceOf(site);
    const answered = state.requests.add(service, url, request);
    const fault = state.faults.take(service, new URL(request.url).pathname);
    if (fault?.delayMs) await delay(fault.delayMs, undefined, { ref: false });
    const connection = fault?.connection;
    if (connection === 'reset' || connection === 'hang') return { connection };
    const response = (fault && scriptedResponse(fault)) ?? (await answer(site, request, state));
    answered(response.status);
    return { response, connection };
  };
}

function proxyRules(tlsPort: number, { inherited, vaults }: Config): ProxyRules {
  const { HTTPS_PROXY, https_proxy, ALL_PROXY, all_proxy } = inherited;
  const upstream = https_proxy || HTTPS_PROXY || all_proxy || ALL_PROXY || '';
  const direct = noProxyOf(inherited).map((entry) => entry.replace(/^\*?\.?/, '').toLowerCase());
  return {
    portOf: (hostname) => (serviceOfName(hostname) === undefined ? undefined : tlsPort),
    isUnknown: (hostname) => cloudOfVault(hostname) !== undefined && !isVault(hostname, vaults),
    upstream: /^https?:/i.test(upstream) && URL.canParse(upstream) ? new URL(upstream) : undefined,
    isDirect: (hostname) => direct.some((one) => one === '' || one === hostname || hostname.endsWith(`.${one}`)),
  };
}

/** Where none is named there is every one. */
function isVault(hostname: string, vaults: readonly string[]): boolean {
  return vaults.length === 0 || vaults.some((name) => name.toLowerCase() === hostname.toLowerCase().split('.')[0]);
}

function trustFiles(caPem: string, { NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, REQUESTS_CA_BUNDLE }: Variables) {
  const set = (...paths: (string | undefined)[]) =>
    paths.filter((path) => path !== undefined && path !== '') as string[];
  return writeTrustFiles(caPem, set(NODE_EXTRA_CA_CERTS), set(SSL_CERT_FILE, REQUESTS_CA_BUNDLE));
}
