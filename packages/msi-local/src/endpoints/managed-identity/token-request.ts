import { isAzureAudience } from '../../state/audiences.ts';
import type { Selector } from '../../state/identities.ts';

/** How one endpoint reads a request, in the order of the checks; each refusal is in the endpoint's own words. */
export interface TokenRules<Owner> {
  /** Services that hand out tokens refuse a parameter that appears more than once. */
  repeated(parameter: string): Response;
  /** Refuses a version that it does not know. */
  apiVersion?(version: string): Response | undefined;
  noResource(): Response;
  /** The parameters that name an identity; a request has at most one of them. */
  readonly selectors: Readonly<Record<string, Selector['by']>>;
  manySelectors?(parameters: readonly string[]): Response;
  /** Whose token it will be, or why nobody's. */
  owner(selector: Selector | undefined): Owner | Response;
  /** Entra issues no token for this resource. */
  unknownResource(resource: string): Response;
}

/** A request that gets a token. */
export interface TokenRequest<Owner> {
  readonly resource: string;
  readonly owner: Owner;
  readonly selector: Selector | undefined;
}

/** The checks that the endpoints of managed identity have in common; a Response is a refusal. */
export function readTokenRequest<Owner>(request: Request, rules: TokenRules<Owner>): TokenRequest<Owner> | Response {
  const query = new URL(request.url).searchParams;
  const repeated = [...query.keys()].find((name, index, names) => names.indexOf(name) !== index);
  if (repeated !== undefined) return rules.repeated(repeated);
  const unknownVersion = rules.apiVersion?.(query.get('api-version') ?? '');
  if (unknownVersion) return unknownVersion;
  const resource = query.get('resource');
  if (!resource) return rules.noResource();
  const named = Object.entries(rules.selectors).filter(([parameter]) => query.has(parameter));
  const [selector] = named.map(([parameter, by]) => ({ parameter, by, value: query.get(parameter) ?? '' }));
  if (named.length > 1 && rules.manySelectors) return rules.manySelectors(named.map(([parameter]) => parameter));
  const owner = rules.owner(selector);
  if (owner instanceof Response) return owner;
  return isAzureAudience(resource) ? { resource, owner, selector } : rules.unknownResource(resource);
}
