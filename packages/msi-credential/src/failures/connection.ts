import { isAboutProxy } from '../http/proxy.ts';
import type { NamedProxy } from '../io.ts';

/** Ways to get no answer, told apart because each has its own remedy. */
export type ConnectionFailure =
  | 'unknown-name'
  | 'no-name-server'
  | 'refused'
  | 'cut'
  | 'no-route'
  | 'no-answer'
  | 'self-signed'
  | 'untrusted'
  | 'proxy'
  | 'other-name'
  | 'out-of-date'
  | 'not-tls';

/**
 * https://nodejs.org/api/errors.html#common-system-errors, https://nodejs.org/api/tls.html#x509-certificate-error-codes;
 * UND_ERR_: `fetch`, https://github.com/nodejs/undici/blob/main/docs/docs/api/Errors.md
 */
const systemCodes: Readonly<Record<ConnectionFailure, readonly string[]>> = {
  'unknown-name': ['ENOTFOUND'],
  'no-name-server': ['EAI_AGAIN'],
  refused: ['ECONNREFUSED'],
  // PARSE_ERROR without a status: the connection ended in the middle of the body.
  cut: [
    'PARSE_ERROR',
    'ECONNRESET',
    'ECONNABORTED',
    'EPIPE',
    'ERR_STREAM_PREMATURE_CLOSE',
    'REQUEST_SEND_ERROR',
    'UND_ERR_SOCKET',
    'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  ],
  'no-route': ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN'],
  'no-answer': [
    'ETIMEDOUT',
    'ESOCKETTIMEDOUT',
    'ERR_SOCKET_CONNECTION_TIMEOUT',
    'UND_ERR_CONNECT_TIMEOUT',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT',
  ],
  'self-signed': ['DEPTH_ZERO_SELF_SIGNED_CERT'],
  untrusted: [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'CERT_UNTRUSTED',
    'INVALID_CA',
  ],
  proxy: ['ERR_PROXY_TUNNEL', 'UND_ERR_PRX_TLS', 'UND_ERR_SOCKS'],
  'other-name': ['ERR_TLS_CERT_ALTNAME_INVALID'],
  'out-of-date': ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'],
  'not-tls': ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_TLS_PROTOCOL_VERSION_CONFLICT'],
};

/** What a system's code means; undefined for a code that is not about a connection. */
export function connectionFailureOf(code: string | undefined): ConnectionFailure | undefined {
  const kinds = Object.keys(systemCodes) as ConnectionFailure[];
  return code === undefined ? undefined : kinds.find((kind) => systemCodes[kind].includes(code));
}

/** Advice for a 407, which only a proxy answers. */
export function proxySignIn(proxy: NamedProxy | undefined): string {
  const { variable, url } = proxy ?? { variable: 'HTTPS_PROXY', url: undefined };
  return url?.username || url?.password
    ? `The proxy does not accept the name and the password in ${variable}. Correct them, with % written as %25 and @ as %40.`
    : `The proxy asks for a name and a password. Set ${variable}=http://USER:PASSWORD@HOST:PORT.`;
}

/** Failures to connect. Where a proxy is used, they are about the connection to it. */
const connecting: readonly (ConnectionFailure | undefined)[] = [
  'unknown-name',
  'no-name-server',
  'refused',
  'no-route',
];

/** Whether the proxy itself was not reached. A time limit alone does not tell: it also ends what went through the proxy. */
export function isProxyLost(proxy: NamedProxy, failure: ConnectionFailure | undefined, words: string): boolean {
  return (connecting.includes(failure) || words.includes('connect ETIMEDOUT')) && isAboutProxy(proxy, words);
}
