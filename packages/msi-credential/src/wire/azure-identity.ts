import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth';
import { credentialError, type ErrorCode, isCredentialError } from '../errors.ts';
import type { Io } from '../io.ts';
import type { AcquiredToken, SourceName, TokenRequest } from '../types.ts';

type AzureIdentity = typeof import('@azure/identity');

/** How a source uses a credential of `@azure/identity`. */
export interface Delegation {
  readonly source: SourceName;
  /** Who is asked, for messages: `Entra for application 1111...`, `Azure CLI`. */
  readonly whence: string;
  /** The code and advice when the credential says that it is unavailable. */
  readonly unavailable: { readonly code: ErrorCode; readonly hint?: string };
  /**
   * Made anew for each token: the credential's own cache would answer a refresh with the token that is to be refreshed.
   */
  create(identity: AzureIdentity): TokenCredential;
}

/** Gets a token through `@azure/identity`, which is loaded now if it was not yet, and makes its errors ours. */
export async function acquireWith(delegation: Delegation, request: TokenRequest, io: Io): Promise<AcquiredToken> {
  const identity = await load(io);
  try {
    const credential = delegation.create(identity);
    const options: GetTokenOptions = {
      abortSignal: request.signal,
      ...(request.tenantId !== undefined && { tenantId: request.tenantId }),
      ...(request.claims !== undefined && { claims: request.claims }),
      ...(request.enableCae !== undefined && { enableCae: request.enableCae }),
    };
    return toAcquired(await credential.getToken(request.scope, options), delegation, io);
  } catch (error) {
    if (request.signal.aborted) throw request.signal.reason;
    throw isCredentialError(error) ? error : explain(error, delegation, request);
  }
}

async function load(io: Io): Promise<AzureIdentity> {
  try {
    return await io.azureIdentity();
  } catch (error) {
    throw credentialError('ERR_MODULE_MISSING', 'The package @azure/identity could not be loaded.', { cause: error });
  }
}

function toAcquired(token: AccessToken | null, { whence, source }: Delegation, io: Io): AcquiredToken {
  if (token === null || !(token.expiresOnTimestamp > io.now())) {
    throw credentialError('ERR_RESPONSE_MALFORMED', `${whence} gave no token that is still valid.`, { source });
  }
  return { token: token.token, expiresOn: token.expiresOnTimestamp, refreshOn: token.refreshAfterTimestamp };
}

/** Entra's own number for a refusal, `AADSTS7000215`; `@azure/identity` has it in the text only. */
export function aadstsCode(error: unknown): string | undefined {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    const code = /AADSTS\d+/.exec(each.message)?.[0];
    if (code !== undefined) return code;
  }
  return undefined;
}

function explain(error: unknown, { source, whence, unavailable }: Delegation, request: TokenRequest): Error {
  const text = error instanceof Error ? error.message : String(error);
  const said = text.replace(/\s+/g, ' ').trim().slice(0, 500);
  if (aadstsCode(error) !== undefined) {
    return credentialError('ERR_REFUSED', `${whence} refused: ${said}.`, { source, cause: error, hint: undefined });
  }
  if (/network_error|ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|endpoints_resolution_error/.test(text)) {
    return credentialError('ERR_UNREACHABLE', `${whence} could not be reached: ${said}.`, { source, cause: error });
  }
  if (error instanceof Error && error.name === 'CredentialUnavailableError' && request.claims !== undefined) {
    return credentialError('ERR_CLAIMS_UNSUPPORTED', `${whence}: ${said}.`, { source, cause: error });
  }
  if (error instanceof Error && error.name === 'CredentialUnavailableError') {
    return credentialError(unavailable.code, `${whence}: ${said}.`, { source, cause: error, hint: unavailable.hint });
  }
  return credentialError('ERR_REFUSED', `${whence}: ${said}.`, { source, cause: error });
}
