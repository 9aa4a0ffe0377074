// How the errors of @azure/identity are read.

/** The error and what it came from, outermost first: `@azure/identity` wraps what happens beneath it. */
export function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let each = error; each instanceof Error && chain.length < 10; each = each.cause) chain.push(each);
  return chain;
}

/** Its "credential unavailable": nothing was attempted, or a tool has no token. */
export function isUnavailable(error: unknown): boolean {
  return chainOf(error).some(({ name }) => name === 'CredentialUnavailableError');
}
