import { explain } from '../codes.ts';
import { isQuoted } from '../selection/environment.ts';
import type { Problem } from '../types.ts';

/** An address checked to be fit for a request that carries the host's secret, or what is wrong with it. */
export type Endpoint = { readonly url: URL } | { readonly problem: Problem };

/**
 * Reads an endpoint variable. Its value is never quoted when it is not a URL: it may be a secret in the wrong place.
 *
 * Plain http is accepted only where it cannot leave the machine's own network, since the secret header travels in it.
 */
export function readEndpoint(variable: string, value: string, advice = setByAzure): Endpoint {
  const malformed = (cause: string) => ({
    problem: explain('ERR_ENDPOINT_MALFORMED', cause, { fix: [{ text: advice }] }),
  });
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const what = isQuoted(value) ? 'is in quotes' : `has ${value.length} characters`;
    return malformed(`${variable} is not an http or https URL (it ${what}).`);
  }
  if (url.username !== '' || url.password !== '') return malformed(`${variable} contains a user name or password.`);
  if (url.hash !== '') return malformed(`${variable} contains a fragment (#).`);
  if (url.protocol === 'http:' && !cannotBePublic(url.hostname)) {
    const cause = `${variable} is plain http to ${url.host}, a public address. The host's secret would be readable on the way.`;
    const fix = [{ text: `Correct ${variable}: Azure sets a loopback, link-local or private address. Or use https.` }];
    return { problem: explain('ERR_ENDPOINT_PUBLIC', cause, { fix }) };
  }
  return { url };
}

const setByAzure = 'Azure sets an absolute URL when the process starts. Remove the setting that overrides it.';

/** Loopback, link-local, private and shared address space (RFC 1122, 1918, 3927, 4193, 6598), and names that no public DNS has. */
export function cannotBePublic(hostname: string): boolean {
  // `URL` has already brought every spelling of an IPv4 address into four decimal numbers, and IPv6 into brackets.
  const ipv4 = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(hostname);
  if (ipv4) {
    const [a, b] = [Number(ipv4[1]), Number(ipv4[2])];
    return (
      a === 127 ||
      a === 10 ||
      (a === 172 && b >= 16 && b <= 31) ||
      (a === 192 && b === 168) ||
      (a === 169 && b === 254) ||
      (a === 100 && b >= 64 && b <= 127)
    );
  }
  if (hostname.startsWith('[')) return /^\[(::1\]|fe[89ab][0-9a-f]:|f[cd][0-9a-f]{2}:)/.test(hostname);
  // A single label is the container's or the host's own; the endings are reserved (RFC 6761, 6762, 9476; ICANN's .internal).
  return !hostname.includes('.') || /\.(localhost|local|internal|test|home\.arpa)$/.test(hostname);
}

/** What may be shown of an endpoint: where it is, without its query. */
export function showEndpoint(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
