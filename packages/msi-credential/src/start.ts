// For `node --import msi-credential/start app.js`: requests the first token while Node still loads the application. The
// application's first `getToken` then joins that request, or finds the token.
import type { ClientRequest } from 'node:http';
import { getKeyVaultCredential } from './credential.ts';
import { value } from './selection/environment.ts';
import { cloudFor } from './sources/application/clouds.ts';
import { scopeOf } from './tokens/scope.ts';

const variable = 'MSI_CREDENTIAL_START_SCOPES';

/** How long the application waits at most until the requests are on their way. */
const sendingMs = 100;

/** A program that never asks for the token must be able to end. Whoever has joined by then waits on. */
const waitingMs = 5_000;

// Workers inherit the flag, but each has a cache of its own, and few of them need a token.
if (process.getBuiltinModule('node:worker_threads').isMainThread) await start();

async function start(): Promise<void> {
  const named = value(process.env, variable)
    ?.split(/[\s,]+/)
    .filter((each) => each !== '');
  const scopes = named ?? [scopeOf(cloudFor(process.env, undefined).vaultResource)];
  const sent = firstRequestSent();
  const credential = getKeyVaultCredential();
  const tokens = scopes.map((scope) => credential.getToken(scope, { requestOptions: { timeout: waitingMs } }));
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, sendingMs);
  // A failure is told by the application's own call.
  await Promise.race([sent, Promise.allSettled(tokens), late]);
  clearTimeout(timer);
}

/** When the first HTTP request of this process has been written: until then the event loop is needed. */
function firstRequestSent(): Promise<void> {
  const { subscribe, unsubscribe } = process.getBuiltinModule('node:diagnostics_channel');
  // https://nodejs.org/api/diagnostics_channel.html#http
  const channel = 'http.client.request.start';
  return new Promise((resolve) => {
    const onStart = (message: unknown) => {
      unsubscribe(channel, onStart);
      (message as { readonly request: ClientRequest }).request.once('finish', resolve);
    };
    subscribe(channel, onStart);
  });
}
