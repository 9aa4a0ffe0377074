import { serve } from '@hono/node-server';
import { createApp } from './app.ts';
import { NotConfigured } from './failure.ts';
import { secretReader } from './secret.ts';
import { readSettings } from './settings.ts';

const { vaultUrl, secretName, port } = readSettings(process.env);
const readSecret = vaultUrl
  ? secretReader({ vaultUrl, secretName }).read
  : () =>
      Promise.reject(
        new NotConfigured(
          'Set KEY_VAULT_URL (or KEY_VAULT_URI) to https://NAME.vault.azure.net, then restart the app.',
        ),
      );

const server = serve({ fetch: createApp(readSecret).fetch, port }, ({ port: actual }) => {
  console.log(`Listening on http://localhost:${actual} for secret "${secretName}" of ${vaultUrl ?? 'no vault yet'}`);
  console.log(`  try  curl http://localhost:${actual}/ping`);
  console.log(`       curl http://localhost:${actual}/`);
  console.log(`       curl -H 'accept: application/json' http://localhost:${actual}/`);
  console.log('  stop with Ctrl-C');
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    // A browser keeps its connection open; it must not keep the app.
    if ('closeAllConnections' in server) setTimeout(() => server.closeAllConnections(), 2_000).unref();
  });
}
