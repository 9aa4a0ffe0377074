import { randomBytes } from 'node:crypto';
import { type Config, splitSecretName } from '../config.ts';
import { createIssuer } from '../tokens/issuer.ts';
import type { State } from '../types.ts';
import { createArcKeys } from './arc-keys.ts';
import { createClock } from './clock.ts';
import { createFaults } from './faults.ts';
import { createHostSecrets } from './host-secrets.ts';
import { managedIdentities, world } from './identities.ts';
import { createPermissions } from './permissions.ts';
import { createRequestLog } from './request-log.ts';
import { createVaults } from './vaults.ts';

/** How many tokens are remembered. */
const kept = 1000;

/** The state at the start: the configured secrets are in their vaults, the known principals have the configured permissions. */
export function createState(config: Config): State {
  const clock = createClock();
  const vaults = createVaults(config.vaults, clock);
  for (const [path, value] of Object.entries(config.secrets)) {
    const { vault, name } = splitSecretName(path);
    vaults.of(vault ?? '').set(name, value);
  }
  const issued: string[] = [];
  const note = (token: string) => {
    issued.push(token);
    if (issued.length > kept) issued.shift();
  };
  const permissions = createPermissions();
  const { systemAssigned, userAssigned, secondUserAssigned, servicePrincipal, person } = world;
  for (const principal of [systemAssigned, userAssigned, secondUserAssigned, servicePrincipal, person]) {
    permissions.grant(principal.objectId, ...config.permissions);
  }
  return {
    config,
    world,
    clock,
    vaults,
    permissions,
    faults: createFaults(),
    requests: createRequestLog(),
    issued,
    tokenCache: new Map(),
    controlSecret: randomBytes(16).toString('hex'),
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
