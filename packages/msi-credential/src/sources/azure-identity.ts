import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth';
import type { ErrorCode } from '../codes.ts';
import { credentialError, type ErrorDetails, isCredentialError } from '../errors.ts';
import type { Io } from '../io.ts';
import { fitsHeader, plausible } from '../tokens/read-token.ts';
import type { AcquiredToken, SourceName, TokenRequest } from '../types.ts';

/** The package; it is loaded only by the sources that need it. */
export type AzureIdentity = typeof import('@azure/identity');

/** How a source uses a credential of `@azure/identity`. */
export interface Delegation {
  readonly source: SourceName;
  /** Who gives the token, for messages: `Entra`, `Azure CLI`. */
  readonly whence: string;
  /**
   * Made anew for each token: the credential's own cache would answer a refresh with the token that is to be refreshed.
   */
  create(identity: AzureIdentity): TokenCredential | Promise<TokenCredential>;
  /** What its error means. */
  explain(error: unknown): Promise<Explained>;
}

/**
 * What an error of ours will say. The modules that explain are loaded when there is something to explain, so the classes
 * stay here.
 */
export interface Explained {
  readonly code: ErrorCode;
  readonly text: string;
  readonly details: ErrorDetails;
}

/** Gets a token through `@azure/identity`, which is loaded now if it was not yet. */
export async function acquireWith(delegation: Delegation, request: TokenRequest, io: Io): Promise<AcquiredToken> {
  const identity = await load(io);
  const options: GetTokenOptions = {
    abortSignal: request.signal,
    ...(request.tenantId !== undefined && { tenantId: request.tenantId }),
    ...(request.claims !== undefined && { claims: request.claims }),
    ...(request.enableCae !== undefined && { enableCae: request.enableCae }),
  };
  try {
    const credential = await delegation.create(identity);
    return toAcquired(await credential.getToken(request.scope, options), delegation, io);
  } catch (error) {
    if (request.signal.aborted) throw request.signal.reason;
    if (isCredentialError(error)) throw error;
    const { code, text, details } = await delegation.explain(error);
    throw credentialError(code, text, { source: delegation.source, ...details });
  }
}

async function load(io: Io): Promise<AzureIdentity> {
  try {
    return await io.azureIdentity();
  } catch (error) {
    const reason = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : 'no error';
    const text = `The package @azure/identity could not be loaded (${reason}).`;
    throw credentialError('ERR_MODULE_MISSING', text, { cause: error });
  }
}

const another = 'Look which program answers in its place (a proxy, another version), and sign in anew.';

function toAcquired(token: AccessToken | null, { whence, source }: Delegation, io: Io): AcquiredToken {
  const refused = (what: string, hint: string) =>
    credentialError('ERR_RESPONSE_MALFORMED', `${whence} gave ${what}.`, { source, hint });
  const expiresOn = token ? plausible(token.expiresOnTimestamp) : undefined;
  if (!token || (expiresOn !== undefined && expiresOn <= io.now())) {
    const hint = 'Compare the clock of this machine with the time, and sign in anew.';
    throw refused('no token that is still valid', hint);
  }
  if (!fitsHeader(token.token)) throw refused('a token that no header can carry', another);
  if (expiresOn === undefined) throw refused('a token without a usable expiry', another);
  return { token: token.token, expiresOn, refreshOn: token.refreshAfterTimestamp };
}
