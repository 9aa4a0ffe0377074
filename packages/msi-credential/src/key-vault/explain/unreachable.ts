import { type ConnectionFailure, connectionFailureOf, isProxyLost, proxySignIn } from '../../failures/connection.ts';
import { showProxy } from '../../http/proxy.ts';
import type { NamedProxy } from '../../io.ts';
import type { Problem } from '../../types.ts';
import type { Finding, KeyVaultErrorCode } from './codes.ts';
import { lookUpName } from './commands.ts';
import type { Situation } from './situation.ts';

type Fix = (situation: Situation) => readonly string[];

const hostOf = ({ host, vault }: Situation) => host ?? `${vault}.vault.azure.net`;

const privateZone =
  'In a network with the zone privatelink.vaultcore.azure.net, add the record of the vault: the zone hides all public names under it.';

const hostNotFound: Fix = (situation) => [
  'az keyvault list --query "[].properties.vaultUri" -o tsv',
  `If the vault was deleted: az keyvault recover -n ${situation.vault} (az keyvault list-deleted shows them)`,
  `See what the name server says: ${lookUpName(situation)}`,
  'In another cloud the name ends in vault.usgovcloudapi.net (US Government) or vault.azure.cn (China).',
  privateZone,
];

const dns: Fix = (situation) => [
  `Repair the name server of this machine or container: ${lookUpName(situation)}`,
  'Right after the start of a container try again yourself: the client does not.',
];

const trust: Fix = () => [
  "Start the program with the authority's certificate: NODE_EXTRA_CA_CERTS=/path/to/ca.pem node app.js (inside the program it is too late)",
  'Or hand it to the client: new SecretClient(url, credential, { tlsOptions: { ca } }); behind a proxy only the variable counts.',
];

/** There is no authority above it. */
const trustItself: Fix = () => [
  'If a stand-in is meant, start the program with the very certificate that it shows (emulators write it to a file): NODE_EXTRA_CA_CERTS=/path/to/certificate.pem node app.js (inside the program it is too late)',
  'Or hand it to the client: new SecretClient(url, credential, { tlsOptions: { ca } }); behind a proxy only the variable counts.',
  'If Azure is meant, something on the way answers in its place: trust nothing, and check proxy, hosts file and DNS.',
];

const open443: Fix = (situation) => [
  `Check from the failing machine: curl -sS -o /dev/null -w "%{http_code}" https://${hostOf(situation)}/secrets (401 is right)`,
  `Allow outbound traffic to ${hostOf(situation)}, port 443.`,
];

const route: Fix = (situation) => [...open443(situation), privateZone];

interface Kind {
  readonly code: KeyVaultErrorCode;
  /** What the system says, after the address. */
  readonly cause: string;
  readonly fix: Fix;
}

const kinds: Readonly<Record<ConnectionFailure, Kind>> = {
  'unknown-name': {
    code: 'KV_HOST_NOT_FOUND',
    cause: 'no such name: mistyped, a deleted vault, the wrong cloud, or a private zone without the record',
    fix: hostNotFound,
  },
  'no-name-server': { code: 'KV_DNS_UNAVAILABLE', cause: 'the name server could not be asked', fix: dns },
  refused: {
    code: 'KV_CONNECTION_REFUSED',
    cause: 'the connection was refused: a stand-in that is not running, a wrong port, or a proxy that is not there',
    fix: () => [
      'Start the stand-in, or correct host and port in KEY_VAULT_URL; a vault on Azure has no port in its address.',
      'If HTTPS_PROXY, ALL_PROXY or HTTP_PROXY is set, check that proxy, or set NO_PROXY to the host of the vault.',
    ],
  },
  cut: {
    code: 'KV_CONNECTION_RESET',
    cause: 'the connection was cut: a firewall that inspects TLS, or an idle connection dropped on the way',
    fix: open443,
  },
  'no-route': {
    code: 'KV_NO_ROUTE',
    cause: 'no way leads to its address, often the private one of an endpoint in another network',
    fix: route,
  },
  'no-answer': {
    code: 'KV_TIMEOUT',
    cause: 'no answer came: outbound port 443 is blocked, or a private address is not routed',
    fix: (situation) => [
      ...route(situation),
      'To fail sooner: client.getSecret(name, { requestOptions: { timeout: 5000 } })',
    ],
  },
  'self-signed': {
    code: 'KV_TLS_SELF_SIGNED',
    cause: 'its certificate is signed by itself, as those of emulators are',
    fix: trustItself,
  },
  untrusted: {
    code: 'KV_TLS_UNTRUSTED',
    cause: 'its certificate comes from a private authority: an emulator, or a firewall that inspects TLS',
    fix: trust,
  },
  proxy: {
    code: 'KV_PROXY',
    cause: 'the proxy of HTTPS_PROXY did not connect to it: no such name there, or not allowed',
    fix: (situation) => [
      ...(situation.facts.status === 407 ? [proxySignIn(proxyOf(situation))] : []),
      'az keyvault list --query "[].properties.vaultUri" -o tsv',
      `See what the name server says: ${lookUpName(situation)}`,
      'Allow *.vault.azure.net, port 443, at the proxy; or, where the vault is reached without it, name its host in NO_PROXY.',
    ],
  },
  'other-name': {
    code: 'KV_TLS_NAME',
    cause: 'its certificate does not hold this name',
    fix: () => [
      'Call the vault by https://VAULT.vault.azure.net, never by its privatelink name or its address.',
      'For a stand-in, use a name of its certificate; a wildcard directly above localhost counts for nothing.',
    ],
  },
  'out-of-date': {
    code: 'KV_TLS_DATE',
    cause: 'its certificate has expired or is not valid yet',
    fix: () => ['Check the clock: timedatectl', 'For a stand-in, have it make a new certificate.'],
  },
  'not-tls': {
    code: 'KV_TLS_PROTOCOL',
    cause: 'it did not answer in TLS: plain http listens there, or the two know no common version',
    fix: () => ['Correct scheme and port in KEY_VAULT_URL: https://VAULT.vault.azure.net has no port.'],
  },
};

/** Explains what happened before any answer, by the system's code. */
export function explainUnreachable(situation: Situation): Finding | undefined {
  const { code: systemCode, status, words } = situation.facts;
  const failure = connectionFailureOf(systemCode);
  if (failure === undefined) return undefined;
  // With such a variable a client connects to nobody, or to somebody else.
  if ('problem' in situation.proxy) return explainProxyVariable(situation.proxy.problem);
  const kind = kinds[failure];
  const proxy = proxyOf(situation);
  // A proxy that does not connect has a status of its own.
  const reason = status === undefined ? systemCode : `${systemCode}, status ${status}`;
  if (proxy !== undefined && isProxyLost(proxy, failure, words)) {
    const cause = `${hostOf(situation)}: ${showProxy(proxy)}, which leads there, could not be reached itself (${reason}).`;
    return { code: kind.code, cause, fix: checkProxy(situation, proxy) };
  }
  const said = proxy === undefined ? kind.cause : kind.cause.replace('the proxy of HTTPS_PROXY', showProxy(proxy));
  return { code: kind.code, cause: `${hostOf(situation)}: ${said} (${reason}).`, fix: kind.fix(situation) };
}

const checkProxy: (situation: Situation, proxy: NamedProxy) => readonly string[] = (situation, { variable }) => [
  `Check host and port in ${variable}, that the name resolves here, and that the proxy runs.`,
  `Or, where the vault is reached without a proxy, name ${hostOf(situation)} in NO_PROXY. Restart the program: proxies are read when the client is made.`,
];

/** Explains a variable with which no client can be made, or none that connects. */
export function explainProxyVariable({ message, hint }: Problem): Finding {
  return { code: 'KV_PROXY', cause: message, fix: [hint] };
}

/** The proxy on the way to the vault, if the variable that names it is in order. */
export function proxyOf({ proxy }: Situation): NamedProxy | undefined {
  return 'problem' in proxy ? undefined : proxy.proxy;
}
