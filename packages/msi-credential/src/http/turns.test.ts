import { describe, expect, test } from 'vitest';
import { fakeIo } from '../../test/fake-io.ts';
import { inTurn, type Turns } from './turns.ts';

const url = new URL('http://127.0.0.1:1/metadata');
const other = new URL('http://127.0.0.1:2/metadata');

/** An endpoint whose answers take that long. */
function endpoint(turns: Turns, answerMs: number) {
  const io = fakeIo();
  const world = { atOnce: 0, most: 0, begun: [] as number[] };
  const start = io.now();
  const ask = (to = url, signal = new AbortController().signal) =>
    inTurn({ io, signal }, to, turns, async () => {
      world.begun.push(io.now() - start);
      world.most = Math.max(world.most, ++world.atOnce);
      await new Promise<void>((resolve) => io.after(answerMs, resolve, false));
      world.atOnce -= 1;
    });
  const askMany = (count: number) => Promise.all(Array.from({ length: count }, () => ask()));
  return { io, world, ask, askMany };
}

describe('requests to one endpoint', () => {
  test('are no more at once than it takes; the others follow in their order', async () => {
    const { io, world, askMany } = endpoint({ atOnce: 5, perSecond: Number.POSITIVE_INFINITY }, 100);
    await io.settle(askMany(23));
    expect(world.most).toBe(5);
    expect(world.begun).toEqual([0, 100, 200, 300, 400].flatMap((ms) => Array(5).fill(ms)).slice(0, 23));
    expect(io.timers).toBe(0);
  });

  test('are no more in a second than it takes, as long as some wait', async () => {
    const { io, world, askMany } = endpoint({ atOnce: 5, perSecond: 20 }, 10);
    await io.settle(askMany(100));
    const inSecond = [0, 1, 2, 3, 4, 5].map((second) => world.begun.filter((ms) => Math.floor(ms / 1000) === second));
    expect(inSecond.map(({ length }) => length)).toEqual([20, 20, 20, 20, 20, 0]);
  });

  test('do not wait where nobody does', async () => {
    const { io, world, ask } = endpoint({ atOnce: 1, perSecond: 1 }, 10);
    for (let count = 0; count < 3; count += 1) await io.settle(ask());
    expect(world.begun).toEqual([0, 10, 20]);
  });

  test('do not wait for those to another endpoint', async () => {
    const { io, world, ask } = endpoint({ atOnce: 1, perSecond: 20 }, 10);
    await io.settle(Promise.all([ask(url), ask(other)]));
    expect(world.begun).toEqual([0, 0]);
  });

  test('leave the queue when they are aborted, and never begin', async () => {
    const { io, world, ask } = endpoint({ atOnce: 1, perSecond: 1 }, 10);
    const controller = new AbortController();
    const first = ask();
    const leaving = ask(url, controller.signal);
    const staying = ask();
    controller.abort(new Error('gone'));
    await expect(leaving).rejects.toThrow('gone');
    await expect(ask(url, controller.signal)).rejects.toThrow('gone');
    await io.settle(Promise.all([first, staying]));
    expect(world.begun).toEqual([0, 1_000]);
  });

  test('that fail give their turn to the next one', async () => {
    const io = fakeIo();
    const signal = new AbortController().signal;
    const turns = { atOnce: 1, perSecond: Number.POSITIVE_INFINITY };
    const failing = inTurn({ io, signal }, url, turns, () => Promise.reject(new Error('refused')));
    const next = inTurn({ io, signal }, url, turns, async () => 'answered');
    await expect(failing).rejects.toThrow('refused');
    expect(await next).toBe('answered');
  });
});
