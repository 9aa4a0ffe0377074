import { type Site, type SiteName, siteNames, sites } from './sites.ts';
import type { State } from './types.ts';

const routes = siteNames.flatMap((name) =>
  Object.entries(sites[name].routes).map(([methodAndPath, endpoint]) => {
    const [method, path = ''] = methodAndPath.split(' ');
    const pattern = path.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    return { name, method, pattern: new RegExp(`^${pattern}/*$`, 'i'), endpoint };
  }),
);

/** Finds the site's endpoint and lets it answer. */
export async function answer(name: SiteName, request: Request, state: State): Promise<Response> {
  const site = sites[name];
  // Clients join an address that ends with a slash, such as AKS's AZURE_AUTHORITY_HOST, and a path that begins with one.
  const pathname = new URL(request.url).pathname.replaceAll(/\/{2,}/g, '/');
  const there = routes.filter((route) => route.name === name && route.pattern.test(pathname));
  const route = there.find(({ method }) => method === request.method);
  const { notFound, methodNotAllowed } = site.refusals;
  const endpoint = isMeant(request, site) && there.length > 0 ? (route?.endpoint ?? methodNotAllowed) : notFound;
  const params = decoded(route?.pattern.exec(pathname)?.groups);
  const response = site.refuse?.(request, state) ?? (await endpoint(request, state, params));
  site.complete?.(request, response);
  return response;
}

function decoded(groups: Record<string, string> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(groups ?? {}).map(([name, value]) => [name, decode(value)]));
}

/** A broken percent sign is the caller's mistake, not ours: it stays as it is and is refused as a name. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * A web page can reach a port of this machine under a name of its own, whose address it changes in between (DNS rebinding). At
 * an address of our own only that one counts.
 */
function isMeant(request: Request, { address, alias }: Site): boolean {
  const { hostname } = new URL(request.url);
  return address === 'public-names' || ['127.0.0.1', 'localhost', alias].includes(hostname);
}
