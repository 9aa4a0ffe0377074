import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth';
import type { ErrorCode, Explanation, Fix, WarningCode } from './codes.ts';
import type { Environment, Io, Machine } from './io.ts';

export type { Environment } from './io.ts';

/** The name of a source: one place that tokens can come from. The order is that of `select.ts`. */
export type SourceName =
  | 'service-fabric'
  | 'app-service'
  | 'azure-ml'
  | 'azure-arc'
  | 'cloud-shell'
  | 'workload-identity'
  | 'service-principal'
  | 'github-actions'
  | 'azure-pipelines'
  | 'imds'
  | 'azure-cli'
  | 'azure-developer-cli'
  | 'azure-powershell';

/** What stands behind a source: the host's own identity, an application registered in Entra, or a person. */
export type SourceFamily = 'managed-identity' | 'application' | 'developer-tool';

/** How a user-assigned identity can be named. */
export type IdentityKey = 'clientId' | 'objectId' | 'resourceId';

/** The managed identity to ask for; `from` says where its id was found. */
export type ManagedIdentity =
  | { readonly kind: 'system-assigned' }
  | { readonly kind: 'user-assigned'; readonly by: IdentityKey; readonly id: string; readonly from: string };

/** Something that prevents a token, found without any request. */
export type Problem = Explanation<ErrorCode>;

/** A remark that does not stop anything. */
export interface Warning {
  /** Its heading in `docs/troubleshooting.md` has the same name. */
  readonly code: WarningCode;
  readonly message: string;
  /** What to do first, where no token can come before. */
  readonly fix?: readonly Fix[];
}

/** What a source offers in this environment: enough to get tokens, and to say whose they are. */
export interface Offer {
  /** Why it is offered, for people. */
  readonly reason: string;
  /** The host's own name, such as `Azure Functions`. */
  readonly host?: string | undefined;
  /** Replaces the source's title where the offer is more than the source. */
  readonly title?: string;
  /** Whose tokens they are. */
  readonly principal: 'managed-identity' | 'application' | 'person';
  /** Client id and tenant of the application. */
  readonly clientId?: string;
  readonly tenantId?: string | undefined;
  /** The services that it sends requests to, as far as they are known. */
  readonly endpoints: readonly URL[];
  /** How the host lets a program name a user-assigned identity. Only offers of a host's own identity have it. */
  readonly identityKeys?: readonly IdentityKey[];
  /** Why the program must name a user-assigned identity here. */
  readonly identityRequired?: string | undefined;
  /** What is unlikely to be meant, as sentences. */
  readonly doubts?: readonly string[];
  /** Everything that tells this offer from another one of the same source. It may hold secrets: never shown or logged. */
  readonly key: readonly unknown[];
  /** Gets one token, or throws a coded error. */
  acquire(request: TokenRequest, flight: Flight): Promise<AcquiredToken>;
}

/** What a source says about an environment. */
export type Detection =
  | { readonly verdict: 'found'; readonly offer: Offer }
  /** Announced, but not usable as it is. */
  | {
      readonly verdict: 'partial';
      readonly problem: Problem;
      readonly missing: readonly string[];
      readonly host?: string | undefined;
    }
  | {
      readonly verdict: 'absent';
      readonly reason: string;
      /** What would make it found, where some of its variables are set; an instruction without a full stop. */
      readonly remedy?: string | undefined;
    }
  /** The environment cannot tell. It becomes a candidate once the machine has been looked at and it has an offer. */
  | { readonly verdict: 'unknown'; readonly reason: string; readonly offer?: Offer };

/** What to do, without a full stop, and the command for it. */
export interface Instruction {
  readonly text: string;
  readonly run?: string;
}

/** One way to get a token. Every file of a source exports one, its members in this order. */
export interface Source {
  readonly name: SourceName;
  readonly title: string;
  readonly family: SourceFamily;
  /** Every variable that it reads, those that announce it first; `PREFIX*` for all that begin so. */
  readonly variables: readonly string[];
  /** What makes it found where nothing is. */
  readonly advice: Instruction;
  /** Reads the environment and the caller's options; never throws. */
  announced(env: Environment, options: SelectOptions): Detection;
  /** Looks at the machine (files, PATH). Only for sources that answer `unknown`, and only where nothing is announced. */
  onMachine?(machine: Machine, env: Environment, options: SelectOptions): Detection;
}

/** Which token a source is asked for. */
export interface TokenRequest {
  /** The v2 form, `https://vault.azure.net/.default`. */
  readonly scope: string;
  /** The v1 form, `https://vault.azure.net`. */
  readonly resource: string;
  readonly identity: ManagedIdentity;
  /** A tenant other than the configured one, where the source can serve it. */
  readonly tenantId?: string | undefined;
  readonly enableCae?: boolean | undefined;
  /** Claims that the token must satisfy. */
  readonly claims?: string | undefined;
}

/** One acquisition under way, shared by all callers that wait for it. */
export interface Flight {
  readonly io: Io;
  /** Aborted when nobody waits any more or the time is up. */
  readonly signal: AbortSignal;
  /** A refresh that nobody waits for. */
  readonly background: boolean;
  /** The HTTP status of the last try; undefined if it brought no answer. */
  lastStatus: number | undefined;
  /** Why the last try brought no answer: the system's code, or our own words. */
  lastFailure: string | undefined;
  /** Whether another candidate is asked next. A service that is not there is then not waited for. */
  hasNext: boolean;
}

/** A token as a source returns it; times in milliseconds since 1970, UTC. */
export interface AcquiredToken {
  readonly token: string;
  readonly expiresOn: number;
  /** When the service itself wants it renewed, if it says so. */
  readonly refreshOn?: number | undefined;
}

/** An application that trusts a managed identity. */
export interface FederatedCredential {
  /** The application's client id. */
  readonly clientId: string;
  /** The tenant to sign in to: the application's own, or another one that it is installed in. */
  readonly tenantId: string;
}

/** The options that decide which source is chosen. */
export interface SelectOptions {
  /**
   * Client (application) id of a user-assigned managed identity, or of the application that signs in with a federated
   * credential. That of a service principal is `AZURE_CLIENT_ID`, beside its secret, and this only where it is not set.
   */
  readonly clientId?: string | undefined;
  /** Object (principal) id of a user-assigned managed identity. */
  readonly objectId?: string | undefined;
  /** Azure resource id of a user-assigned managed identity. */
  readonly resourceId?: string | undefined;
  /** Tenant id or domain; default `AZURE_TENANT_ID`. */
  readonly tenantId?: string | undefined;
  /** Entra's address, https; default `AZURE_AUTHORITY_HOST`, then the public cloud's. */
  readonly authorityHost?: string | undefined;
  /** Further tenants that a request may name, `*` for any; default `AZURE_ADDITIONALLY_ALLOWED_TENANTS`. */
  readonly additionallyAllowedTenants?: readonly string[] | undefined;
  /**
   * Signs in as this application (by its federated credential) with the managed identity's token as the proof; the
   * identity must be a user-assigned one, and the application of the same cloud.
   */
  readonly federatedCredential?: FederatedCredential | undefined;
  /** Use this source and no other, or these in this order. */
  readonly source?: SourceName | readonly SourceName[] | undefined;
}

/** Options of {@link getKeyVaultCredential} and {@link diagnose}. */
export interface CredentialOptions extends SelectOptions {
  /** The environment to look at; default `process.env`. */
  readonly env?: Environment | undefined;
  /** How long one `getToken` may take at most, in milliseconds; default 100,000. A valid token is returned at once. */
  readonly timeoutMs?: number | undefined;
}

/** One try to get a token, for the diagnosis. */
export interface Attempt {
  readonly source: SourceName;
  /** ISO 8601, UTC. */
  readonly startedOn: string;
  readonly durationMs: number;
  readonly resource: string;
  /** `token`, or the error's code. */
  readonly outcome: 'token' | ErrorCode | 'ABORTED' | 'UNEXPECTED';
  readonly message?: string;
  /** Nobody waited for it: a refresh while the current token was valid. */
  readonly background: boolean;
}

/** Whose identity a token has: its claims, decoded for display and never trusted. */
export interface Principal {
  /** `oid`: the id that role assignments and access policies name. */
  readonly objectId?: string;
  /** `appid` or `azp`: the client id of the identity, the application, or the tool that a person signed in with. */
  readonly applicationId?: string;
  /** `tid`: the tenant that issued the token. */
  readonly tenantId?: string;
  /** `xms_mirid`: the Azure resource that a managed identity is, or belongs to. */
  readonly resourceId?: string;
  /** A user's name or an application's display name, when the token has one. */
  readonly name?: string;
  /** `aud`: the service that the token is for, by its address or id; of a list all of them, with commas. */
  readonly audience?: string;
}

/** A variable that was looked at, and whether it is set (blank counts as unset); never its value. */
export interface VariableReport {
  /** `PREFIX*` stands for all that begin so. */
  readonly name: string;
  readonly set: boolean;
}

/** Whether a source can be used: `unknown` where only the machine can tell, `partial` where something is missing. */
export type Verdict = 'found' | 'partial' | 'absent' | 'unknown';

/** What one source said, for the diagnosis. */
export interface SourceReport {
  readonly name: SourceName;
  readonly title: string;
  readonly verdict: Verdict;
  readonly reason: string;
  /** The variables that it looks at, those that announce it first. */
  readonly variables: readonly VariableReport[];
  readonly missing?: readonly string[];
  readonly problem?: Problem;
}

/** How often the process-wide token cache answered, and how. */
export interface CacheCounters {
  /** Answered from the cache. */
  readonly hits: number;
  /** Waited for a request that was already under way. */
  readonly joined: number;
  /** Requests for a token, with their retries counted once. */
  readonly flights: number;
  /** Those of them that nobody waited for. */
  readonly refreshes: number;
  /** Those of them that ended without a token. */
  readonly failures: number;
}

/** The whole story as plain data: what was chosen, why, what was passed over, what to fix, whose token it is. */
export interface Diagnostics {
  /** Of this format. */
  readonly version: 1;
  readonly status: 'chosen' | 'candidates' | 'problem';
  readonly selected?: {
    readonly source: SourceName;
    readonly title: string;
    readonly host?: string;
    readonly reason: string;
    /**
     * `system-assigned`, how the user-assigned identity is named and where that came from, the application's client id, or
     * the person who is signed in.
     */
    readonly identity: string;
    readonly tenantId?: string;
  };
  /** Tried in this order, because the environment announces nothing. */
  readonly candidates?: readonly SourceName[];
  /** Which identity a managed identity among the candidates will be asked for; until a source has given a token. */
  readonly identity?: string;
  /** What stands in the way, and the source that it was found in, where it is one's. */
  readonly problem?: Problem & { readonly source?: SourceName };
  /** The variables that belong to no source and steer which one is chosen, and for which identity it is asked. */
  readonly variables: readonly VariableReport[];
  readonly sources: readonly SourceReport[];
  /** Found as well, but passed over. */
  readonly shadowed: readonly { readonly source: SourceName; readonly reason: string }[];
  /** Candidates that were asked before the one that gives the tokens, and why they gave none. */
  readonly skipped?: readonly { readonly source: SourceName; readonly reason: string }[];
  /** What `DefaultAzureCredential` of `@azure/identity` would have taken here, where that differs. */
  readonly defaultAzureCredential?: string;
  readonly warnings: readonly Warning[];
  readonly attempts: readonly Attempt[];
  readonly principal?: Principal;
  /** `refreshOn`: when it is renewed at the next call, or, where that has failed, tried again; ISO 8601, UTC. */
  readonly token?: { readonly resource: string; readonly expiresOn: string; readonly refreshOn: string };
  readonly cache: CacheCounters;
}

/** A `TokenCredential` that knows why it is what it is. */
export interface KeyVaultCredential extends TokenCredential {
  /**
   * Gets a token: at once while one is valid, else by the one request that all callers of this process share.
   *
   * @param scopes - One scope, `https://vault.azure.net/.default`, or an array with one.
   * @param options - `abortSignal` and `requestOptions.timeout` (ms; 0, less and `NaN`: as not given) let go of this call
   *   alone; `claims` bypass the cache.
   * @throws CredentialUnavailableError - nothing was attempted (`ERR_NO_SOURCE`, `ERR_SOURCE_INCOMPLETE`, ...).
   * @throws AuthenticationError - it was attempted and refused (`ERR_REFUSED`, `ERR_UNREACHABLE`, ...).
   * @throws TypeError - `scopes` is not exactly one scope (`ERR_SCOPE`).
   */
  getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken>;
  /** The diagnosis as of now: plain data without secrets, for logs and support. */
  readonly diagnostics: Diagnostics;
  /**
   * Gets a token now, so that a misconfigured program fails when it starts and not at its first request.
   *
   * @param options - `scope`: default Key Vault's in the cloud that `AZURE_AUTHORITY_HOST` names; `abortSignal`.
   * @throws what `getToken` throws.
   * @example
   * const { principal, warnings } = await credential.check();
   * console.log(`Signed in as ${principal?.objectId}`, warnings);
   */
  check(options?: { readonly scope?: string; readonly abortSignal?: AbortSignal }): Promise<Diagnostics>;
}
