import type { GetTokenOptions } from '@azure/core-auth';
import { printable } from '../failures/printable.ts';
import type { Attempt } from '../types.ts';

/** What others may watch: an event and a log line for each attempt, a span for each call that has to wait. */
export interface Telemetry {
  attempt(attempt: Attempt): void;
  span<T>(options: GetTokenOptions | undefined, work: () => Promise<T>): Promise<T>;
}

/** The name of the `node:diagnostics_channel` on which every {@link Attempt} is published when it has ended. */
export const attemptChannel = 'msi-credential:attempt';

/**
 * Nothing is loaded before somebody watches: the log is the Azure SDK's own (`@azure/logger`) and written where
 * `AZURE_LOG_LEVEL` asks for it, a span is made where the caller's request belongs to a trace.
 *
 * @param logLevel - What `AZURE_LOG_LEVEL` says now.
 */
export function createTelemetry(logLevel: () => string | undefined): Telemetry {
  return {
    attempt(attempt) {
      const channel = process.getBuiltinModule('node:diagnostics_channel').channel(attemptChannel);
      if (channel.hasSubscribers) channel.publish({ ...attempt });
      if (logLevel()?.trim()) log(attempt);
    },
    span: (options, work) => (options?.tracingOptions?.tracingContext === undefined ? work() : withSpan(options, work)),
  };
}

async function withSpan<T>(options: GetTokenOptions, work: () => Promise<T>): Promise<T> {
  const { createTracingClient } = await import('@azure/core-tracing');
  const client = createTracingClient({ namespace: 'Microsoft.AAD', packageName: 'msi-credential' });
  return client.withSpan('KeyVaultCredential.getToken', options, work);
}

function log({ source, resource, outcome, durationMs, background, message }: Attempt): void {
  const what = `${source}: ${outcome} for ${resource} after ${Math.round(durationMs)} ms${background ? ', in the background' : ''}`;
  import('@azure/logger').then(
    ({ createClientLogger }) => {
      const logger = createClientLogger('msi-credential');
      if (outcome === 'token') logger.info(printable(what));
      // One line for each attempt, whatever a resource or an answer holds.
      else logger.warning(printable(message ? `${what}: ${message}` : what));
    },
    // A log that cannot be loaded must not fail a call that has its token.
    () => {},
  );
}
