// Where the proxy leads a request. Nothing here connects to anything.
import { BlockList, isIP } from 'node:net';
import type { Variables } from '../types.ts';
import { cloudOfVault, isOfAzure, isWithin, siteOfName } from './clouds.ts';

/** The host and the port that a program asks for. */
export interface Target {
  readonly hostname: string;
  readonly port: number;
}

/** Where a request goes. */
export type Way =
  | { readonly to: 'here'; readonly port: number; readonly tls: boolean }
  | { readonly to: 'nowhere'; readonly status: number; readonly reason: string }
  | { readonly to: 'there' }
  | { readonly to: 'upstream'; readonly proxy: URL };

/** The caller's own proxies, by the scheme of what is asked for. */
export type Upstreams = Readonly<Record<'http' | 'https', URL | undefined>>;

/** What decides. */
export interface Surroundings {
  /** The port with Azure's public names. */
  readonly named: number;
  /** The port of the host's metadata service; undefined where the host has none. */
  readonly metadata: number | undefined;
  /** The vaults that there are; none: every vault. */
  readonly vaults: readonly string[];
  readonly passThrough: readonly string[];
  readonly upstreams: Upstreams;
  /** What the caller keeps from its own proxies. */
  readonly direct: readonly string[];
}

/**
 * Where the metadata services of clouds are, and Azure's second such address. Nobody under msi-local may reach them.
 * https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
 */
export const outOfReach = new BlockList();
outOfReach.addSubnet('169.254.0.0', 16, 'ipv4');
outOfReach.addAddress('168.63.129.16', 'ipv4');

export const metadataAddress = '169.254.169.254';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const isAmong = (list: BlockList, hostname: string) => {
  const family = isIP(hostname);
  return family !== 0 && list.check(hostname, family === 6 ? 'ipv6' : 'ipv4');
};

/** One spelling for each host: an address can be written in many ways, and a name can end with a dot. */
export function readTarget(hostname: string, port: number): Target | undefined {
  if (!URL.canParse(`http://${hostname}`) || port > 65_535) return undefined;
  const { hostname: name } = new URL(`http://${hostname}`);
  return { hostname: name.replaceAll(/[[\]]|\.$/g, ''), port };
}

/** The way of a request. A tunnel says no scheme; almost all of them are for https. */
export function wayTo({ hostname, port }: Target, scheme: 'http' | 'https', from: Surroundings): Way {
  if (isAmong(outOfReach, hostname)) {
    if (hostname === metadataAddress && port === 80 && from.metadata !== undefined)
      return { to: 'here', port: from.metadata, tls: false };
    // The SDKs take these words for a machine without such a service (Azure/azure-sdk-for-net#38218).
    const reason = `connecting to ${hostname}:${port}: this host of msi-local has no metadata service: unreachable network`;
    return { to: 'nowhere', status: 403, reason };
  }
  if (siteOfName(hostname)) {
    const there = port === 443 && scheme === 'https' && isKnown(hostname, from.vaults);
    // What a company's proxy says for a name that does not resolve.
    return there ? { to: 'here', port: from.named, tls: true } : { to: 'nowhere', status: 502, reason: '' };
  }
  // A token of ours says nothing to the real Azure, and belongs there no more than a real one belongs here.
  if (isOfAzure(hostname) && !isNamed(hostname, from.passThrough)) {
    const reason = `msi-local does not play ${hostname}, and lets nothing through to the real Azure. Allow it with --pass-through ${hostname}.`;
    return { to: 'nowhere', status: 403, reason };
  }
  const proxy = from.upstreams[scheme];
  return proxy === undefined || isNear(hostname) || isNamed(hostname, from.direct)
    ? { to: 'there' }
    : { to: 'upstream', proxy };
}

const isNear = (hostname: string) => isAmong(loopback, hostname) || isWithin(hostname, 'localhost');

const isNamed = (hostname: string, names: readonly string[]) => names.some((name) => isWithin(hostname, name));

/** Where no vault is named there is every one. */
function isKnown(hostname: string, vaults: readonly string[]): boolean {
  if (cloudOfVault(hostname) === undefined || vaults.length === 0) return true;
  return vaults.some((name) => name.toLowerCase() === hostname.toLowerCase().split('.')[0]);
}

/** The proxies that a program would have used without msi-local. */
export function readUpstreams(variables: Variables): Upstreams {
  const { HTTP_PROXY, http_proxy, HTTPS_PROXY, https_proxy, ALL_PROXY, all_proxy } = variables;
  return {
    http: proxyOf(http_proxy || HTTP_PROXY || all_proxy || ALL_PROXY),
    https: proxyOf(https_proxy || HTTPS_PROXY || all_proxy || ALL_PROXY),
  };
}

/** Without a scheme it is an http proxy, as for curl and Go. */
function proxyOf(text = ''): URL | undefined {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  return /^https?:/i.test(url) && URL.canParse(url) ? new URL(url) : undefined;
}
