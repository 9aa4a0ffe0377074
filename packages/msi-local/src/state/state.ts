import type { Config } from '../config.ts';
import type { State } from '../types.ts';
import { createSigner } from '../wire/tokens.ts';
import { createClock } from './clock.ts';
import { createFaults } from './faults.ts';
import { createHostSecrets } from './host-secrets.ts';
import { world } from './identities.ts';
import { createPermissions } from './permissions.ts';
import { createRequestLog } from './request-log.ts';
import { createSecrets } from './secrets.ts';

/** The state at the start: the configured secrets are in the vault, the known principals may use it unless denied. */
export function createState(config: Config): State {
  const clock = createClock();
  const secrets = createSecrets(clock);
  for (const [name, value] of Object.entries(config.secrets)) secrets.set(name, value);
  const permissions = createPermissions();
  for (const principal of [world.systemAssigned, world.userAssigned, world.servicePrincipal]) {
    if (!config.deny) permissions.grant(principal.objectId, 'get', 'list', 'set');
  }
  return {
    config,
    world,
    clock,
    secrets,
    permissions,
    faults: createFaults(),
    requests: createRequestLog(),
    signer: createSigner(),
    hostSecrets: createHostSecrets(),
  };
}
