import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { diagnose } from 'msi-credential';
import { createApp } from './app.ts';
import { explainFailure, NotConfigured } from './failure.ts';
import { type SecretReader, secretReader } from './secret.ts';
import { readSettings } from './settings.ts';
import { finisher } from './shutdown.ts';

const { vaultUrl, secretName, port } = readSettings(process.env);
const notConfigured = () =>
  Promise.reject(
    new NotConfigured('Set KEY_VAULT_URL (or KEY_VAULT_URI) to https://NAME.vault.azure.net, then restart the app.'),
  );
const vault: SecretReader = vaultUrl
  ? secretReader({ vaultUrl, secretName })
  : { read: notConfigured, check: notConfigured, diagnostics: () => diagnose() };

const app = createApp(vault.read, {
  vaultUrl,
  secretName,
  diagnostics: vault.diagnostics,
  check: vault.check,
  log: (entry) => console.log(JSON.stringify(entry)),
});

const server = serve({ fetch: app.fetch, port }, ({ port: actual }) => {
  console.log(`Listening on http://localhost:${actual} for secret "${secretName}" of ${vaultUrl ?? 'no vault yet'}`);
  console.log(`  open http://localhost:${actual}/ in a browser, or`);
  console.log(`  try  curl http://localhost:${actual}/ping`);
  console.log(`       curl http://localhost:${actual}/`);
  console.log(`       curl -H 'accept: application/json' http://localhost:${actual}/`);
  console.log('  stop with Ctrl-C');
  void tellWhetherThereIsAToken();
});

/** Whatever comes out of it, the app goes on: its page is where the reason is explained. */
async function tellWhetherThereIsAToken(): Promise<void> {
  try {
    const { selected, token } = await vault.check();
    console.log(`Token from ${selected?.source}, valid until ${token?.expiresOn}`);
  } catch (error) {
    const { code, cause, fix } = explainFailure(error, { vaultUrl, secretName });
    console.log(`No token yet (${code}): ${cause} ${fix[0] ?? ''}`);
  }
}

const finish = finisher(server as Server);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => finish(() => process.exit(0)));
}
