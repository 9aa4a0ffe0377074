import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runLocal } from './run-local.ts';

const world = JSON.parse(readFileSync(new URL('../protocols/world.json', import.meta.url), 'utf8'));
const run = async (host: string, identity: string) => {
  const { clientId } = world.servicePrincipal;
  const program = ['federated.js', clientId, world.tenantId, ...(identity ? [identity] : [])];
  return JSON.parse((await runLocal(['--as', host, '--secret', 'secret=xyzzy'], program)).stdout);
};

describe('a managed identity as the federated credential of an application', () => {
  test.concurrent.each(['app-service', 'vm', 'container-apps'])(
    'reads the secret as the application, on %s',
    async (host) => {
      const { clientId, objectId } = world.servicePrincipal;
      expect(await run(host, world.userAssigned.clientId)).toMatchObject({
        value: 'xyzzy',
        principal: { applicationId: clientId, objectId },
      });
    },
  );

  test('has to be a user-assigned one', async () => {
    expect(await run('app-service', '')).toMatchObject({
      error: 'ERR_IDENTITY_UNSUPPORTED',
      message: expect.stringContaining('user-assigned'),
    });
  });
});
