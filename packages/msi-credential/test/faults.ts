import type { ErrorCode } from '../src/codes.ts';
import { jwt } from './fake-io.ts';
import type { Peer, Script } from './fault-server.ts';
import { type Host, marker } from './faulty-hosts.ts';

/** A script, and how it must end. */
export interface Fault extends Script {
  readonly name: string;
  /** Nobody listens where the host says. */
  readonly refused?: boolean;
  /** Ends by our own time limit. */
  readonly slow?: boolean;
  /** The server has another certificate than the host has announced. */
  readonly impostor?: boolean;
  /** How long the caller waits; longer than any flight if it is not said. */
  readonly timeoutMs?: number;
  /** On a host with TLS only. */
  readonly secureOnly?: boolean;
  /** With a token, or with one of these codes. */
  readonly ends: (host: Host) => readonly ('token' | ErrorCode)[];
  /** How often the endpoint is asked; not said where it depends on how the pieces arrive. */
  readonly tries?: (host: Host) => number;
}

const inTenYears = Math.floor(Date.now() / 1000) + 315_360_000;
/** Bears the marker in a claim and in its signature. Without `exp`, so the answer's own expiry counts. */
export const token = `${jwt({ nonce: marker }).replace(/[^.]*$/, '')}${marker}-signature-which-is-long-enough-to-count`;
const good = { access_token: token, expires_on: String(inTenYears), token_type: 'Bearer' };

const http = (status: number, body: string, headers: Record<string, string | number> = {}) => {
  const lines = Object.entries({ 'Content-Length': Buffer.byteLength(body), ...headers });
  return `HTTP/1.1 ${status} Whatever\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
};
const say = (text: string) => (peer: Peer) => void peer.write(text);
const always =
  (...codes: ('token' | ErrorCode)[]) =>
  () =>
    codes;
const once = () => 1;
const nothing = (host: Host) => host.tries('nothing');
const cut = (host: Host) => host.tries('cut');

/** An answer with 200 that holds no token. */
const nonsense = (name: string, body: string): Fault => ({
  name,
  onRequest: say(http(200, body)),
  ends: always('ERR_RESPONSE_MALFORMED'),
  tries: once,
});
const json = (name: string, body: unknown) => nonsense(name, JSON.stringify(body));
const broken = (name: string, onRequest: (peer: Peer) => void): Fault => ({
  name,
  onRequest,
  ends: always('ERR_UNREACHABLE'),
  tries: cut,
});
const stuck = (name: string, script: Script): Fault => ({
  name,
  ...script,
  slow: true,
  ends: always('ERR_TIMEOUT'),
  tries: nothing,
});

function refusal(
  name: string,
  status: number,
  body: string | ((head: string) => string),
  headers: Record<string, string> = {},
): Fault {
  return {
    name,
    onRequest: (peer, head) => peer.write(http(status, typeof body === 'string' ? body : body(head), headers)),
    ends: (host) => {
      if (status === 401 && host.challenges) return ['ERR_CHALLENGE_REFUSED', 'ERR_REFUSED'];
      if (typeof body === 'string' && host.notFound(status, body)) return ['ERR_IDENTITY_NOT_FOUND'];
      return [status === 429 ? 'ERR_THROTTLED' : 'ERR_REFUSED'];
    },
    tries: (host) => host.tries(status),
  };
}

const connectionFaults: Fault[] = [
  { name: 'connection refused', refused: true, ends: always('ERR_UNREACHABLE') },
  broken('reset before the answer', (peer) => peer.reset()),
  broken('closed before the answer', (peer) => peer.end()),
  broken('reset in the middle of the body', (peer) => {
    peer.write('HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"access_');
    peer.reset();
  }),
  broken('Content-Length too long, then closed', (peer) => {
    peer.write(http(200, JSON.stringify(good), { 'Content-Length': 5000 }));
    peer.end();
  }),
  broken('chunked, closed before the last chunk', (peer) => {
    peer.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"access_\r\n');
    peer.end();
  }),
  stuck('hang before the answer', { onRequest: () => {} }),
  { name: 'hang for longer than the caller waits', onRequest: () => {}, timeoutMs: 5_000, ends: always('ERR_TIMEOUT') },
  stuck('hang in the headers', { onRequest: say('HTTP/1.1 200 OK\r\nContent-Ty') }),
  stuck('hang in the body', { onRequest: say('HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"access_') }),
  stuck('Content-Length too long, kept open', {
    onRequest: say(http(200, JSON.stringify(good), { 'Content-Length': 5000 })),
  }),
  stuck('slow drip', {
    onRequest: (peer) => {
      peer.write('HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n');
      peer.goOn(() => peer.write(' '), 20);
    },
  }),
  stuck('informational answers for ever', {
    onRequest: (peer) => peer.goOn(() => peer.write('HTTP/1.1 102 Processing\r\n\r\n'), 20),
  }),
  {
    ...stuck('an upgrade to another protocol', {
      onRequest: say('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'),
    }),
    slow: false,
    ends: always('ERR_RESPONSE_MALFORMED'),
    tries: once,
  },
];

/** Bytes that are not HTTP: reported as unreachable or as malformed. */
const garbage = (name: string, text: string): Fault => ({
  name,
  onRequest: say(text),
  ends: always('ERR_UNREACHABLE', 'ERR_RESPONSE_MALFORMED'),
});
const garbageFaults: Fault[] = [
  garbage('the token before HTTP begins', `${token}\r\n\r\n`),
  garbage('garbage instead of HTTP', '\u0000\u0001 what? no! \r\n\r\n'),
  garbage('another protocol', 'SSH-2.0-OpenSSH_9.9\r\n'),
  garbage('headers larger than any', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`),
  garbage('a chunk of no size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
  garbage('two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd'),
  garbage('Content-Length too short', http(200, JSON.stringify(good), { 'Content-Length': 20 })),
];

const endless = (name: string, head: string, piece: string): Fault => ({
  name,
  onRequest: (peer) => {
    peer.write(head);
    // As fast as the client takes it, which must stop far before the end.
    peer.goOn(() => {
      while (peer.write(piece));
    });
  },
  ends: always('ERR_RESPONSE_MALFORMED'),
  tries: once,
});

const bodyFaults: Fault[] = [
  nonsense('truncated JSON', JSON.stringify(good).slice(0, -20)),
  nonsense('HTML with 200', '<!doctype html><title>Sign in to the network</title>'),
  { ...nonsense('empty body with 200', ''), tries: nothing },
  nonsense('NaN as the expiry', `{"access_token":"${token}","expires_on":NaN}`),
  endless('1 GB announced', 'HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n', ' '.repeat(65_536)),
  endless(
    'chunks for ever',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    `8000\r\n${' '.repeat(32_768)}\r\n`,
  ),
  ...[null, 1, true, 'text', [], [good], {}].map((value) => json(`JSON ${JSON.stringify(value).slice(0, 12)}`, value)),
  ...[null, 1, {}, [], ['t'], '', ' '].map((value) =>
    json(`access_token ${JSON.stringify(value)}`, { ...good, access_token: value }),
  ),
  json('a token with a line break', { ...good, access_token: `${token}\r\nx: y` }),
  json('a token outside of ASCII', { ...good, access_token: `${token}ü` }),
  json('expiry missing', { access_token: token }),
  ...[
    -1,
    -inTenYears,
    0,
    1e20,
    1e300,
    null,
    true,
    {},
    [],
    '',
    'NaN',
    'Infinity',
    '-1',
    '1e9',
    'soon',
    '0000-00-00',
  ].map((value) => json(`expires_on ${JSON.stringify(value)}`, { ...good, expires_on: value })),
  ...[978_307_201, '01/01/2020 00:00:00', '2020-01-01T00:00:00Z'].map((value) =>
    json(`expired at ${value}`, { ...good, expires_on: value }),
  ),
  ...[-3600, 0, 'NaN', 'Infinity', 1e300].map((value) =>
    json(`expires_in ${JSON.stringify(value)}`, { access_token: token, expires_in: value }),
  ),
];

/** What came in, the secret among it, and the token that would have been the answer. */
const echo = (head: string) => `${head.replace(/\s+/g, ' ')} ${token}`;
const statusFaults: Fault[] = [
  ...[...Array.from({ length: 30 }, (_, index) => 400 + index), 500, 501, 502, 503, 504].map((status) =>
    refusal(`status ${status}`, status, JSON.stringify({ error: 'invalid_request', error_description: 'No.' })),
  ),
  ...[400, 403, 500].map((status) => refusal(`empty body with ${status}`, status, '')),
  ...[201, 202, 203, 206, 226, 400, 500].map((status) =>
    refusal(`a token with ${status}`, status, JSON.stringify(good)),
  ),
  refusal('HTML with 502', 502, '<html><h1>Bad Gateway</h1>'),
  refusal('the request in a JSON refusal', 403, (head) =>
    JSON.stringify({ error: echo(head), error_description: echo(head), message: echo(head) }),
  ),
  refusal('the request in a nested refusal', 403, (head) =>
    JSON.stringify({ error: { code: echo(head), message: echo(head), correlationId: echo(head) } }),
  ),
  refusal('the request in plain text', 403, echo),
  refusal('the request in a web page', 403, (head) => `<pre>${echo(head)}`),
  { ...refusal('429 that asks for an hour', 429, '{}', { 'Retry-After': '3600' }), tries: once },
  {
    ...refusal('a failure that says 200', 200, (head) =>
      JSON.stringify({ StatusCode: 400, ExceptionMessage: echo(head) }),
    ),
    // What is repeated names an identity on some hosts.
    ends: always('ERR_REFUSED', 'ERR_IDENTITY_NOT_FOUND'),
  },
];

/** Redirects, to an origin where nothing may arrive. */
export const redirects = (elsewhere: string): Fault[] =>
  [300, 301, 302, 303, 304, 305, 307, 308].map((status) =>
    refusal(`redirect ${status}`, status, '', { Location: `${elsewhere}/stolen` }),
  );

const handshakeFaults: Fault[] = [
  {
    ...stuck('hang in the handshake', { onConnect: () => {} }),
    secureOnly: true,
    tries: undefined,
  },
  {
    ...nonsense('a certificate that was not announced', JSON.stringify(good)),
    secureOnly: true,
    impostor: true,
    // Not even the request gets there: it has the host's secret in it.
    tries: () => 0,
  },
  {
    ...garbage('plain HTTP instead of TLS', ''),
    secureOnly: true,
    onRequest: undefined,
    onConnect: say(http(200, '{}')),
  },
  {
    ...broken('reset in the handshake', () => {}),
    secureOnly: true,
    onRequest: undefined,
    onConnect: (peer) => peer.reset(),
    tries: undefined,
  },
];

const harmless: Fault[] = [
  { name: 'none', onRequest: say(http(200, JSON.stringify(good))), ends: always('token'), tries: once },
  {
    name: 'informational answers before the token',
    onRequest: say(`HTTP/1.1 103 Early Hints\r\n\r\n${http(200, JSON.stringify(good))}`),
    ends: always('token'),
    tries: once,
  },
];

export const faults = [
  ...harmless,
  ...connectionFaults,
  ...garbageFaults,
  ...bodyFaults,
  ...statusFaults,
  ...handshakeFaults,
];
