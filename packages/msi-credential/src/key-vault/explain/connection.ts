import type { Explanation } from '../../codes.ts';
import { isProxyLost, proxySignIn } from '../../failures/connection.ts';
import { showProxy } from '../../http/proxy.ts';
import type { NamedProxy } from '../../io.ts';
import type { Problem } from '../../types.ts';
import { explain, type KeyVaultErrorCode } from './codes.ts';
import { listVaults, lookUpName } from './commands.ts';
import type { Rule } from './rule.ts';
import type { Situation } from './situation.ts';

/** The proxy on the way to the vault, if the variable that names it can be used. */
export function proxyOf({ proxy }: Situation): NamedProxy | undefined {
  return 'problem' in proxy ? undefined : proxy.proxy;
}

const spare =
  'name the host of the vault or .vault.azure.net in NO_PROXY. It takes no * and no ranges, and localhost only if it is listed.';

/** An error may come from another process or another client, whose proxy is not known. */
export function throughProxy(situation: Situation): string {
  const proxy = proxyOf(situation);
  return proxy === undefined
    ? `If HTTPS_PROXY, ALL_PROXY or HTTP_PROXY is set, ${spare}`
    : `Have ${showProxy(proxy)} let {host}, port 443, through. If the vault is reachable without it, ${spare}`;
}

const privateZone =
  "If the network has the zone privatelink.vaultcore.azure.net, add the vault's record. The zone hides all public names under it.";

const checkName = [
  { text: 'Check the name. These are your vaults:', run: listVaults },
  { text: 'See what the name server says:', run: lookUpName },
];

const open443 = [
  {
    text: 'Check on the failing machine. The right answer is 401:',
    run: 'curl -sS -o /dev/null -w "%{http_code}" https://{host}/secrets',
  },
  'Allow outbound traffic to {host}, port 443.',
];

const passToClient =
  'Or give it to the client: new SecretClient(url, credential, { tlsOptions: { ca } }). Behind a proxy only the variable counts.';

/** What happened before any answer, by what the system says. */
const rows: readonly Rule[] = [
  {
    code: 'KV_HOST_NOT_FOUND',
    failure: 'unknown-name',
    cause:
      '{host}: there is no such name ({reason}). The name is mistyped, the vault is deleted or in another cloud, or a private zone lacks its record.',
    fix: [
      ...checkName,
      { text: 'See which vaults are deleted:', run: 'az keyvault list-deleted' },
      { text: 'If yours is, recover it:', run: 'az keyvault recover -n {vault}' },
      'In another cloud the name ends with vault.usgovcloudapi.net (US Government) or vault.azure.cn (China).',
      privateZone,
    ],
  },
  {
    code: 'KV_DNS_UNAVAILABLE',
    failure: 'no-name-server',
    cause: '{host}: the name server did not answer ({reason}).',
    fix: [
      { text: 'Repair the name server of this machine or container:', run: lookUpName },
      'If the container has just started, try again yourself. The client does not.',
    ],
  },
  {
    code: 'KV_CONNECTION_REFUSED',
    failure: 'refused',
    cause:
      '{host}: nothing listens there ({reason}). A stand-in is not running, the port is wrong, or a proxy is missing.',
    fix: [
      'Start the stand-in, or correct host and port in KEY_VAULT_URL. The address of a vault on Azure has no port.',
      'If HTTPS_PROXY, ALL_PROXY or HTTP_PROXY is set, check that proxy, or name the host of the vault in NO_PROXY.',
    ],
  },
  {
    code: 'KV_CONNECTION_RESET',
    failure: 'cut',
    cause:
      '{host}: something cut the connection ({reason}). A firewall inspects TLS, or an idle connection was dropped on the way.',
    fix: open443,
  },
  {
    code: 'KV_NO_ROUTE',
    failure: 'no-route',
    cause:
      '{host}: no route leads to its address ({reason}). It is often the private address of an endpoint in another network.',
    fix: [...open443, privateZone],
  },
  {
    code: 'KV_TIMEOUT',
    failure: 'no-answer',
    cause: '{host}: no answer came ({reason}). Outbound port 443 is blocked, or a private address is not routed.',
    fix: [...open443, privateZone, 'To fail sooner: client.getSecret(name, { requestOptions: { timeout: 5000 } }).'],
  },
  {
    code: 'KV_TLS_SELF_SIGNED',
    failure: 'self-signed',
    cause: '{host}: its certificate is signed by itself ({reason}). Emulators show such certificates.',
    fix: [
      {
        text: 'If you use a stand-in, start the program with the certificate that it shows. Emulators write it to a file. Inside the program it is too late:',
        run: 'NODE_EXTRA_CA_CERTS=/path/to/certificate.pem node app.js',
      },
      passToClient,
      'If you meant Azure, something on the way answers in its place. Trust nothing, and check the proxy, the hosts file and DNS.',
    ],
  },
  {
    code: 'KV_TLS_UNTRUSTED',
    failure: 'untrusted',
    cause:
      '{host}: its certificate comes from a private authority ({reason}). An emulator has one, or a firewall that inspects TLS.',
    fix: [
      {
        text: "Start the program with the authority's certificate. Inside the program it is too late:",
        run: 'NODE_EXTRA_CA_CERTS=/path/to/ca.pem node app.js',
      },
      passToClient,
    ],
  },
  {
    code: 'KV_PROXY',
    failure: 'proxy',
    cause: "{host}: {proxy} did not connect to it ({reason}). It doesn't know the name, or doesn't allow it.",
    fix: [
      ...checkName,
      'Allow *.vault.azure.net, port 443, at the proxy. If the vault is reachable without it, name its host in NO_PROXY.',
    ],
  },
  {
    code: 'KV_TLS_NAME',
    failure: 'other-name',
    cause: "{host}: its certificate doesn't have this name ({reason}).",
    fix: [
      'Call the vault by https://VAULT.vault.azure.net, never by its privatelink name or its address.',
      'If you use a stand-in, use a name of its certificate. A wildcard directly above localhost does not count.',
    ],
  },
  {
    code: 'KV_TLS_DATE',
    failure: 'out-of-date',
    cause: '{host}: its certificate has expired or is not valid yet ({reason}).',
    fix: [{ text: 'Check the clock:', run: 'timedatectl' }, 'If you use a stand-in, have it make a new certificate.'],
  },
  {
    code: 'KV_TLS_PROTOCOL',
    failure: 'not-tls',
    cause: '{host}: it did not answer in TLS ({reason}). It serves plain http, or the two share no version of TLS.',
    fix: ['Correct scheme and port in KEY_VAULT_URL. https://VAULT.vault.azure.net has no port.'],
  },
];

/** Of a proxy that does not connect the status is the proxy's, not the vault's. */
const byFailure = rows.map((row): Rule => (row.failure === 'proxy' ? row : { ...row, status: 'none' }));

/** The ways not to reach the proxy itself. */
const onTheWay = ['unknown-name', 'no-name-server', 'refused', 'no-route', 'no-answer'] as const;

const lostProxy = onTheWay.flatMap((failure) =>
  byFailure
    .filter((row) => row.failure === failure)
    .map(
      (row): Rule => ({
        ...row,
        when: (situation) => {
          const proxy = proxyOf(situation);
          return proxy !== undefined && isProxyLost(proxy, failure, situation.facts.words);
        },
        cause: '{host}: {proxy}, which leads there, could not be reached itself ({reason}).',
        fix: [
          'Check host and port in {proxyVariable}, that the name resolves here, and that the proxy runs.',
          'If the vault is reachable without a proxy, name {host} in NO_PROXY. Restart the program, since proxies are read when the client is made.',
        ],
      }),
    ),
);

/** Nobody but a proxy answers so. */
const proxySignInRule: Rule = {
  code: 'KV_PROXY',
  status: 407,
  cause: '{host}: {proxy} did not connect to it (status 407).',
  fix: (situation) => [proxySignIn(proxyOf(situation)), throughProxy(situation)],
};

/** With such a variable a client connects to nobody, or to something else. */
const brokenProxy: Rule = {
  code: 'KV_PROXY',
  when: ({ proxy, facts: { failure, status, code } }) =>
    'problem' in proxy &&
    (failure === 'proxy' || (status === undefined && (failure !== undefined || code === 'ERR_INVALID_URL'))),
  cause: ({ proxy }) => ('problem' in proxy ? proxy.problem.cause : ''),
  fix: ({ proxy }) => ('problem' in proxy ? proxy.problem.fix : []),
};

export const connectionRules: readonly Rule[] = [brokenProxy, proxySignInRule, ...lostProxy, ...byFailure];

/** A variable with which no client can be made, or none that connects. */
export function explainProxyVariable({ cause, fix }: Problem): Explanation<KeyVaultErrorCode> {
  return explain('KV_PROXY', cause, fix);
}
