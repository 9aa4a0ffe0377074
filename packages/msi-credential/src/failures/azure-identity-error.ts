// Reads the errors of @azure/identity.
import { isError } from '../errors.ts';

/** The error and its causes, outermost first: `@azure/identity` wraps other errors. */
export function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let each = error; isError(each) && chain.length < 10; each = each.cause) chain.push(each);
  return chain;
}

/** Whether it is a "credential unavailable": nothing was attempted, or a tool has no token. */
export function isUnavailable(error: unknown): boolean {
  return chainOf(error).some(({ name }) => name === 'CredentialUnavailableError');
}
