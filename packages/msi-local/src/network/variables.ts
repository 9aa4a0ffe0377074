// The variables that lead a program's traffic to the stand-in, whatever the host.
import { BlockList, isIP } from 'node:net';
import type { Variables } from '../types.ts';
import { isWithin, touchesAzure } from './clouds.ts';
import { metadataAddress } from './ways.ts';

/** Where they lead. */
export interface Route {
  readonly proxyUrl: string;
  /** The private CA together with the caller's own extra certificates. */
  readonly extraCaPath: string;
  /** A complete set of roots together with the private CA. */
  readonly bundlePath: string;
  /** The same for Java. */
  readonly trustStorePath: string;
  /** The name of the vault that programs are led to. */
  readonly vault: string;
  /** The version of the Node.js that programs most likely run on: the stand-in's own. */
  readonly node: string;
}

const nearby = ['localhost', '127.0.0.1', '::1'];

/** All of them, with what the caller's own ones said. */
export function routeVariables(route: Route, inherited: Variables): Record<string, string> {
  // An entry such as `*` or `.azure.net` would lead programs past the stand-in.
  const others = noProxyOf(inherited).filter((entry) => !touchesAzure(entry) && !touchesMetadata(entry));
  const noProxy = [...new Set([...nearby, ...others])].join(',');
  const vaultUrl = `https://${route.vault}.vault.azure.net`;
  return {
    HTTPS_PROXY: route.proxyUrl,
    https_proxy: route.proxyUrl,
    // For programs that have the metadata service's address built in.
    HTTP_PROXY: route.proxyUrl,
    http_proxy: route.proxyUrl,
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    // Node's own fetch and https look at the proxy variables only when told to.
    NODE_USE_ENV_PROXY: '1',
    // Node 22 then says at the start of every program that this is experimental. Later lines don't, and on their machines
    // there may be programs on a Node that does not know the flag and would not start with it (before 20.11).
    // https://github.com/nodejs/undici/pull/4049
    ...(route.node.startsWith('22.') && {
      NODE_OPTIONS: [inherited.NODE_OPTIONS, '--disable-warning=UNDICI-EHPA'].filter(Boolean).join(' '),
    }),
    NODE_EXTRA_CA_CERTS: route.extraCaPath,
    SSL_CERT_FILE: route.bundlePath,
    REQUESTS_CA_BUNDLE: route.bundlePath,
    // curl asks this one before SSL_CERT_FILE.
    ...(inherited.CURL_CA_BUNDLE ? { CURL_CA_BUNDLE: route.bundlePath } : {}),
    JAVA_TOOL_OPTIONS: [inherited.JAVA_TOOL_OPTIONS, ...javaOptions(route, others)].filter(Boolean).join(' '),
    KEY_VAULT_URL: vaultUrl,
    KEY_VAULT_URI: vaultUrl,
  };
}

/**
 * Java reads no variables but this one. What stands last in it counts.
 * https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/net/doc-files/net-properties.html
 */
function javaOptions({ proxyUrl, trustStorePath }: Route, direct: readonly string[]): string[] {
  const { hostname, port } = new URL(proxyUrl);
  const proxies = ['http', 'https'].flatMap((scheme) => [
    `${scheme}.proxyHost=${hostname}`,
    `${scheme}.proxyPort=${port}`,
  ]);
  const patterns = ['localhost', '127.*', '[::1]', ...direct.flatMap(javaPatterns)];
  return [
    ...proxies,
    `http.nonProxyHosts=${patterns.join('|')}`,
    `javax.net.ssl.trustStore=${trustStorePath}`,
    'javax.net.ssl.trustStoreType=PKCS12',
  ].map((option) => quoted(`-D${option}`));
}

/** Without ports and networks, of which it knows nothing. An asterisk stands at the start or the end, for any text. */
function javaPatterns(entry: string): string[] {
  if (entry.includes('/')) return [];
  const name = entry.replace(/:\d+$/, '').replace(/^\*?\./, '');
  return /^[\d.*]+$/.test(name) ? [name] : [name, `*.${name}`];
}

/** The JVM splits the variable at white space, and takes quotes away. */
function quoted(option: string): string {
  if (!/[\s'"]/.test(option)) return option;
  return option.includes('"') ? `'${option}'` : `"${option}"`;
}

/** The entries of the caller's NO_PROXY. */
export function noProxyOf(variables: Variables): string[] {
  return (variables.no_proxy || variables.NO_PROXY || '').split(/[\s,]+/).filter((entry) => entry !== '');
}

/** Whether an entry would lead programs to the machine's own metadata service: `169.254.0.0/16`, `169.254.*`, `*.254`. */
function touchesMetadata(entry: string): boolean {
  const [, network = '', prefix] = /^([\d.]+)\/(\d+)$/.exec(entry) ?? [];
  if (isIP(network) === 4 && Number(prefix) <= 32) {
    const list = new BlockList();
    list.addSubnet(network, Number(prefix), 'ipv4');
    return list.check(metadataAddress);
  }
  const name = entry.replace(/:\d+$/, '');
  return isWithin(metadataAddress, name) || (/[.*]$/.test(name) && metadataAddress.startsWith(name.replace(/\*$/, '')));
}
