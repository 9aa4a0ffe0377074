import type { Config } from './config.ts';
import type { Clock } from './state/clock.ts';
import type { Faults } from './state/faults.ts';
import type { HostSecrets } from './state/host-secrets.ts';
import type { World } from './state/identities.ts';
import type { Permissions } from './state/permissions.ts';
import type { RequestLog } from './state/request-log.ts';
import type { Secrets } from './state/secrets.ts';
import type { Signer } from './wire/tokens.ts';

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** The parts of Azure that are played here, as they appear in the request log and in faults. */
export type Service = 'managed-identity' | 'entra' | 'key-vault' | 'control';

/** Everything the servers remember. Endpoints get it as an argument and keep nothing themselves. */
export interface State {
  readonly config: Config;
  readonly world: World;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly secrets: Secrets;
  readonly permissions: Permissions;
  readonly signer: Signer;
  readonly hostSecrets: HostSecrets;
}

/** One answer to one request; `params` are the decoded `{name}` parts of the route's path. */
export type Endpoint = (
  request: Request,
  state: State,
  params: Readonly<Record<string, string>>,
) => Response | Promise<Response>;
