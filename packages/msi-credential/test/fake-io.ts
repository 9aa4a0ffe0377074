// Loaded beforehand: while a module is being read, fake time would run on to the caller's deadline.
import '../src/failures/index.ts';
import { ExchangeError, type HttpReply, type HttpRequest, type Io, type Machine } from '../src/io.ts';

/** The moment at which every fake world starts: 2026-11-23T00:00:00Z. */
export const start = Date.UTC(2026, 10, 23);

export type Answer = HttpReply | Error | ((request: HttpRequest) => HttpReply | Error | Promise<HttpReply>);

/** An answer that is given again and again. */
export interface Repeated {
  readonly repeated: Answer;
}

/** Gives this answer to every further request. */
export const forever = (repeated: Answer): Repeated => ({ repeated });

/** A world without network, files or time: time passes only when `settle` or `advance` lets it. */
export interface FakeIo extends Io {
  readonly requests: HttpRequest[];
  /** Given in turn, each once; a request beyond the last one fails the test. */
  answers: (Answer | Repeated)[];
  advance(ms: number): Promise<void>;
  /** Lets time pass from timer to timer until the promise has settled; fails if a request had no answer. */
  settle<T>(promise: Promise<T>): Promise<T>;
  readonly timers: number;
}

interface Timer {
  readonly at: number;
  /** Of the same moment, the one that was set first comes first. */
  readonly order: number;
  readonly action: () => void;
}

const isBefore = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Into a binary heap, whose first element is the next timer: a fleet has tens of thousands of them. */
function insert(heap: Timer[], timer: Timer): void {
  let place = heap.length;
  for (let above = (place - 1) >> 1; place > 0 && isBefore(timer, heap[above] as Timer); above = (place - 1) >> 1) {
    heap[place] = heap[above] as Timer;
    place = above;
  }
  heap[place] = timer;
}

function removeFirst(heap: Timer[]): void {
  const last = heap.pop() as Timer;
  let place = 0;
  for (let below = 1; below < heap.length; below = 2 * place + 1) {
    const right = heap[below + 1];
    if (right !== undefined && isBefore(right, heap[below] as Timer)) below += 1;
    if (!isBefore(heap[below] as Timer, last)) break;
    heap[place] = heap[below] as Timer;
    place = below;
  }
  if (heap.length > 0) heap[place] = last;
}

const noMachine: Machine = {
  platform: 'darwin',
  hasFile: () => false,
  readText: () => undefined,
  hasProgram: () => false,
};

export function fakeIo({
  answers = [],
  machine = {},
  ...rest
}: Partial<Omit<FakeIo, 'machine'>> & { machine?: Partial<Machine> } = {}): FakeIo {
  let time = start;
  const timers = new Set<Timer>();
  /** The timers, and those that were cancelled. */
  const queue: Timer[] = [];
  let order = 0;
  const requests: HttpRequest[] = [];
  let unexpected: Error | undefined;

  const next = () => {
    while (queue[0] !== undefined && !timers.has(queue[0])) removeFirst(queue);
    return queue[0];
  };
  const fire = async (timer: Timer) => {
    timers.delete(timer);
    time = Math.max(time, timer.at);
    timer.action();
    await flush();
  };

  const io: FakeIo = {
    requests,
    answers,
    async exchange(request) {
      requests.push(request);
      const [next] = io.answers;
      if (next === undefined) {
        const message = `No answer is left for request ${requests.length}: ${request.method} ${request.url}`;
        // Of the kind that is not tried again: nothing may wait for time to pass.
        unexpected ??= new ExchangeError('not-http', message);
        throw unexpected;
      }
      if (!('repeated' in next)) io.answers.shift();
      const answer = 'repeated' in next ? next.repeated : next;
      const reply = typeof answer === 'function' ? await answer(request) : answer;
      if (reply instanceof Error) throw reply;
      return reply;
    },
    readTrustedFile: () => Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' })),
    isNoFile: () => false,
    now: () => time,
    random: () => 0,
    after(ms, action) {
      const timer = { at: time + ms, order: order++, action };
      timers.add(timer);
      insert(queue, timer);
      return () => timers.delete(timer);
    },
    mayStartPrograms: () => true,
    runProgram: () => Promise.resolve({ stdout: '', stderr: '' }),
    azureIdentity: () => Promise.reject(new Error('not in this test')),
    machine: { ...noMachine, ...machine },
    get timers() {
      return timers.size;
    },
    async advance(ms) {
      const end = time + ms;
      await flush();
      for (let timer = next(); timer !== undefined && timer.at <= end; timer = next()) await fire(timer);
      time = end;
    },
    async settle(promise) {
      let settled = false;
      promise.then(
        () => (settled = true),
        () => (settled = true),
      );
      for (let turns = 0; turns < 10_000; turns += 1) {
        await flush();
        const timer = next();
        if (settled || timer === undefined) break;
        await fire(timer);
      }
      // The code under test takes it for a failure of the network, which a test may expect.
      if (unexpected !== undefined) throw unexpected;
      return promise;
    },
    ...rest,
  };
  return io;
}

async function flush(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
}

/** A JWT with these claims and a signature that nobody checks. */
export function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.c2lnbmF0dXJl`;
}

/** A failure of the network, as the system names it. */
export function networkError(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code });
}

/** An answer in plain text, or without a body. */
export function plain(status: number, body = '', headers: HttpReply['headers'] = {}): HttpReply {
  return { status, headers, body };
}

/** An answer with a JSON body. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): HttpReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** A token answer in App Service's form, valid for a day unless told otherwise. */
export function tokenReply(seconds = 86_400, from = start, claims: object = {}): HttpReply {
  const expires = Math.floor(from / 1000) + seconds;
  return json(200, {
    access_token: jwt({ exp: expires, ...claims }),
    expires_on: String(expires),
    token_type: 'Bearer',
  });
}
