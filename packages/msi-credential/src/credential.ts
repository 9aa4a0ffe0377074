import type { AccessToken, GetTokenOptions } from '@azure/core-auth';
import { diagnosticsOf } from './diagnosis/diagnostics.ts';
import { createTelemetry } from './diagnosis/telemetry.ts';
import { isCredentialError } from './errors.ts';
import { type Io, realIo } from './io.ts';
import { checkOptions } from './selection/options.ts';
import { select } from './selection/select.ts';
import { cloudFor } from './sources/application/clouds.ts';
import {
  type Acquisition,
  type AttemptWorld,
  acquireToken,
  cacheKey,
  candidatesOf,
  describeAsked,
  whoKey,
  withoutTenant,
} from './tokens/acquire.ts';
import { type Acquire, createTokenCache, type Entry, type TokenCache } from './tokens/cache.ts';
import { oneScope, scopeOf } from './tokens/scope.ts';
import { checkedTimeout, limitOf } from './tokens/time-limit.ts';
import type { CredentialOptions, Diagnostics, Environment, KeyVaultCredential } from './types.ts';

/** What a credential needs from outside; tests hand in their own, so that they share nothing. */
export interface World extends AttemptWorld {
  readonly cache: TokenCache;
}

/** The process's own: every credential of the process shares one cache, so that making one per request costs nothing. */
const processWorld: World = createWorld(realIo);

/** A world with an empty cache. */
export function createWorld(io: Io): World {
  return {
    io,
    cache: createTokenCache(io),
    memory: { ordinals: new Map(), winners: new Map(), attempts: new Map() },
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
 * @example
 * const client = new SecretClient(process.env.KEY_VAULT_URL, getKeyVaultCredential());
 * const { value } = await client.getSecret('secret');
 */
export function getKeyVaultCredential(options: CredentialOptions = {}): KeyVaultCredential {
  return credentialIn(processWorld, options);
}

/**
 * Tells what {@link getKeyVaultCredential} would choose and why. Sends nothing and starts nothing.
 *
 * @param options - The same options.
 * @throws TypeError - as `getKeyVaultCredential`.
 * @example
 * console.log(formatDiagnostics(diagnose()));
 */
export function diagnose(options: CredentialOptions = {}): Diagnostics {
  return credentialIn(processWorld, options).diagnostics;
}

/** The credential of a given world. */
export function credentialIn(world: World, given: CredentialOptions | null): KeyVaultCredential {
  const options = given ?? {};
  checkOptions(options);
  const { io, cache, memory, telemetry } = world;
  const env = options.env ?? process.env;
  const timeoutMs = checkedTimeout(options.timeoutMs);
  const selection = select(env, options, io.machine);
  const known = new Map<string, Known>();
  let last: Known | undefined;

  const lookUp = (scope: string, request: GetTokenOptions | undefined): Known => {
    const { tenantId, enableCae } = request ?? {};
    const name = tenantId === undefined && !enableCae ? scope : `${scope} ${tenantId} ${enableCae}`;
    last = known.get(name) ?? know(world, { selection, scope: oneScope(scope), tenantId, enableCae });
    known.set(name, last);
    return last;
  };

  const getToken = async (scopes: string | string[], request?: GetTokenOptions): Promise<AccessToken> => {
    const scope = typeof scopes === 'string' ? scopes : oneScope(scopes);
    try {
      const { entry, acquire, asked } = lookUp(scope, request);
      const { abortSignal: signal, claims } = request ?? {};
      const ready = claims === undefined && !signal?.aborted ? cache.peek(entry, acquire) : undefined;
      if (ready !== undefined) return ready;
      const caller = { signal, timeoutMs: limitOf(request, timeoutMs), asked };
      return await telemetry.span(request, () => cache.renew(entry, acquire, caller, claims));
    } catch (error) {
      if (isCredentialError(error)) error.diagnostics ??= report();
      throw error;
    }
  };

  const report = () =>
    diagnosticsOf(selection, env, {
      counters: cache.counters,
      now: io.now(),
      ...(last && {
        scope: last.scope,
        token: last.entry.token,
        refreshOn: last.entry.freshUntil,
        attempts: memory.attempts.get(last.entry.key),
        winner: memory.winners.get(last.who),
      }),
    });

  return {
    getToken,
    get diagnostics() {
      return report();
    },
    async check({ scope = vaultScopeOf(env, options), abortSignal } = {}) {
      await getToken(scope, abortSignal === undefined ? {} : { abortSignal });
      return report();
    },
  };
}

/** Key Vault's scope in the cloud that the environment names. */
function vaultScopeOf(env: Environment, options: CredentialOptions): string {
  return scopeOf(cloudFor(env, options.authorityHost).vaultResource);
}

/** What a credential has worked out for one scope and tenant. */
interface Known {
  readonly scope: string;
  readonly who: string;
  readonly entry: Entry;
  readonly acquire: Acquire;
  asked(): string;
}

function know(world: World, acquisition: Acquisition): Known {
  const candidates = candidatesOf(acquisition.selection);
  const wanted = withoutTenant(acquisition, candidates);
  const who = whoKey(world.memory, candidates, wanted.selection.identity);
  const entry = world.cache.entry(cacheKey(who, wanted));
  const acquire: Acquire = (signal, background, claims, hear) =>
    acquireToken(world, candidates, { ...wanted, claims }, { who, key: entry.key, signal, background, hear });
  return { scope: acquisition.scope, who, entry, acquire, asked: () => describeAsked(candidates) };
}
