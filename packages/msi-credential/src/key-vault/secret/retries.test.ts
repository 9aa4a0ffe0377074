import { SecretClient } from '@azure/keyvault-secrets';
import { describe, expect, test, vi } from 'vitest';
import { type FakeIo, fakeIo, start } from '../../../test/fake-io.ts';
import { getKeyVaultSecret } from './secret.ts';

const vaultUrl = 'https://contoso.vault.azure.net';
const credential = { getToken: () => new Promise<never>(() => {}) };

type Answer =
  | {
      readonly status?: number;
      readonly code?: string;
      readonly says?: string;
      readonly headers?: Record<string, string>;
    }
  | string;

/** As the client throws it; a text is the secret's value. */
function answered(answer: Answer) {
  if (typeof answer === 'string') return { value: answer };
  const { status, code = 'Throttled', says = 'x', headers = {} } = answer;
  const details = { error: { code, message: says } };
  const error = Object.assign(new Error('x'), { name: 'RestError', code, statusCode: status, details });
  throw Object.assign(error, { response: { status, headers: new Headers(headers) } });
}

/** What comes of reads of a vault that gives these answers, the last one for ever. */
function play(answers: readonly Answer[], { reads = 1, ...options }: { reads?: number; timeoutMs?: number } = {}) {
  const io: FakeIo = fakeIo();
  const triesAt: number[] = [];
  let atOnce = 0;
  let most = 0;
  vi.spyOn(SecretClient.prototype, 'getSecret').mockImplementation((async () => {
    const answer = answers[Math.min(triesAt.length, answers.length - 1)] ?? '';
    triesAt.push((io.now() - start) / 1000);
    most = Math.max(most, ++atOnce);
    await Promise.resolve();
    atOnce -= 1;
    return answered(answer);
  }) as unknown as SecretClient['getSecret']);
  const each = () => getKeyVaultSecret('db-password', { env: {}, vaultUrl, credential, ...options }, io);
  const all = Promise.allSettled(Array.from({ length: reads }, each));
  return io.settle(all).then((outcomes) => ({
    outcomes: outcomes.map((one) => (one.status === 'fulfilled' ? one.value : one.reason)),
    triesAt,
    seconds: (io.now() - start) / 1000,
    most,
    timers: io.timers,
  }));
}

const throttled = { status: 429 };
const failed = { status: 500, code: 'InternalServerError' };
const asking = (seconds: number, status = 429) => ({ status, headers: { 'retry-after': String(seconds) } });

describe('a read is tried again', () => {
  test.each<[string, readonly Answer[], number[]]>([
    ['after a 429 that names no pause', [throttled, 'x'], [0, 1]],
    ['after five of them', [...Array(5).fill(throttled), 'x'], [0, 1, 3, 7, 15, 31]],
    ['after the pause that a 429 asks for', [asking(20), 'x'], [0, 20]],
    ['after one in milliseconds', [{ status: 429, headers: { 'retry-after-ms': '2500' } }, 'x'], [0, 2.5]],
    [
      'after one as a date',
      [{ status: 429, headers: { 'retry-after': new Date(start + 9000).toUTCString() } }, 'x'],
      [0, 9],
    ],
    ['after the pause that a 503 asks for', [asking(20, 503), 'x'], [0, 20]],
    ['after three failures', [failed, failed, failed, 'x'], [0, 1, 3, 7]],
    ['after a connection that was cut', [{ code: 'ECONNRESET' }, 'x'], [0, 1]],
    [
      'after a token whose key the vault did not find',
      [{ status: 401, code: 'Unauthorized', says: 'AKV10046: x' }, 'x'],
      [0, 1],
    ],
    ['after some of each', [failed, throttled, { status: 503, code: 'x' }, throttled, 'x'], [0, 1, 2, 4, 6]],
  ])('%s', async (_, answers, seconds) => {
    const { outcomes, triesAt, timers } = await play(answers);
    expect(outcomes).toEqual(['x']);
    expect(triesAt).toEqual(seconds);
    expect(timers).toBe(0);
  });

  test('one 429 among a hundred reads rejects none of them, and no more than 20 are under way', async () => {
    const { outcomes, most } = await play([throttled, 'x'], { reads: 100 });
    expect(outcomes).toEqual(Array(100).fill('x'));
    expect(most).toBe(20);
  });
});

describe('a read fails at once', () => {
  test.each<[string, readonly Answer[], code: string, says: string]>([
    ['where a 429 asks for more time than there is', [asking(60)], 'KV_THROTTLED', 'pause of 60 s'],
    ['where a 503 does', [asking(90, 503)], 'KV_THROTTLED', 'pause of 90 s'],
    ['where the request cannot succeed', [{ status: 403, code: 'Forbidden' }], 'KV_DENIED', '403'],
    ['where there is no way', [{ code: 'EHOSTUNREACH' }], 'KV_NO_ROUTE', 'no route'],
  ])('%s', async (_, answers, code, says) => {
    const { outcomes, triesAt, seconds } = await play(answers, { timeoutMs: 6000 });
    expect(outcomes).toMatchObject([{ code, message: expect.stringContaining(says) }]);
    expect([triesAt, seconds]).toEqual([[0], 0]);
  });

  test.each([6000, 7000])(
    'with what the vault said, when the next pause does not fit into %i ms',
    async (timeoutMs) => {
      const { outcomes, triesAt, seconds } = await play([throttled], { timeoutMs });
      const says = `The next pause of 4 s does not fit into the time limit of ${timeoutMs} ms`;
      expect(outcomes).toMatchObject([{ code: 'KV_THROTTLED', message: expect.stringContaining(says) }]);
      expect([triesAt, seconds]).toEqual([[0, 1, 3], 3]);
    },
  );

  test('and does not say that it kept a pause', async () => {
    const { outcomes } = await play([asking(60)], { timeoutMs: 6000 });
    expect(outcomes[0].explanation.cause).not.toContain('kept');
  });
});

test.each<[string, Answer, code: string, tries: number]>([
  ['throttling', throttled, 'KV_THROTTLED', 6],
  ['failures', failed, 'KV_SERVICE_ERROR', 4],
])('%s that does not end is told with the number of tries', async (_, answer, code, tries) => {
  const { outcomes, triesAt } = await play([answer]);
  expect(outcomes).toMatchObject([{ code, message: expect.stringContaining(`${tries} tries`) }]);
  expect(triesAt).toHaveLength(tries);
});
