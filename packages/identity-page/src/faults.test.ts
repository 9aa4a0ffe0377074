import { type Local, startLocal } from 'msi-local';
import { expect, test } from 'vitest';
import { servePage } from '../test/chromium.ts';

type Fault = Parameters<Local['faults']['add']>[0];

test.concurrent.each<[string, Fault, string]>([
  ['a vault that fails', { service: 'key-vault', status: 500, body: {} }, 'The vault failed'],
  ['a vault that hangs', { service: 'key-vault', connection: 'hang' }, 'KV_TIMEOUT'],
  ['an endpoint that fails', { service: 'managed-identity', status: 500, body: {} }, 'The token service failed'],
  ['an endpoint that hangs', { service: 'managed-identity', connection: 'hang' }, 'ERR_TIMEOUT'],
])('the page tells of %s within seconds', async (_, fault, said) => {
  await using local = await startLocal({ secrets: { secret: 'marker' } });
  local.faults.add({ times: 99, ...fault });
  await using app = await servePage({ ...process.env, ...local.variables('app-service') });
  const text = await (await fetch(app.url)).text();
  expect(text).toContain(said);
  expect(text).not.toMatch(/marker|eyJ/);
});
