// Why no answer came from Entra: it was not reached, or somebody else answered in its place.
import { type ErrorCode, type Explanation, explain, type Fix } from '../codes.ts';
import { allow } from '../http/permission.ts';
import { mendProxy, proxyFor, showProxy } from '../http/proxy.ts';
import { checkClock, noNameServer } from '../http/send.ts';
import type { HttpReply, NamedProxy } from '../io.ts';
import { knownCloud } from '../sources/application/clouds.ts';
import { type ConnectionFailure, connectionFailureOf, isProxyLost, proxySignIn } from './connection.ts';

/** A request to Entra. */
export interface EntraRequest {
  /** Who was to sign in. */
  readonly subject: string;
  readonly authorityHost: string;
  /** What sets the authority. */
  readonly setting: string;
  readonly url: URL;
}

/** Explains an exchange that brought no answer. */
export function explainUnreached(request: EntraRequest, error: Error): Explanation<ErrorCode> {
  const { subject, url } = request;
  const reason = (error as NodeJS.ErrnoException).code ?? error.name;
  const kind = connectionFailureOf(reason);
  const proxy = proxyOf(url);
  const isLost = proxy !== undefined && isProxyLost(proxy, kind, error.message);
  const peer = isLost ? `${showProxy(proxy)} on the way to ${url.origin}` : `Entra at ${url.origin}`;
  const forbidden = reason === 'ERR_ACCESS_DENIED' ? allow('Net') : undefined;
  const dns = kind === 'no-name-server' ? [{ text: noNameServer }] : [];
  return explain(
    kind === 'no-answer' ? 'ERR_TIMEOUT' : 'ERR_UNREACHABLE',
    `No token for ${subject}, because ${peer} could not be reached (${reason}).`,
    { fix: forbidden ?? fixOfTls(kind, request) ?? [...dns, ...openWay(request, proxy)] },
  );
}

/** Explains an answer that is not Entra's: a proxy's page, a gateway's refusal, half an answer. It quotes none of its words. */
export function explainOtherAnswer(request: EntraRequest, reply: HttpReply): Explanation<ErrorCode> {
  const { subject, url } = request;
  const { status } = reply;
  const proxy = proxyOf(url);
  const answered = `answered ${status} ${describeBody(reply)}`;
  const isProxy = status === 407;
  const happened = proxy
    ? `${showProxy(proxy)}${isProxy ? '' : ' or a gateway behind it'} ${answered} in place of ${url.origin}.`
    : `${url.origin} ${answered}.${isProxy ? '' : ' Entra answers in another form: a proxy or gateway sent this.'}`;
  const code = status === 429 ? 'ERR_THROTTLED' : status < 300 ? 'ERR_RESPONSE_MALFORMED' : 'ERR_REFUSED';
  const fix = isProxy ? [{ text: proxySignIn(proxy) }] : letThrough(request, proxy);
  return explain(code, `No token for ${subject}, because ${happened}`, {
    fix: code === 'ERR_THROTTLED' ? undefined : fix,
    status,
  });
}

function fixOfTls(kind: ConnectionFailure | undefined, { url, setting }: EntraRequest): readonly Fix[] | undefined {
  switch (kind) {
    case 'untrusted':
    case 'self-signed':
      return [
        {
          text: "Its certificate is not trusted here, as behind a firewall that inspects TLS. Start the program with the certificate of the firewall's authority:",
          run: 'NODE_EXTRA_CA_CERTS=/path/to/ca.pem node app.js',
        },
      ];
    case 'other-name':
      return [
        {
          text: 'Something else answers at that name, such as a proxy or an entry in the hosts file. See where the name leads:',
          run: `nslookup ${inCommand(url.hostname)}`,
        },
        { text: `Check ${setting}.` },
      ];
    case 'out-of-date':
      return [checkClock, { text: 'If the clock is right, a proxy shows an old certificate.' }];
    case 'not-tls':
      return [
        {
          text: `What answers does not speak TLS. Most likely it is a proxy. Check HTTPS_PROXY and ${setting}.`,
        },
      ];
    default:
      return undefined;
  }
}

/** The address may come from a discovery document, and a host name in a URL may hold characters of a shell. */
function inCommand(hostname: string): string {
  return /^\w[\w.-]*$/.test(hostname) ? hostname : 'HOST';
}

function openWay(request: EntraRequest, proxy: NamedProxy | undefined): readonly Fix[] {
  const { url } = request;
  const text = proxy
    ? mendProxy(proxy, url)
    : `Allow outbound traffic to ${hostAndPort(url)}. If a proxy is needed, set HTTPS_PROXY.`;
  return [{ text }, ...checkAuthority(request)];
}

function letThrough(request: EntraRequest, proxy: NamedProxy | undefined): readonly Fix[] {
  return [
    { text: `Have the proxy or gateway let ${hostAndPort(request.url)}, through.` },
    { text: `Or set ${proxy ? 'NO_PROXY' : 'HTTPS_PROXY or NO_PROXY'} to go another way.` },
    ...checkAuthority(request),
  ];
}

/** The address of a private authority may be mistyped. */
function checkAuthority({ authorityHost, setting, url }: EntraRequest): readonly Fix[] {
  if (knownCloud(authorityHost) !== undefined) return [];
  return [{ text: `Check ${setting}. It leads to ${url.hostname}.` }];
}

const hostAndPort = ({ hostname, port }: URL) => `${hostname}, port ${port || 443}`;

/** A variable that cannot be used stops the sign-in before anything is sent. */
function proxyOf(url: URL): NamedProxy | undefined {
  const choice = proxyFor(url);
  return 'problem' in choice ? undefined : choice.proxy;
}

/** What gateways and proxies send. Any other may be a text of their own. */
const types = [
  'text/html',
  'text/plain',
  'text/xml',
  'application/xml',
  'application/json',
  'application/problem+json',
];

function describeBody({ headers, body }: HttpReply): string {
  if (body === '') return 'with an empty body';
  const type = /^[^;\s]{0,40}/.exec(headers['content-type'] ?? '')?.[0].toLowerCase() ?? '';
  return `with ${body.length} characters ${types.includes(type) ? `of ${type}` : 'of no known type'}`;
}
