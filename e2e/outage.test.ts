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

/** About as long as a call takes, and nothing but the machine can make it longer. */
async function nothing(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
}

/** Calls that often. Each call is measured, and a moment without one beside it. */
async function callForHours(get: () => Promise<AccessToken>, putForward: (ms: number) => void, started: () => number) {
  const seen = { waited: 0, tokens: new Set<string>(), over1ms: 0, nothingOver1ms: 0 };
  /** Calls that found a refresh due and started it. */
  const starters: number[] = [];
  const turns = countTurns();
  for (let at = 0; at < hours * 3_600 * callsASecond; at += 1) {
    putForward(1000 / callsASecond);
    const [turn, refreshes] = [turns.now(), started()];
    const begin = performance.now();
    const { token } = await get();
    const middle = performance.now();
    await nothing();
    const end = performance.now();
    if (turns.now() !== turn) seen.waited += 1;
    seen.tokens.add(token);
    if (at >= warmUp) {
      if (started() !== refreshes) starters.push(middle - begin);
      else if (middle - begin > 1) seen.over1ms += 1;
      if (end - middle > 1) seen.nothingOver1ms += 1;
    }
    // Sockets and timers have their turn once in a second, between two callers.
    if (at % callsASecond === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  turns.stop();
  return { ...seen, starters: starters.sort((a, b) => a - b) };
}

describe('in 8 hours, 50 calls a second, with a token that lives longer, nobody notices that the endpoint', () => {
  test.each(outages)(
    '$name: no failure, no wait, no call over 1 ms but for the pauses of the machine itself',
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
      const get = () => credential.getToken(scope);
      const { starters, ...seen } = await callForHours(get, putForward, () => counters.refreshes);
      expect(seen.waited).toBe(0);
      expect(seen.tokens).toEqual(new Set([token]));
      expect(counters.failures).toBeGreaterThan(10);
      // What interrupts a call interrupts nothing as often; ten more may meet the garbage collector.
      expect(seen.over1ms).toBeLessThanOrEqual(10 + 3 * seen.nothingOver1ms);
      expect(starters[starters.length >> 1]).toBeLessThan(1);
    },
  );
});
