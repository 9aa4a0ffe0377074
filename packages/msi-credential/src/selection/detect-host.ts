import type { Machine } from '../io.ts';
import { sources } from '../sources/index.ts';
import { appHostOf } from '../sources/managed-identity/host.ts';
import type { Detection, Environment } from '../types.ts';

/** The host that a program runs on: an Azure service, a cluster, a build agent. Undefined on a machine of one's own. */
export function detectHost(env: Environment, machine: Machine): string | undefined {
  const app = appHostOf(env);
  if (app !== undefined) return app;
  for (const source of sources) {
    const announced = source.announced(env, {});
    const seen = announced.verdict === 'unknown' ? source.onMachine?.(machine, env, {}) : undefined;
    const host = hostOf(seen ?? announced);
    if (host !== undefined) return host;
  }
  return undefined;
}

function hostOf(detection: Detection): string | undefined {
  if (detection.verdict === 'partial') return detection.host;
  return detection.verdict === 'absent' ? undefined : detection.offer?.host;
}
