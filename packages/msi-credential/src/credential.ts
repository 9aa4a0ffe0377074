import type { AccessToken, GetTokenOptions } from '@azure/core-auth';
import { sharedByCopies } from './across-copies.ts';
import { checkNode } from './check-node.ts';
import { diagnosticsOf } from './diagnosis/diagnostics.ts';
import { createTelemetry, type Telemetry } from './diagnosis/telemetry.ts';
import { errorFor, isCredentialError } from './errors.ts';
import { type Io, realIo } from './io.ts';
import { checkOptions } from './selection/options.ts';
import { type Candidate, type Selection, select } from './selection/select.ts';
import { cloudFor } from './sources/application/clouds.ts';
import {
  acquireToken,
  cacheKey,
  candidatesOf,
  describeEndpoints,
  type Wanted,
  winnerOf,
  withoutTenant,
} from './tokens/acquire.ts';
import { type Acquire, createTokenCache, type TokenCache } from './tokens/cache.ts';
import { checkedSignal, checkedTimeout, timeLimitOf } from './tokens/call-limits.ts';
import { createOwners, type FindOwner } from './tokens/owners.ts';
import { recentMap } from './tokens/recent.ts';
import { oneScope, scopeOf } from './tokens/scope.ts';
import type { CredentialOptions, Diagnostics, Environment, KeyVaultCredential } from './types.ts';

/** What a credential needs from outside; tests hand in their own, so that they share nothing. */
export interface World {
  readonly io: Io;
  readonly cache: TokenCache;
  readonly ownerOf: FindOwner;
  readonly telemetry: Telemetry;
}

/** The process's own: every credential of the process shares one cache, so that making one per request costs nothing. */
const processWorld: World = sharedByCopies('world', () => createWorld(realIo));

/** A world with an empty cache. */
export function createWorld(io: Io): World {
  return {
    io,
    cache: createTokenCache(io),
    ownerOf: createOwners(),
    telemetry: createTelemetry(() => process.env.AZURE_LOG_LEVEL),
  };
}

/**
 * Returns the credential that fits where this program runs: managed identity on Azure, a service principal where one is
 * configured, the developer's own sign-in on a laptop. It decides from the environment, at once and without a network
 * call, and never throws for what the environment holds: a problem is thrown by `getToken`, and told by `diagnostics`.
 *
 * @param options - All optional; `clientId`, `objectId` or `resourceId` name a user-assigned identity.
 * @throws TypeError - Misuse only: an option of another kind or in another spelling (`ERR_OPTION_INVALID`), two identities
 *   at once (`ERR_TWO_IDENTITIES`), a blank one (`ERR_EMPTY_IDENTITY`), a source that does not exist
 *   (`ERR_UNKNOWN_SOURCE`), a timeout that is not a positive number (`ERR_TIMEOUT_INVALID`).
 * @throws CredentialUnavailableError - `ERR_NODE_VERSION`: this Node.js is too old, and lacks what the library needs.
 * @example
 * const client = new SecretClient(process.env.KEY_VAULT_URL, getKeyVaultCredential());
 * const { value } = await client.getSecret('secret');
 */
export function getKeyVaultCredential(options: CredentialOptions = {}): KeyVaultCredential {
  checkNode();
  return credentialIn(processWorld, options);
}

/**
 * Tells what {@link getKeyVaultCredential} would choose and why. Sends nothing and starts nothing.
 *
 * @param options - The same options.
 * @throws TypeError, CredentialUnavailableError - as `getKeyVaultCredential`.
 * @example
 * console.log(formatDiagnostics(diagnose()));
 */
export function diagnose(options: CredentialOptions = {}): Diagnostics {
  return getKeyVaultCredential(options).diagnostics;
}

/** The credential of a given world. */
export function credentialIn(world: World, callersOptions: CredentialOptions | null): KeyVaultCredential {
  const options = callersOptions ?? {};
  checkOptions(options);
  const { io, cache, telemetry } = world;
  const timeoutMs = checkedTimeout(options.timeoutMs);
  const selection = select(options.env ?? process.env, options, io.machine);
  let latest: PreparedRequest | undefined;

  const prepareOnce = createRequests(world, selection);
  const report = (request: PreparedRequest | undefined): Diagnostics => {
    const kept = request && cache.read(request.key);
    return diagnosticsOf(selection, {
      counters: cache.counters,
      now: io.now(),
      scope: request?.scope,
      token: kept?.state.token,
      refreshOn: kept?.state.fresh.until,
      attempts: kept?.attempts,
      winner: request?.winner(),
      skipped: request?.skipped(),
      formerly: kept?.state.formerly,
    });
  };

  const getToken = async (scopes: string | string[], call: GetTokenOptions = {}): Promise<AccessToken> => {
    let request: PreparedRequest | undefined;
    try {
      request = latest = prepareOnce(typeof scopes === 'string' ? scopes : oneScope(scopes), call);
      const { key, acquire, requestedFrom } = request;
      const { claims } = call;
      const signal = checkedSignal(call.abortSignal);
      const ready = claims === undefined && !signal?.aborted ? cache.peek(key, acquire) : undefined;
      if (ready !== undefined) return ready;
      const caller = { signal, timeoutMs: timeLimitOf(call, timeoutMs), requestedFrom };
      return await telemetry.span(call, () => cache.renew(key, acquire, caller, claims));
    } catch (error) {
      // The diagnosis of this very call: others share the error, and another call may be the latest by now.
      throw isCredentialError(error) ? errorFor(error, report(request)) : error;
    }
  };

  return {
    getToken,
    get diagnostics() {
      return report(latest);
    },
    async check({ scope = vaultScopeOf(selection.env, options), abortSignal } = {}) {
      await getToken(scope, abortSignal === undefined ? {} : { abortSignal });
      return report(prepareOnce(scope, {}));
    },
  };
}

/** Key Vault's scope in the cloud that the environment names. */
function vaultScopeOf(env: Environment, options: CredentialOptions): string {
  return scopeOf(cloudFor(env, options.authorityHost).vaultResource);
}

/** For so many scopes, and scopes with a tenant, a credential keeps what it has worked out. To do it again takes microseconds. */
const mostPrepared = 100;

/** What a credential has worked out for one scope and tenant. */
interface PreparedRequest {
  readonly scope: string;
  /** The token's, in the cache. */
  readonly key: string;
  readonly acquire: Acquire;
  requestedFrom(): string;
  winner(): Candidate | undefined;
  skipped(): Diagnostics['skipped'];
}

/** Works each request out once. */
function createRequests(world: World, selection: Selection) {
  // Apart, so that many tenants, which clients hint at, don't push out the scopes.
  const plain = recentMap<string, PreparedRequest>(mostPrepared);
  const hinted = recentMap<string, PreparedRequest>(mostPrepared);
  return (scope: string, { tenantId, enableCae }: GetTokenOptions): PreparedRequest => {
    const isPlain = tenantId === undefined && !enableCae;
    const requests = isPlain ? plain : hinted;
    const name = isPlain ? scope : JSON.stringify([scope, tenantId, enableCae]);
    let request = requests.get(name);
    if (request === undefined) {
      request = prepare(world, selection, { scope: oneScope(scope), tenantId, enableCae });
      requests.set(name, request);
    }
    return request;
  };
}

function prepare({ ownerOf, telemetry }: World, selection: Selection, requested: Wanted): PreparedRequest {
  const candidates = candidatesOf(selection);
  const owner = ownerOf(candidates, selection.identity);
  const wanted = withoutTenant(requested, candidates);
  const acquisition = { selection, candidates, wanted, owner, telemetry };
  return {
    scope: requested.scope,
    key: cacheKey(owner, candidates, wanted),
    acquire: (flight, claims, record) => acquireToken(acquisition, flight, claims, record),
    requestedFrom: () => describeEndpoints(candidates),
    winner: () => winnerOf(acquisition),
    skipped: () => owner.skipped,
  };
}
