// How the errors of @azure/identity are read.
import { isHarmless, type Known, redact } from './redact.ts';

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

/** The error as a cause: itself where all of its texts may be told, else a copy of the first with what may. */
export function safeCause(error: unknown, known: Known): unknown {
  const chain = chainOf(error);
  if (chain.every(({ message, stack = '' }) => isHarmless(message, known) && isHarmless(stack, known))) return error;
  const [{ name, message }] = chain as [Error];
  const clean = Object.assign(new Error(redact(message, known)), { name });
  clean.stack = `${name}: ${clean.message}`;
  return clean;
}
