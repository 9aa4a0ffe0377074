import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { useInstrumenter } from '@azure/core-tracing';
import { AzureLogger, setLogLevel } from '@azure/logger';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fakeIo, json, tokenReply } from '../../test/fake-io.ts';
import { createWorld, credentialIn } from '../credential.ts';
import { attemptChannel, createTelemetry } from './telemetry.ts';

const env = { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi', IDENTITY_HEADER: 'marker-secret' };
const scope = 'https://vault.azure.net/.default';
const credentialWith = (answers: Parameters<typeof fakeIo>[0], logLevel?: string) =>
  credentialIn({ ...createWorld(fakeIo(answers)), telemetry: createTelemetry(() => logLevel) }, { env });

afterEach(() => {
  setLogLevel(undefined);
});

describe('every attempt', () => {
  test('is an event on its diagnostics channel', async () => {
    const seen = vi.fn();
    subscribe(attemptChannel, seen);
    try {
      await credentialWith({ answers: [tokenReply()] }).getToken(scope);
      await credentialWith({ answers: [json(400, { message: 'Unable to load requested managed identity.' })] })
        .getToken(scope)
        .catch(() => {});
    } finally {
      unsubscribe(attemptChannel, seen);
    }
    const events = seen.mock.calls.map(([event]) => event);
    expect(events).toMatchObject([
      { source: 'app-service', resource: 'https://vault.azure.net', outcome: 'token', background: false },
      { source: 'app-service', outcome: 'ERR_IDENTITY_NOT_FOUND' },
    ]);
    expect(JSON.stringify(events)).not.toContain('marker-secret');
  });

  test("is a line of the Azure SDK's log when that is asked for, without secrets", async () => {
    const lines: string[] = [];
    const before = AzureLogger.log;
    AzureLogger.log = (...args) => lines.push(args.join(' '));
    setLogLevel('info');
    try {
      await credentialWith({ answers: [tokenReply()] }, 'info').getToken(scope);
      await credentialWith({ answers: [json(401, {})] }, 'info')
        .getToken(scope)
        .catch(() => {});
      await vi.waitFor(() => expect(lines).toHaveLength(2));
    } finally {
      AzureLogger.log = before;
    }
    expect(lines[0]).toContain('msi-credential:info app-service: token for https://vault.azure.net');
    expect(lines[1]).toContain('msi-credential:warning app-service: ERR_REFUSED');
    expect(lines.join()).not.toContain('marker-secret');
  });
});

test('a call that waits within a trace is a span of it, one that does not is none', async () => {
  const startSpan = vi.fn((_name: string, options: { tracingContext?: object }) => ({
    span: { setStatus() {}, setAttribute() {}, end() {}, recordException() {}, isRecording: () => true },
    tracingContext: options.tracingContext,
  }));
  useInstrumenter({
    startSpan,
    withContext: (_context: unknown, callback: (...args: unknown[]) => unknown, ...args: unknown[]) =>
      callback(...args),
    parseTraceparentHeader: () => undefined,
    createRequestHeaders: () => ({}),
  } as never);
  const tracingContext = {
    getValue: () => undefined,
    setValue: () => tracingContext,
    deleteValue: () => tracingContext,
  };
  const credential = credentialWith({ answers: [tokenReply()] });
  await credential.getToken(scope, { tracingOptions: { tracingContext } } as never);
  await credential.getToken(scope, { tracingOptions: { tracingContext } } as never);
  await credentialWith({ answers: [tokenReply()] }).getToken(scope);
  expect(startSpan.mock.calls.map(([name]) => name)).toEqual(['KeyVaultCredential.getToken']);
});
