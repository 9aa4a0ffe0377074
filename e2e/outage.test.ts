import type { AccessToken } from '@azure/core-auth';
import { describe, expect, test } from 'vitest';
import { createWorld, credentialIn } from '../packages/msi-credential/src/credential.ts';
import { realIo } from '../packages/msi-credential/src/io.ts';
import { type Local, startLocal } from '../packages/msi-local/src/index.ts';

const scope = 'https://vault.azure.net/.default';
const hour = 3_600_000;
const callsASecond = 50;
const hours = 8;
/** The first calls load and compile what a request takes. */
const warmUp = 200;

/** What the endpoint does from now on. */
const outages: { name: string; begin(local: Local): Promise<void> | void }[] = [
  { name: 'is dead', begin: (local) => local.stop() },
  {
    name: 'hangs',
    begin: ({ faults }) =>
      faults.add({ service: 'managed-identity', connection: 'hang', times: Number.POSITIVE_INFINITY }),
  },
  {
    name: 'answers 500',
    begin: ({ faults }) =>
      faults.add({ service: 'managed-identity', status: 500, body: {}, times: Number.POSITIVE_INFINITY }),
  },
];

/** The world with a clock that can be put forward, and pauses and time limits that can be made as much shorter. */
function fastWorld() {
  let [shift, haste] = [0, 1];
  const world = createWorld({
    ...realIo,
    now: () => Date.now() + shift,
    after: (ms, action, holds) => realIo.after(ms / haste, action, holds),
    exchange: (request) => realIo.exchange({ ...request, timeoutMs: request.timeoutMs / haste }),
  });
  return {
    world,
    hurry: (factor: number) => {
      haste = factor;
    },
    putForward: (ms: number) => {
      shift += ms;
    },
  };
}

/** Counts the turns of the event loop: whoever awaits a promise that is settled sees none go by. */
function countTurns() {
  let turns = 0;
  const next = () => {
    turns += 1;
    handle = setImmediate(next);
  };
  let handle = setImmediate(next);
  return { now: () => turns, stop: () => clearImmediate(handle) };
}

/** Calls that often, and measures after each call, for comparison, how long it takes to await nothing. */
async function callForHours(get: () => Promise<AccessToken>, putForward: (ms: number) => void, started: () => number) {
  const calls = new Float64Array(hours * 3_600 * callsASecond);
  const nothing = new Float64Array(calls.length);
  /** Calls that found the refresh due and started one, which others do not have to do. */
  const starters: number[] = [];
  const tokens = new Set<string>();
  const turns = countTurns();
  let waited = 0;
  for (let at = 0; at < calls.length; at += 1) {
    putForward(1000 / callsASecond);
    const [turn, refreshes] = [turns.now(), started()];
    const begin = performance.now();
    const { token } = await get();
    const end = performance.now();
    await Promise.resolve();
    nothing[at] = performance.now() - end;
    calls[at] = end - begin;
    if (turns.now() !== turn) waited += 1;
    if (started() !== refreshes && at >= warmUp) starters.push(end - begin);
    tokens.add(token);
    // Sockets and timers have their turn once in a second, between two callers.
    if (at % callsASecond === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  turns.stop();
  const sorted = (times: Float64Array) => times.subarray(warmUp).sort();
  return {
    waited,
    tokens,
    calls: sorted(calls),
    starters: Float64Array.from(starters).sort(),
    nothing: sorted(nothing),
  };
}

describe('in 8 hours, 50 calls a second, with a token that lives longer, nobody notices that the endpoint', () => {
  test.each(outages)(
    '$name: no failure, no wait, no call over 1 ms but for ten pauses of the machine itself',
    async ({ begin }) => {
      await using local = await startLocal();
      const { world, hurry, putForward } = fastWorld();
      const credential = credentialIn(world, { env: local.variables('app-service') });
      const { token } = await credential.getToken(scope);
      await begin(local);
      hurry(1_000);
      // Half of the token's day is over, so its refresh is due.
      putForward(12.5 * hour);

      const { counters } = world.cache;
      const { waited, tokens, calls, starters, nothing } = await callForHours(
        () => credential.getToken(scope),
        putForward,
        () => counters.refreshes,
      );
      expect(waited).toBe(0);
      expect(tokens).toEqual(new Set([token]));
      expect(counters.failures).toBeGreaterThan(10);
      // One call in thousands has a refresh to start. What is slow apart from those is the machine, not the call.
      expect(starters.length).toBeGreaterThan(10);
      expect(starters[starters.length >> 1]).toBeLessThan(1);
      expect(calls.at(-11 - starters.length)).toBeLessThan(1);
      expect(calls.at(-1)).toBeLessThan(10 + 10 * (nothing.at(-1) ?? 0));
    },
  );
});
