import type { Finding, KeyVaultErrorCode } from './codes.ts';
import { lookUpName, proxyPassword } from './commands.ts';
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
  readonly systemCodes: readonly string[];
}

/** https://nodejs.org/api/errors.html#common-system-errors, https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const kinds: readonly Kind[] = [
  {
    code: 'KV_HOST_NOT_FOUND',
    cause: 'no such name: mistyped, a deleted vault, the wrong cloud, or a private zone without the record',
    fix: hostNotFound,
    systemCodes: ['ENOTFOUND'],
  },
  { code: 'KV_DNS_UNAVAILABLE', cause: 'the name server could not be asked', fix: dns, systemCodes: ['EAI_AGAIN'] },
  {
    code: 'KV_CONNECTION_REFUSED',
    cause: 'the connection was refused: a stand-in that is not running, a wrong port, or a proxy that is not there',
    fix: () => [
      'Start the stand-in, or correct host and port in KEY_VAULT_URL; a vault on Azure has no port in its address.',
      'If HTTPS_PROXY, ALL_PROXY or HTTP_PROXY is set, check that proxy, or set NO_PROXY to the host of the vault.',
    ],
    systemCodes: ['ECONNREFUSED'],
  },
  {
    code: 'KV_CONNECTION_RESET',
    cause: 'the connection was cut: a firewall that inspects TLS, or an idle connection dropped on the way',
    fix: open443,
    // PARSE_ERROR without a status: the connection ended in the middle of the body.
    systemCodes: [
      'PARSE_ERROR',
      'ECONNRESET',
      'ECONNABORTED',
      'EPIPE',
      'ERR_STREAM_PREMATURE_CLOSE',
      'REQUEST_SEND_ERROR',
    ],
  },
  {
    code: 'KV_NO_ROUTE',
    cause: 'no way leads to its address, often the private one of an endpoint in another network',
    fix: route,
    systemCodes: ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN'],
  },
  {
    code: 'KV_TIMEOUT',
    cause: 'no answer came: outbound port 443 is blocked, or a private address is not routed',
    fix: (situation) => [
      ...route(situation),
      'To fail sooner: client.getSecret(name, { requestOptions: { timeout: 5000 } })',
    ],
    systemCodes: ['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'ERR_SOCKET_CONNECTION_TIMEOUT'],
  },
  {
    code: 'KV_TLS_SELF_SIGNED',
    cause: 'its certificate is signed by itself, as those of emulators are',
    fix: trust,
    systemCodes: ['DEPTH_ZERO_SELF_SIGNED_CERT'],
  },
  {
    code: 'KV_TLS_UNTRUSTED',
    cause: 'its certificate comes from a private authority: an emulator, or a firewall that inspects TLS',
    fix: trust,
    systemCodes: [
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_UNTRUSTED',
      'INVALID_CA',
    ],
  },
  {
    code: 'KV_PROXY',
    cause: 'the proxy of HTTPS_PROXY did not connect to it: no such name there, or not allowed',
    fix: (situation) => [
      ...(situation.facts.status === 407 ? [proxyPassword] : []),
      'az keyvault list --query "[].properties.vaultUri" -o tsv',
      `See what the name server says: ${lookUpName(situation)}`,
      'Allow *.vault.azure.net, port 443, at the proxy; or, where the vault is reached without it, name its host in NO_PROXY.',
    ],
    systemCodes: ['ERR_PROXY_TUNNEL'],
  },
  {
    code: 'KV_TLS_NAME',
    cause: 'its certificate does not hold this name',
    fix: () => [
      'Call the vault by https://VAULT.vault.azure.net, never by its privatelink name or its address.',
      'For a stand-in, use a name of its certificate; a wildcard directly above localhost counts for nothing.',
    ],
    systemCodes: ['ERR_TLS_CERT_ALTNAME_INVALID'],
  },
  {
    code: 'KV_TLS_DATE',
    cause: 'its certificate has expired or is not valid yet',
    fix: () => ['Check the clock: timedatectl', 'For a stand-in, have it make a new certificate.'],
    systemCodes: ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'],
  },
  {
    code: 'KV_TLS_PROTOCOL',
    cause: 'it did not answer in TLS: plain http listens there, or the two know no common version',
    fix: () => ['Correct scheme and port in KEY_VAULT_URL: https://VAULT.vault.azure.net has no port.'],
    systemCodes: ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_TLS_PROTOCOL_VERSION_CONFLICT'],
  },
];

/** Explains what happened before any answer, by the system's code. */
export function explainUnreachable(situation: Situation): Finding | undefined {
  const { code: systemCode } = situation.facts;
  const kind = kinds.find(({ systemCodes }) => systemCode !== undefined && systemCodes.includes(systemCode));
  if (kind === undefined) return undefined;
  // A proxy that does not connect has a status of its own.
  const { status } = situation.facts;
  const reason = status === undefined ? systemCode : `${systemCode}, status ${status}`;
  return { code: kind.code, cause: `${hostOf(situation)}: ${kind.cause} (${reason}).`, fix: kind.fix(situation) };
}
