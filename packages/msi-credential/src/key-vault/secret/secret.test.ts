import { SecretClient } from '@azure/keyvault-secrets';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { KeyVaultError } from '../explain/error.ts';
import { getKeyVaultSecret } from '../index.ts';

const vaultUrl = 'https://contoso.vault.azure.net';
const never = () => new Promise<never>(() => {});
const credential = { getToken: never };

afterEach(() => vi.restoreAllMocks());

/** What the client gives in place of the vault's answer. */
function vaultGives(answer: () => Promise<unknown>) {
  return vi.spyOn(SecretClient.prototype, 'getSecret').mockImplementation(answer as SecretClient['getSecret']);
}
const read = (options: object) => getKeyVaultSecret('db-password', { env: {}, vaultUrl, credential, ...options });

describe('getKeyVaultSecret', () => {
  test('ends with KV_TIMEOUT when the time is up, though nobody takes notice of its signal', async () => {
    vaultGives(never);
    const error = await read({ timeoutMs: 1 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KeyVaultError);
    expect(error).toMatchObject({
      code: 'KV_TIMEOUT',
      explanation: {
        cause: expect.stringMatching(/^contoso\.vault\.azure\.net: .*db-password .* 1 ms/),
        fix: [
          { run: `npx msi-credential doctor --vault-url ${vaultUrl}` },
          { text: expect.stringContaining('timeoutMs') },
        ],
      },
    });
  });

  test('tells the client that the time is up', async () => {
    const getSecret = vaultGives(never);
    await expect(read({ timeoutMs: 1 })).rejects.toMatchObject({ code: 'KV_TIMEOUT' });
    expect(getSecret.mock.lastCall?.[1]?.abortSignal?.aborted).toBe(true);
  });

  test.each<[string, (controller: AbortController) => void]>([
    ['beforehand', (controller) => controller.abort()],
    ['meanwhile', (controller) => queueMicrotask(() => controller.abort('not an error'))],
  ])("ends with KV_ABORTED when the caller's signal does, %s", async (_, abort) => {
    vaultGives(never);
    const controller = new AbortController();
    abort(controller);
    await expect(read({ abortSignal: controller.signal })).rejects.toMatchObject({ code: 'KV_ABORTED' });
  });

  test('leaves neither a timer nor a listener behind', async () => {
    vaultGives(async () => ({ value: 'x' }));
    const { signal } = new AbortController();
    const listeners = vi.spyOn(signal, 'removeEventListener');
    const clear = vi.spyOn(globalThis, 'clearTimeout');
    expect(await read({ abortSignal: signal })).toBe('x');
    expect(listeners).toHaveBeenCalledOnce();
    expect(clear).toHaveBeenCalled();
  });

  test.each([{ aborted: false }, { aborted: true }, 'x', 5, true])(
    'takes no signal that is none, and leaves no timer behind: %j',
    async (abortSignal) => {
      const timers = vi.spyOn(globalThis, 'setTimeout');
      vaultGives(never);
      const error = await read({ abortSignal }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'TypeError', code: 'ERR_OPTION_INVALID' });
      expect(timers).not.toHaveBeenCalled();
    },
  );

  test.each([undefined, null])('takes %s for no signal', async (abortSignal) => {
    vaultGives(async () => ({ value: 'x' }));
    expect(await read({ abortSignal })).toBe('x');
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])('takes no time of %d ms', async (timeoutMs) => {
    await expect(read({ timeoutMs })).rejects.toMatchObject({ name: 'TypeError', code: 'ERR_TIMEOUT_INVALID' });
  });

  test.each<[unknown, string]>([
    [undefined, 'without a value'],
    [5, 'with a value that is not a string'],
    [{ password: 'MARKER' }, 'with a value that is not a string'],
    [null, 'with a value that is not a string'],
  ])('takes no value but a string: %j', async (value, words) => {
    vaultGives(async () => ({ value }));
    const error = await read({}).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'KV_UNEXPECTED_RESPONSE', message: expect.stringContaining(words) });
    expect(String(error)).not.toContain('MARKER');
  });

  test('takes an empty one', async () => {
    vaultGives(async () => ({ value: '' }));
    expect(await read({})).toBe('');
  });
});
