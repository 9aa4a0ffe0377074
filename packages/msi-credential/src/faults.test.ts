import { inspect } from 'node:util';
import type { AccessToken } from '@azure/core-auth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FaultServer, serveFault } from '../test/fault-server.ts';
import { type Fault, faults, redirects, token } from '../test/faults.ts';
import { arcKey, certificate, type Host, hosts, impostor, marker } from '../test/faulty-hosts.ts';
import { createWorld, credentialIn } from './credential.ts';
import { formatDiagnostics } from './diagnosis/report.ts';
import type { AuthenticationError } from './errors.ts';
import { type Io, realIo } from './io.ts';

const scope = 'https://vault.azure.net/.default';
/** How much shorter pauses and deadlines are here. */
const haste = 25;
/** How much shorter what a busy machine must not run into by itself: the limits of one try, of a call and of a flight. */
const caution = 10;
/** A flight is given up after this; only limits are as long. */
const flightLimitMs = 150_000;
/** What a busy machine may add to any time. */
const slackMs = 10_000;
const atOnce = 40;

/** Timers that have neither fired nor been cancelled. */
const timers = new Set<object>();

/** The real thing in a hurry. The limit of one try is cut only where it must be met: a busy machine is not a fault. */
function hurried(slow = false): Io {
  return {
    ...realIo,
    exchange: (request) => realIo.exchange(slow ? { ...request, timeoutMs: request.timeoutMs / caution } : request),
    after(ms, action, holds) {
      const timer = {};
      const forget = () => timers.delete(timer);
      const cancel = realIo.after(ms / (ms < flightLimitMs ? haste : caution), () => [forget(), action()], holds);
      timers.add(timer);
      return () => [forget(), cancel()];
    },
    random: () => 0,
    readTrustedFile: async () => `${arcKey}\n`,
  };
}

interface Outcome {
  readonly result: unknown;
  readonly tookMs: number;
  readonly server: FaultServer;
  /** Requests that met the fault. */
  readonly tries: number;
  /** Everything that this call left where people look. */
  readonly traces: readonly string[];
}

async function play(host: Host, fault: Fault): Promise<Outcome> {
  const { onRequest, onConnect, timeoutMs = 200_000 } = fault;
  const challenge = (head: string) => host.challenge?.(head);
  const server = await serveFault(
    {
      onConnect,
      onRequest:
        onRequest &&
        ((peer, head) => {
          const answer = challenge(head);
          return answer === undefined ? onRequest(peer, head) : peer.write(answer);
        }),
    },
    host.secure ? (fault.impostor ? impostor : certificate) : undefined,
  );
  // On port 9 nobody listens; a port that was free a moment ago may be another row's by now.
  const env = host.variables(fault.refused ? 9 : server.port);
  const credential = credentialIn(createWorld(hurried(fault.slow)), { env, timeoutMs });
  const started = performance.now();
  const result = await credential.getToken(scope).catch((error: unknown) => error);
  const tookMs = performance.now() - started;
  await server.idle(slackMs);
  const { diagnostics } = credential;
  const shown = result instanceof Error ? [result.message, result.stack ?? '', String(result)] : [];
  const data = [diagnostics, ...(result instanceof Error ? [result, result.cause] : [])];
  return {
    result,
    tookMs,
    server,
    tries: server.heads.filter((head) => challenge(head) === undefined).length,
    traces: [
      ...shown,
      formatDiagnostics(diagnostics),
      ...data.flatMap((each) => [inspect(each, { depth: 20, maxStringLength: null }), withBytes(each)]),
    ],
  };
}

/** JSON as a logger writes it that follows causes; the bytes of a buffer are told as text. */
function withBytes(value: unknown): string {
  return JSON.stringify(value, (_, each) => (each?.type === 'Buffer' ? String.fromCharCode(...each.data) : each)) ?? '';
}

/** A token, or an error that says what happened and what to do. */
function endOf(result: unknown): unknown {
  if (!(result instanceof Error)) return (result as AccessToken).token === token ? 'token' : result;
  const { name, code, hint } = result as AuthenticationError;
  return name === 'AuthenticationError' && hint !== '' ? code : result;
}

/** The marker with what stands around it, if it is there. */
function leaks(trace: string): string[] {
  const at = trace.indexOf(marker);
  return at < 0 ? [] : [trace.slice(Math.max(0, at - 60), at + 30)];
}

/** Lets so many run at once and no more, so that they do not run into each other's time limits. */
function limited<T>(count: number) {
  let free = count;
  const queue: (() => void)[] = [];
  return async (work: () => Promise<T>): Promise<T> => {
    if (free === 0) await new Promise<void>((resolve) => queue.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else free += 1;
    }
  };
}

const inTurn = limited<Outcome>(atOnce);
const elsewhere = await serveFault({ onRequest: (peer) => peer.end() });
const table = hosts.map((host) => ({
  host,
  rows: [...faults, ...redirects(`http://127.0.0.1:${elsewhere.port}`)].filter(
    ({ secureOnly }) => host.secure || !secureOnly,
  ),
}));

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
const outcomes = new Map<string, Promise<Outcome>>();
const connections = () => process.getActiveResourcesInfo().filter((name) => /TCP|TLS/.test(name)).length;
let before = 0;

beforeAll(() => {
  process.on('unhandledRejection', note);
  before = connections();
  for (const { host, rows } of table) {
    for (const fault of rows)
      outcomes.set(
        `${host.name}: ${fault.name}`,
        inTurn(() => play(host, fault)),
      );
  }
});

afterAll(() => process.off('unhandledRejection', note));

describe.each(table)('$host.name', ({ host, rows }) => {
  test.each(rows)('$name', async (fault) => {
    const { result, tookMs, tries, server, traces } = (await outcomes.get(`${host.name}: ${fault.name}`)) as Outcome;
    expect(endOf(result)).toBeOneOf([...fault.ends(host)]);
    expect(tookMs).toBeLessThan(
      (fault.timeoutMs === undefined ? flightLimitMs / caution : fault.timeoutMs / haste) + slackMs,
    );
    if (fault.tries) expect(tries).toBe(fault.tries(host));
    expect(server.open.size).toBe(0);
    expect(traces.flatMap(leaks)).toEqual([]);
  });
});

describe('when all of it is over', () => {
  test('nothing has followed a redirect', async () => {
    await Promise.all(outcomes.values());
    expect(elsewhere.connections).toBe(0);
  });

  test.each(['1 GB announced', 'chunks for ever'])(
    'of "%s" no more has been taken than fits in buffers',
    async (name) => {
      for (const { host } of table) {
        const { server } = (await outcomes.get(`${host.name}: ${name}`)) as Outcome;
        expect(server.bytesSent).toBeLessThan(16 * 1024 * 1024);
      }
    },
  );

  test('no rejection is unhandled, no timer and no connection is left', async () => {
    const all = await Promise.all(outcomes.values());
    await Promise.all([elsewhere, ...all.map(({ server }) => server)].map((server) => server.stop()));
    await expect.poll(connections).toBeLessThan(before);
    expect(timers.size).toBe(0);
    expect(unhandled).toEqual([]);
  });
});
