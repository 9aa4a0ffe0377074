import type { Config } from './config.ts';
import type { ArcKeys } from './state/arc-keys.ts';
import type { Clock } from './state/clock.ts';
import type { Faults } from './state/faults.ts';
import type { HostSecrets } from './state/host-secrets.ts';
import type { ManagedIdentities, World } from './state/identities.ts';
import type { CachedToken } from './state/issue-token.ts';
import type { Permissions } from './state/permissions.ts';
import type { RequestLog } from './state/request-log.ts';
import type { Vaults } from './state/vaults.ts';
import type { Issuer } from './tokens/issuer.ts';

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** The parts of Azure that are played here, as they appear in the request log and in faults. */
export type Service = 'managed-identity' | 'oidc' | 'entra' | 'resource-manager' | 'key-vault' | 'control';

/** The tenant, and the issuers outside it whose tokens an application of the tenant trusts. */
export type IssuerName = 'tenant' | 'aks' | 'github-actions' | 'azure-pipelines';

/** Everything the servers remember. Endpoints get it as an argument and keep nothing themselves. */
export interface State {
  readonly config: Config;
  readonly world: World;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly requests: RequestLog;
  readonly vaults: Vaults;
  readonly permissions: Permissions;
  /** The newest tokens that were signed. */
  readonly issued: readonly string[];
  /** The tokens of identities that are handed out until they age, by owner and audience. */
  readonly tokenCache: Map<string, CachedToken>;
  /** What opens the control endpoints, made anew for each run. */
  readonly controlSecret: string;
  readonly hostSecrets: HostSecrets;
  /** The managed identities that the host has; the world may know more. */
  readonly identities: ManagedIdentities;
  readonly issuers: Readonly<Record<IssuerName, Issuer>>;
  readonly arcKeys: ArcKeys;
}

/** One answer to one request; `params` are the decoded `{name}` parts of the route's path. */
export type Endpoint = (
  request: Request,
  state: State,
  params: Readonly<Record<string, string>>,
) => Response | Promise<Response>;
