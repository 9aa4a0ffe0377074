import { ConfigError, type LocalOptions, readConfig } from './config.ts';
import { type HostKind, hostVariables, programVariables, siteOf } from './environment.ts';
import { atExit, sweep } from './leftovers.ts';
import { createClientCertificate, createSelfSignedServer, createServerIdentity } from './network/certificates.ts';
import { certificateNames } from './network/clouds.ts';
import { writeTrustFiles } from './network/trust-files.ts';
import { routeVariables } from './network/variables.ts';
import { startServers } from './servers.ts';
import type { ArcKeys } from './state/arc-keys.ts';
import type { Clock } from './state/clock.ts';
import type { Faults } from './state/faults.ts';
import type { World } from './state/identities.ts';
import { issueToken, type TokenOptions } from './state/issue-token.ts';
import type { Permissions } from './state/permissions.ts';
import type { RequestLog } from './state/request-log.ts';
import type { SecretProperties } from './state/secrets.ts';
import { createServiceAccountFile } from './state/service-account.ts';
import { createState } from './state/state.ts';
import type { State, Variables } from './types.ts';

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
  /** The newest 1000 requests, oldest first. */
  readonly requests: RequestLog;
  /** The time as all services see it; certificates follow the real one. */
  readonly clock: Clock;
  readonly faults: Faults;
  /** Who may do what in the vault, by object id. */
  readonly permissions: Permissions;
  /** The ids of the tenant and of everyone in it. */
  readonly world: World;
  /** The newest 1000 tokens that were issued, oldest first: a test can look for them where none may be. */
  readonly issued: readonly string[];
  /** A token as the tenant would issue it, or, told so, as it never would. */
  issueToken(options?: TokenOptions): string;
  /** Adds a version to a secret of the first vault and returns the version's id. */
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
  /** Opens `addresses.control` to tests in other processes: `Authorization: Bearer SECRET`. Made anew for each start. */
  readonly controlSecret: string;
  /** Closes every connection and removes the files. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts the stand-in on free ports of 127.0.0.1.
 *
 * @throws {ConfigError} when an option is wrong.
 * @example
 * const local = await startLocal({ secrets: { 'db-password': 'example' } });
 * spawn('node', ['app.js'], { env: { ...process.env, ...local.variables('app-service') } });
 * // later
 * await local.stop();
 */
export async function startLocal(options: LocalOptions = {}): Promise<Local> {
  const parts = await startParts(options);
  const { state, servers, files, account } = parts;
  const variables = (host: HostKind) => variablesOf(host, parts);
  const remove = () => {
    state.arcKeys.remove();
    files.remove();
  };
  const forget = atExit(remove);
  const stop = async () => {
    account.stop();
    remove();
    forget();
    await servers.close();
    sweep();
  };
  return {
    ...surface(state),
    variables,
    programVariables: (host) => programVariables(state.config.inherited, variables(host)),
    rotateSecret: (host) => (host === 'aks' ? account.renew() : state.hostSecrets.rotate(host)),
    ca: files.extraCaPath,
    addresses: {
      managedIdentity: servers.origins['app-service'],
      tls: servers.origins.entra,
      proxy: servers.proxies.url,
      control: servers.origins.control,
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function startParts(options: LocalOptions) {
  const certificate = options.certificate ? await createClientCertificate('local') : undefined;
  const config = readConfig(options, certificate);
  const state = createState(config);
  sweep();
  const authority = createServerIdentity([...certificateNames, 'localhost']);
  // Service Fabric's certificate is nobody's but its own: programs know it by its thumbprint.
  const selfSigned = createSelfSignedServer(['localhost']);
  const servers = await startServers(state, authority, selfSigned);
  const files = trustFiles(authority.caPem, config.inherited);
  const certificatePath = certificate && files.write('service-principal.pem', certificate.keyPem + certificate.certPem);
  const account = createServiceAccountFile(state, files.write);
  return { state, servers, files, account, certificatePath, thumbprint: selfSigned.thumbprint };
}

type Parts = Awaited<ReturnType<typeof startParts>>;

/** What a host needs besides its variables is made when somebody asks for that host, and for no other. */
function variablesOf(host: HostKind, { state, servers, files, account, certificatePath, thumbprint }: Parts) {
  if (host === 'arc') checkArcFolder(state.arcKeys);
  const { config, world } = state;
  const site = siteOf(host);
  const surroundings = {
    origin: site === undefined ? '' : servers.origins[site],
    secret: state.hostSecrets.of(host),
    world,
    certificatePath,
    thumbprint,
    serviceAccountPath: host === 'aks' ? account.path() : '',
    userAssignedOnly: config.identities !== 'both',
  };
  const route = {
    proxyUrl: servers.proxies.urlFor(site),
    vault: config.vaults[0] ?? 'local',
    node: process.versions.node,
    ...files,
  };
  return { ...hostVariables(host, surroundings), ...routeVariables(route, config.inherited) };
}

function checkArcFolder({ directory, prepare }: ArcKeys): void {
  const problem = prepare();
  if (problem === undefined) return;
  const allow = `sudo install -d -m 700 -o "$(id -un)" ${directory}`;
  throw new ConfigError(
    process.platform === 'win32'
      ? `Azure Arc's key files belong into ${directory}, which cannot be written (${problem}). Run this from an elevated prompt.`
      : `Azure Arc's key files belong into ${directory}, where programs insist on finding them, and this user cannot write there (${problem}). Allow it with:\n  ${allow}\nand take the folder away again with:\n  sudo rm -r ${directory}`,
  );
}

function surface(state: State) {
  return {
    requests: state.requests,
    clock: state.clock,
    faults: state.faults,
    permissions: state.permissions,
    world: state.world,
    issued: state.issued,
    controlSecret: state.controlSecret,
    issueToken: (options?: TokenOptions) => issueToken(state, options),
    setSecret: (name: string, value: string, properties?: SecretProperties) =>
      state.vaults.of('').set(name, value, properties).versions.at(-1)?.id ?? '',
  };
}

function trustFiles(caPem: string, { NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, REQUESTS_CA_BUNDLE }: Variables) {
  const set = (...paths: (string | undefined)[]) =>
    paths.filter((path) => path !== undefined && path !== '') as string[];
  return writeTrustFiles(caPem, set(NODE_EXTRA_CA_CERTS), set(SSL_CERT_FILE, REQUESTS_CA_BUNDLE));
}
