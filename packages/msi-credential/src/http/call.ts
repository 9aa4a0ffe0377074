import { explain } from '../codes.ts';
import type { Problem } from '../types.ts';
import type { Call } from './send.ts';

/** A GET to an endpoint of the host. A query that the endpoint already has is kept. */
export function getCall(
  base: URL,
  query: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): Call {
  return { method: 'GET', url: withQuery(base, query), headers };
}

/**
 * The address with these parameters. The rest of its query stays exactly as it is written, since GitHub's must not be
 * rebuilt. Parameters that are set here are replaced: services refuse one that comes twice.
 */
export function withQuery(base: URL, query: Readonly<Record<string, string>>): URL {
  const isSet = (part: string) => [...new URLSearchParams(part).keys()].some((name) => Object.hasOwn(query, name));
  const kept = base.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !isSet(part));
  const added = Object.entries(query).map(([name, text]) => `${name}=${encodeURIComponent(text)}`);
  const url = new URL(base);
  url.search = [...kept, ...added].join('&');
  return url;
}

/** What is wrong with a secret that travels in a header. Without this check it would look like a network failure. */
export function problemWithSecret(variable: string, secret: string): Problem | undefined {
  if (!/[^\x20-\x7e]/.test(secret)) return undefined;
  return explain('ERR_SETTING_INVALID', `${variable} contains characters that an HTTP header cannot carry.`, {
    fix: [{ text: 'The host sets it when the process starts. Remove what overrides it.' }],
  });
}
