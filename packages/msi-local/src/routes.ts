import { type SiteName, siteNames, sites } from './sites.ts';
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
  const endpoint =
    site.hears?.(request) === false || there.length === 0 ? notFound : (route?.endpoint ?? methodNotAllowed);
  const response = await endpoint(request, state, decoded(route?.pattern.exec(pathname)?.groups));
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
