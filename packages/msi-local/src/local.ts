import { setTimeout as delay } from 'node:timers/promises';
import { type LocalOptions, readConfig } from './config.ts';
import { type HostKind, hostVariables, noProxyOf, programVariables, routeVariables } from './environment.ts';
import { answer } from './routes.ts';
import type { Clock } from './state/clock.ts';
import { type Faults, scriptedResponse } from './state/faults.ts';
import type { World } from './state/identities.ts';
import { issueToken, type TokenOptions } from './state/issue-token.ts';
import type { Permissions } from './state/permissions.ts';
import type { RequestLog } from './state/request-log.ts';
import type { SecretProperties } from './state/secrets.ts';
import { createState } from './state/state.ts';
import type { Service, State, Variables } from './types.ts';
import { createClientCertificate, createServerIdentity } from './wire/certificates.ts';
import { certificateNames, serviceOfName } from './wire/clouds.ts';
import { type Handler, serve } from './wire/http.ts';
import { type ProxyRules, serveProxy } from './wire/proxy.ts';
import { writeTrustFiles } from './wire/trust-files.ts';

/** A running stand-in. */
export interface Local {
  /** The variables that a program finds on this host, with those that lead its traffic here. */
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
  /** A token as the tenant would issue it, or, told so, as it never would. */
  issueToken(options?: TokenOptions): Promise<string>;
  /** Adds a version to a secret and returns the version's id. */
  setSecret(name: string, value: string, properties?: SecretProperties): string;
  /** Gives a host's programs a new secret; the old one stops working at once. */
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
  const identity = createServerIdentity(certificateNames);
  const servers = await startServers(state, identity);
  const files = trustFiles(identity.caPem, config.inherited);
  const certificatePath =
    clientCertificate && files.write('service-principal.pem', clientCertificate.keyPem + clientCertificate.certPem);
  const at = (port: number, scheme = 'http') => `${scheme}://127.0.0.1:${port}`;
  const origin = at(servers.managedIdentity.port);
  const proxyUrl = at(servers.proxy.port);

  const variables = (host: HostKind) => ({
    ...hostVariables(host, { origin, secret: state.hostSecrets.of(host), world: state.world, certificatePath }),
    ...routeVariables({ proxyUrl, ...files }, config.inherited),
  });
  const stop = async () => {
    files.remove();
    await Promise.all(Object.values(servers).map((server) => server.close()));
  };
  return {
    variables,
    programVariables: (host) => programVariables(config.inherited, variables(host)),
    ...surface(state),
    ca: files.extraCaPath,
    addresses: {
      managedIdentity: origin,
      tls: at(servers.tls.port, 'https'),
      proxy: proxyUrl,
      control: at(servers.control.port),
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function surface(state: State) {
  return {
    requests: state.requests,
    clock: state.clock,
    faults: state.faults,
    permissions: state.permissions,
    world: state.world,
    issueToken: (options?: TokenOptions) => issueToken(state, options),
    setSecret: (name: string, value: string, properties?: SecretProperties) =>
      state.secrets.set(name, value, properties).versions.at(-1)?.id ?? '',
    rotateSecret: (host: HostKind) => state.hostSecrets.rotate(host),
  };
}

async function startServers(state: State, identity: ReturnType<typeof createServerIdentity>) {
  const [managedIdentity, tls, control] = await Promise.all([
    serve(handler(state, () => 'managed-identity')),
    // One server for all public names: the name that was asked for says who is meant.
    serve(
      handler(state, (request) => serviceOfName(new URL(request.url).hostname) ?? 'key-vault'),
      identity,
    ),
    serve(handler(state, () => 'control')),
  ]);
  const proxy = await serveProxy(proxyRules(tls.port, state.config.inherited));
  return { managedIdentity, tls, control, proxy };
}

/** Notes the request, lets a waiting fault have it, else answers it. */
function handler(state: State, serviceOf: (request: Request) => Service): Handler {
  return async (request, url) => {
    const service = serviceOf(request);
    const answered = state.requests.add(service, url, request);
    const fault = state.faults.take(service);
    if (fault?.delayMs) await delay(fault.delayMs, undefined, { ref: false });
    const connection = fault?.connection;
    if (connection === 'reset' || connection === 'hang') return { connection };
    const response = (fault && scriptedResponse(fault)) ?? (await answer(service, request, state));
    answered(response.status);
    return { response, connection };
  };
}

function proxyRules(tlsPort: number, inherited: Variables): ProxyRules {
  const { HTTPS_PROXY, https_proxy, ALL_PROXY, all_proxy } = inherited;
  const upstream = https_proxy || HTTPS_PROXY || all_proxy || ALL_PROXY || '';
  const direct = noProxyOf(inherited).map((entry) => entry.replace(/^\*?\.?/, '').toLowerCase());
  return {
    portOf: (hostname) => (serviceOfName(hostname) === undefined ? undefined : tlsPort),
    upstream: /^https?:/i.test(upstream) && URL.canParse(upstream) ? new URL(upstream) : undefined,
    isDirect: (hostname) => direct.some((one) => one === '' || one === hostname || hostname.endsWith(`.${one}`)),
  };
}

function trustFiles(caPem: string, { NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, REQUESTS_CA_BUNDLE }: Variables) {
  const set = (...paths: (string | undefined)[]) =>
    paths.filter((path) => path !== undefined && path !== '') as string[];
  return writeTrustFiles(caPem, set(NODE_EXTRA_CA_CERTS), set(SSL_CERT_FILE, REQUESTS_CA_BUNDLE));
}
