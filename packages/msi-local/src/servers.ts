import { setTimeout as delay } from 'node:timers/promises';
import type { CertificateAndKey, ServerIdentity } from './network/certificates.ts';
import { siteOfName } from './network/clouds.ts';
import { type Handler, serve } from './network/http.ts';
import { type Proxies, startProxies } from './proxies.ts';
import { answer } from './routes.ts';
import { type Site, type SiteName, siteNames, sites } from './sites.ts';
import { scriptedResponse } from './state/faults.ts';
import { formOf } from './state/request-log.ts';
import type { State } from './types.ts';

/** Everything that listens, on 127.0.0.1. */
export interface Servers {
  /** Scheme, host and port of each site. */
  readonly origins: Readonly<Record<SiteName, string>>;
  readonly proxies: Proxies;
  close(): Promise<void>;
}

/** Starts the sites, with one server for all that have public names, and the proxies that lead to them. */
export async function startServers(
  state: State,
  authority: ServerIdentity,
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
  const origins = Object.fromEntries(started.map(({ name, origin }) => [name, origin])) as Record<SiteName, string>;
  const metadata = Number(new URL(origins.imds).port);
  const proxies = await startProxies(state.config, { named: shared.port, metadata, ca: authority.caPem });
  const servers = new Set([proxies, ...started.map(({ server }) => server)]);
  return {
    origins,
    proxies,
    close: async () => void (await Promise.all([...servers].map((server) => server.close()))),
  };
}

/** Notes the request, lets a waiting fault have it, else answers it. */
function handler(state: State, siteFor: (request: Request) => SiteName): Handler {
  return async (request, url) => {
    const name = siteFor(request);
    const { service } = sites[name];
    const form = state.config.recordForms ? await formOf(request) : undefined;
    const answered = state.requests.add(service, url, request, form);
    const fault = state.faults.take(service, new URL(request.url).pathname);
    if (fault?.delayMs) await delay(fault.delayMs, undefined, { ref: false });
    const connection = fault?.connection;
    if (connection === 'reset' || connection === 'hang') return { connection };
    const response = (fault && scriptedResponse(fault)) ?? (await answer(name, request, state));
    answered(response.status);
    return { response, connection };
  };
}
