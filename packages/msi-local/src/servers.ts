import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from './config.ts';
import { noProxyOf } from './environment.ts';
import type { CertificateAndKey } from './network/certificates.ts';
import { cloudOfVault, isOfAzure, isWithin, siteOfName } from './network/clouds.ts';
import { type Handler, serve } from './network/http.ts';
import { type ProxyRules, serveProxy } from './network/proxy.ts';
import { answer } from './routes.ts';
import { type Site, type SiteName, siteNames, sites } from './sites.ts';
import { scriptedResponse } from './state/faults.ts';
import type { State } from './types.ts';

/** Everything that listens, on 127.0.0.1. */
export interface Servers {
  /** Scheme, host and port of each site. */
  readonly origins: Readonly<Record<SiteName, string>>;
  readonly proxyUrl: string;
  close(): Promise<void>;
}

/** Starts the sites, with one server for all that have public names, and the proxy that leads to it. */
export async function startServers(
  state: State,
  authority: CertificateAndKey,
  selfSigned: CertificateAndKey,
): Promise<Servers> {
  // Where the certificate of an address must hold, the address has the name that it was made for.
  const addresses: Record<Site['address'], { origin: string; certificate?: CertificateAndKey }> = {
    http: { origin: 'http://127.0.0.1' },
    https: { origin: 'https://localhost', certificate: authority },
    'https-self-signed': { origin: 'https://localhost', certificate: selfSigned },
    'public-names': { origin: 'https://127.0.0.1', certificate: authority },
  };
  // The name that was asked for says who is meant.
  const byName = ({ url }: Request) => siteOfName(new URL(url).hostname) ?? 'key-vault';
  const shared = await serve(handler(state, byName), authority);
  const started = await Promise.all(
    siteNames.map(async (name) => {
      const { address } = sites[name];
      const { origin, certificate } = addresses[address];
      const server =
        address === 'public-names'
          ? shared
          : await serve(
              handler(state, () => name),
              certificate,
            );
      return { name, server, origin: `${origin}:${server.port}` };
    }),
  );
  const proxy = await serveProxy(proxyRules(shared.port, state.config));
  const servers = new Set([proxy, ...started.map(({ server }) => server)]);
  return {
    origins: Object.fromEntries(started.map(({ name, origin }) => [name, origin])) as Record<SiteName, string>,
    proxyUrl: `http://127.0.0.1:${proxy.port}`,
    close: async () => void (await Promise.all([...servers].map((server) => server.close()))),
  };
}

/** Notes the request, lets a waiting fault have it, else answers it. */
function handler(state: State, siteFor: (request: Request) => SiteName): Handler {
  return async (request, url) => {
    const name = siteFor(request);
    const { service } = sites[name];
    const answered = state.requests.add(service, url, request);
    const fault = state.faults.take(service, new URL(request.url).pathname);
    if (fault?.delayMs) await delay(fault.delayMs, undefined, { ref: false });
    const connection = fault?.connection;
    if (connection === 'reset' || connection === 'hang') return { connection };
    const response = (fault && scriptedResponse(fault)) ?? (await answer(name, request, state));
    answered(response.status);
    return { response, connection };
  };
}

function proxyRules(port: number, { inherited, vaults, passThrough }: Config): ProxyRules {
  const { HTTPS_PROXY, https_proxy, ALL_PROXY, all_proxy } = inherited;
  const upstream = https_proxy || HTTPS_PROXY || all_proxy || ALL_PROXY || '';
  const direct = noProxyOf(inherited);
  const isNamed = (hostname: string, names: readonly string[]) => names.some((name) => isWithin(hostname, name));
  return {
    portOf: (hostname) => (siteOfName(hostname) === undefined ? undefined : port),
    // A token of ours says nothing to the real Azure, and belongs there no more than a real one belongs here.
    isForbidden: (hostname) =>
      siteOfName(hostname) === undefined && isOfAzure(hostname) && !isNamed(hostname, passThrough),
    isUnknown: (hostname) => cloudOfVault(hostname) !== undefined && !isVault(hostname, vaults),
    upstream: /^https?:/i.test(upstream) && URL.canParse(upstream) ? new URL(upstream) : undefined,
    isDirect: (hostname) => isNamed(hostname, direct),
  };
}

/** Where none is named there is every one. */
function isVault(hostname: string, vaults: readonly string[]): boolean {
  return vaults.length === 0 || vaults.some((name) => name.toLowerCase() === hostname.toLowerCase().split('.')[0]);
}
