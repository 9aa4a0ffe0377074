// The proxies to which programs are led: one gives them a metadata service, the other one none.
import { randomBytes } from 'node:crypto';
import type { Config } from './config.ts';
import { type ProxyRules, serveProxy } from './network/proxy.ts';
import { credentialsOf } from './network/upstream.ts';
import { noProxyOf } from './network/variables.ts';
import { readUpstreams, wayTo } from './network/ways.ts';
import type { SiteName } from './sites.ts';

export interface Proxies {
  /** As anybody on this machine may use it. */
  readonly url: string;
  /** The same for the programs of a host, by the site that its variables lead to. */
  urlFor(site: SiteName | undefined): string;
  close(): Promise<void>;
}

/** What they lead to: the port with Azure's names, that of the metadata service, and who vouches for them. */
interface Here {
  readonly named: number;
  readonly metadata: number;
  readonly ca: string;
}

export async function startProxies(config: Config, here: Here): Promise<Proxies> {
  const upstreams = readUpstreams(config.inherited);
  // The caller's proxy gets its password from our own child alone: other users of this machine can reach our port too. Where
  // there is no password, the child's address has none either, since Java takes none.
  const isSecret = Object.values(upstreams).some((proxy) => credentialsOf(proxy) !== undefined);
  const login = isSecret ? `msi-local:${randomBytes(16).toString('hex')}@` : '';
  const ofChild = credentialsOf(new URL(`http://${login}127.0.0.1`));
  const rules = (metadata: number | undefined): ProxyRules => {
    const { vaults, passThrough } = config;
    const from = { named: here.named, metadata, vaults, passThrough, upstreams, direct: noProxyOf(config.inherited) };
    return {
      ca: here.ca,
      wayTo: (target, scheme) => wayTo(target, scheme, from),
      credentialsFor: (proxy, { headers }) =>
        headers['proxy-authorization'] === ofChild ? credentialsOf(proxy) : undefined,
    };
  };
  const [usual, machine] = await Promise.all([serveProxy(rules(undefined)), serveProxy(rules(here.metadata))]);
  return {
    url: `http://127.0.0.1:${usual.port}`,
    urlFor: (site) => `http://${login}127.0.0.1:${(site === 'imds' ? machine : usual).port}`,
    close: async () => void (await Promise.all([usual.close(), machine.close()])),
  };
}
