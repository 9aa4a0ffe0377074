import type { Config } from '../config.ts';
import { createIssuer } from '../tokens/issuer.ts';
import type { State } from '../types.ts';
import { createArcKeys } from './arc-keys.ts';
import { createClock } from './clock.ts';
import { createFaults } from './faults.ts';
import { createHostSecrets } from './host-secrets.ts';
import { managedIdentities, world } from './identities.ts';
import { createPermissions } from './permissions.ts';
import { createRequestLog } from './request-log.ts';
import { createSecrets } from './secrets.ts';

/** The state at the start: the configured secrets are in the vault, the known principals may use it unless denied. */
export function createState(config: Config): State {
  const clock = createClock();
  const secrets = createSecrets(clock);
  for (const [name, value] of Object.entries(config.secrets)) secrets.set(name, value);
  const issued: string[] = [];
  const note = (token: string) => void issued.push(token);
  const permissions = createPermissions();
  const { systemAssigned, userAssigned, secondUserAssigned, servicePrincipal, person } = world;
  for (const principal of [systemAssigned, userAssigned, secondUserAssigned, servicePrincipal, person]) {
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
    issued,
    hostSecrets: createHostSecrets(),
    identities: managedIdentities(world, config.identities),
    issuers: {
      tenant: createIssuer(note, 'sha1'),
      aks: createIssuer(note),
      'github-actions': createIssuer(note),
      'azure-pipelines': createIssuer(note),
    },
    arcKeys: createArcKeys(config.arc, clock),
  };
}
