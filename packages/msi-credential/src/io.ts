import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { MessagePort } from 'node:worker_threads';
import { knownToCopies } from './across-copies.ts';

/** A read-only map of environment variables, as `process.env` is one. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One HTTP exchange. Redirects are not followed; a proxy is used only where one is given. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The server's certificate must have this SHA-1 thumbprint (40 lower-case hexadecimal digits) instead of being trusted. */
  readonly thumbprint?: string;
  /** To go through. */
  readonly proxy?: NamedProxy | undefined;
  readonly signal: AbortSignal;
  /** For the whole exchange, in milliseconds. */
  readonly timeoutMs: number;
}

/** A proxy, and the variable that names it. */
export interface NamedProxy {
  readonly variable: string;
  /** Its name and password belong to the proxy. */
  readonly url: URL;
}

/** What came back; header names in lower case. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** An exchange that we ended ourselves. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly reason: 'timeout' | 'too-large' | 'certificate' | 'not-http';
  /** Whether somebody had taken the connection. */
  readonly connected: boolean;
  constructor(reason: ExchangeError['reason'], message: string, connected = true) {
    super(message);
    this.reason = reason;
    this.connected = connected;
  }
}
// The copy that sends need not be the one that reads what came of it.
knownToCopies(ExchangeError, 'ExchangeError');

/** A program to run, with arguments that hold nothing that a shell would read. */
export interface ProgramRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** What a program printed until it ended or was stopped; nothing where it could not be started. */
export interface ProgramOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** What can be learnt about this machine without starting or asking anything. */
export interface Machine {
  readonly platform: string;
  hasFile(path: string): boolean;
  /** The text of a small file; undefined if it is absent, `null` if it is there but may not be read. */
  readText(path: string): string | null | undefined;
  /** Whether a program of that name is on PATH. */
  hasProgram(name: string, env: Environment): boolean;
}

/** The one seam to the outside world. Tests hand in their own. */
export interface Io {
  exchange(request: HttpRequest): Promise<HttpReply>;
  /**
   * The text of a file that holds a secret: a regular file of that size at most, with one name only, no link, nor in a linked
   * folder, and owned by root or by the owner of its folder.
   */
  readTrustedFile(path: string, maxBytes: number): Promise<string>;
  /** Whether something else than a file is there, or at the end of a link: a folder, a pipe, a device. */
  isNoFile(path: string): boolean;
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /**
   * Does it after so many ms unless cancelled by the function returned; `holds`: keeps the process alive until then, even
   * where a test has replaced the timers.
   */
  after(ms: number, action: () => void, holds: boolean): () => void;
  /** At least 0, below 1. */
  random(): number;
  /** Whether this process may start others: Node's permission model may forbid it. */
  mayStartPrograms(): boolean;
  /** Runs a program of PATH to its end; never rejects. */
  runProgram(run: ProgramRun): Promise<ProgramOutput>;
  /** Loaded only by the sources that need it. */
  azureIdentity(): Promise<typeof import('@azure/identity')>;
  readonly machine: Machine;
}

/** Token answers are a few kB; what is larger is not one. */
const maxBodyBytes = 1024 * 1024;

// `process.getBuiltinModule` instead of `import`: on Node 24 an ESM import of node:http instantiates lazy exports that
// nobody here needs and costs 30 ms, this 3 ms, and only when a request is made.
const builtin = process.getBuiltinModule;

/** What the clients of the Azure SDK read, whatever `env` a credential is given. */
export const processEnvironment = (): Environment => process.env;

/** The real world. */
export const realIo: Io = {
  exchange,
  readTrustedFile,
  isNoFile: (path) => statOf(path)?.isFile() === false,
  // Looked up each time, so that a test's date counts.
  now: () => Date.now(),
  after,
  random: Math.random,
  // Node has `permission` only where its model is on. https://nodejs.org/api/process.html#processpermissionhasscope-reference
  mayStartPrograms: () => process.permission?.has('child') !== false,
  runProgram,
  azureIdentity: () => import('@azure/identity'),
  machine: { platform: process.platform, hasFile, readText, hasProgram },
};

/** Made for each call: no connection is kept, since the next token is hours away. */
function agentFor({ url, thumbprint, proxy }: HttpRequest, over: AbortSignal | undefined): Agent {
  const { Agent } = builtin(url.protocol === 'https:' ? 'node:https' : 'node:http') as typeof import('node:http');
  // Never the global agent: it may have been told to use a proxy, which must not see the host's secret.
  const agent = new Agent({ keepAlive: false, ...(proxy && { proxyEnv: { HTTPS_PROXY: proxy.url.href } }) });
  return thumbprint === undefined || over === undefined
    ? agent
    : Object.assign(agent, { createConnection: pinnedConnection(thumbprint, over) });
}

/**
 * Connects to a server with a self-signed certificate and hands the connection out only after its thumbprint has been
 * compared, so that nothing is written to any other server. `checkServerIdentity` would be the wrong hook: Node does not
 * call it for a certificate that does not verify.
 */
function pinnedConnection(thumbprint: string, over: AbortSignal) {
  return (options: ConnectionOptions, done: (error: Error | null, socket?: TLSSocket) => void): undefined => {
    const socket = builtin('node:tls').connect({ ...options, rejectUnauthorized: false });
    // Until it is handed out nobody else has it: neither the request's end nor its "socket" event reaches it.
    socket.unref();
    over.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.once('error', done);
    socket.once('secureConnect', () => {
      const actual = builtin('node:crypto').createHash('sha1').update(socket.getPeerCertificate().raw).digest('hex');
      socket.off('error', done);
      if (actual === thumbprint) return done(null, socket);
      socket.destroy();
      done(
        new ExchangeError(
          'certificate',
          `its certificate has the thumbprint ${actual}, not the one that was announced`,
        ),
      );
    });
  };
}

function exchange(request: HttpRequest): Promise<HttpReply> {
  const { url, method, headers, body, signal, timeoutMs } = request;
  const { promise, resolve, reject } = Promise.withResolvers<HttpReply>();
  if (signal.aborted) return Promise.reject(signal.reason);

  const over = request.thumbprint === undefined ? undefined : new AbortController();
  const client = builtin(url.protocol === 'https:' ? 'node:https' : 'node:http') as typeof import('node:http');
  // Without it any encoding would be welcome (RFC 9110, 12.5.3).
  const sent = { 'accept-encoding': 'identity', ...headers };
  const call: ClientRequest = client.request(url, { method, headers: sent, agent: agentFor(request, over?.signal) });
  const fail = (error: unknown) => {
    reject(error);
    call.destroy();
  };
  // Neither timer nor socket keeps the process alive: a caller that waits does that by its own deadline.
  const outOfTime = () =>
    new ExchangeError('timeout', `no answer within ${timeoutMs} ms`, call.socket?.connecting === false);
  const cancel = after(timeoutMs, () => fail(outOfTime()), false);
  const onAbort = () => fail(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });

  call.on('socket', (socket) => socket.unref());
  call.on('error', (error: NodeJS.ErrnoException & { rawPacket?: unknown }) => {
    // The parser's errors carry the bytes that came in, a token among them.
    delete error.rawPacket;
    reject(
      error.code?.startsWith('HPE_') ? new ExchangeError('not-http', `the answer is not HTTP (${error.code})`) : error,
    );
  });
  call.on('upgrade', (_reply, socket) => {
    // From here on it is ours to end: in Node 26 the request no longer does.
    socket.destroy();
    fail(new ExchangeError('not-http', 'the answer changes to another protocol'));
  });
  call.on('response', (reply) => readBody(reply, (body) => resolve(replyOf(reply, body)), fail));
  call.end(body);
  return promise.finally(() => {
    cancel();
    over?.abort();
    signal.removeEventListener('abort', onAbort);
  });
}

/**
 * By events: an async iterator over the stream would load modules that cost two milliseconds at the first token. Copied, since
 * each piece holds on to the whole buffer that it was received in: a thousand small ones would hold megabytes.
 */
function readBody(reply: IncomingMessage, done: (body: string) => void, fail: (error: Error) => void): void {
  let body = Buffer.alloc(0);
  let bytes = 0;
  reply.on('data', (piece: Buffer) => {
    const needed = bytes + piece.length;
    if (needed > maxBodyBytes) return fail(tooLarge());
    if (needed > body.length) {
      const larger = Buffer.alloc(Math.max(needed, 2 * body.length));
      body.copy(larger, 0, 0, bytes);
      body = larger;
    }
    bytes += piece.copy(body, bytes);
  });
  reply.on('error', fail);
  reply.on('end', () => {
    try {
      done(decode(body.subarray(0, bytes), reply.headers['content-encoding']).toString('utf8'));
    } catch (error) {
      fail((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : (error as Error));
    }
  });
}

const tooLarge = () => new ExchangeError('too-large', `the answer is larger than ${maxBodyBytes} bytes`);

/** We ask for no encoding; not every server listens. The last one that is named was put on last (RFC 9110, 8.4). */
function decode(body: Buffer, encodings = ''): Buffer {
  const names = body.length === 0 ? [] : encodings.toLowerCase().split(',').reverse();
  return names.reduce((content, name) => decodeOnce(content, name.trim()), body);
}

function decodeOnce(body: Buffer, encoding: string): Buffer {
  const limit = { maxOutputLength: maxBodyBytes };
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return builtin('node:zlib').gunzipSync(body, limit);
    case 'deflate':
      return builtin('node:zlib').inflateSync(body, limit);
    case 'br':
      return builtin('node:zlib').brotliDecompressSync(body, limit);
    default:
      return body;
  }
}

function replyOf(reply: IncomingMessage, body: string): HttpReply {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(reply.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { status: reply.statusCode ?? 0, headers, body };
}

function after(ms: number, action: () => void, holds: boolean): () => void {
  const release = holds ? holdProcess() : undefined;
  const timer = setTimeout(() => {
    release?.();
    action();
  }, ms);
  // A replaced `setTimeout` (jsdom's, a test's) may return a number.
  if (!holds) timer.unref?.();
  return () => {
    release?.();
    clearTimeout(timer);
  };
}

const holders = new Set<symbol>();
let holding: MessagePort | undefined;

/**
 * A timer holds the event loop, unless a test has replaced `setTimeout`. Then the loop runs empty while somebody waits, and
 * the process would end without a word. A port holds it, which nobody replaces. It is opened only then: it costs
 * milliseconds. https://nodejs.org/api/process.html#event-beforeexit
 */
function holdProcess(): () => void {
  const holder = Symbol();
  holders.add(holder);
  if (holders.size === 1) process.on('beforeExit', openPort);
  return () => {
    holders.delete(holder);
    if (holders.size > 0) return;
    process.off('beforeExit', openPort);
    holding?.close();
    holding = undefined;
  };
}

function openPort() {
  holding ??= new (builtin('node:worker_threads').MessageChannel)().port1;
  holding.ref();
}

async function readTrustedFile(path: string, maxBytes: number): Promise<string> {
  const { constants, promises } = builtin('node:fs');
  // Opened first and looked at then, so that what is looked at is what is read. Windows has neither the flags nor owners;
  // without O_NONBLOCK a named pipe would never open.
  const file = await promises.open(
    path,
    constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
  );
  try {
    const [stat, folder] = await Promise.all([file.stat(), promises.lstat(builtin('node:path').dirname(path))]);
    if (!stat.isFile()) throw new Error('not a regular file');
    if (stat.nlink > 1) throw new Error('it has another name elsewhere');
    if (!folder.isDirectory()) throw new Error('its folder is a link');
    if (stat.size > maxBytes) throw new Error(`${stat.size} bytes, more than ${maxBytes}`);
    if (process.platform !== 'win32' && stat.uid !== 0 && stat.uid !== folder.uid)
      throw new Error('owned by another user than its folder');
    // It may have grown since.
    const content = Buffer.alloc(maxBytes + 1);
    const { bytesRead } = await file.read(content, 0, content.length, 0);
    if (bytesRead > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
    return content.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Nothing for what cannot be looked at, too: no permission, a name too long, a loop of links. */
function statOf(path: string) {
  try {
    return builtin('node:fs').statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function hasFile(path: string): boolean {
  return statOf(path)?.isFile() === true;
}

function readText(path: string): string | null | undefined {
  try {
    return builtin('node:fs').readFileSync(path, 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : null;
  }
}

function hasProgram(name: string, env: Environment): boolean {
  const windows = process.platform === 'win32';
  const { delimiter, join } = builtin('node:path');
  const endings = windows ? (env.PATHEXT ?? '.COM;.EXE;.BAT;.CMD').split(';') : [''];
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) =>
    endings.some((ending) => {
      const stat = statOf(join(folder, name + ending));
      return stat?.isFile() === true && (windows || (stat.mode & 0o111) !== 0);
    }),
  );
}

/** In a folder where nobody can put a program of the same name. On Windows the tools are scripts, which need a shell. */
function runProgram({ program, args, signal, timeoutMs }: ProgramRun): Promise<ProgramOutput> {
  const { promise, resolve } = Promise.withResolvers<ProgramOutput>();
  const windows = process.platform === 'win32';
  const line = [program, ...args].join(' ');
  if (/[^\w:/.@= -]/.test(line)) return Promise.resolve({ stdout: '', stderr: '' });
  const [file, rest] = windows ? ['cmd.exe', ['/d', '/s', '/v:off', '/c', `"${line}"`]] : [program, [...args]];
  const cwd = windows ? (process.env.SystemRoot ?? 'C:\\Windows') : '/';
  const options = { cwd, signal, timeout: timeoutMs, windowsHide: true, windowsVerbatimArguments: windows } as const;
  const child = builtin('node:child_process').execFile(file, rest, options, (_, stdout, stderr) =>
    resolve({ stdout, stderr }),
  );
  child.stdin?.end();
  return promise;
}
