// How the errors of @azure/identity are read; loaded only where there is one.

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

/**
 * What is repeated of an error's text: no token (a tool's output that cannot be read is quoted whole), and not the page
 * and headers, cookies among them, of a proxy that answered in Entra's place.
 *
 * @param spared - What looks like a token and is none, such as the claims of a command to be run.
 */
export function withoutSecrets(text: string, spared = ''): string {
  return text
    .replace(/Http status message:.*$/s, '')
    .replace(/eyJ[\w-]+(\.[\w-]*)*/g, (found) => (spared.includes(found) ? found : '***'))
    .replace(/\s+/g, ' ')
    .replace(/[\s.]+$/, '')
    .slice(0, 500);
}

/** The error as a cause: itself where all of its texts may be told, else a copy of the first with what may. */
export function safeCause(error: unknown, spared?: string): unknown {
  const chain = chainOf(error);
  if (chain.every(({ message }) => !/eyJ[\w-]|Http status message:/.test(message))) return error;
  const [{ name, message }] = chain as [Error];
  const clean = Object.assign(new Error(withoutSecrets(message, spared)), { name });
  clean.stack = `${name}: ${clean.message}`;
  return clean;
}
