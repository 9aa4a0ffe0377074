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
  /** The application that signs in, so that advice can name it. */
  readonly application?: { readonly clientId: string; readonly tenantId: string | undefined };
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
    throw await explain(error, delegation, request);
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

/** The error and what it came from, outermost first: `@azure/identity` wraps what happens beneath it. */
function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let each = error; each instanceof Error && chain.length < 10; each = each.cause) chain.push(each);
  return chain;
}

/** Entra's own number for a refusal, `AADSTS7000215`; `@azure/identity` has it in the text only. */
export function aadstsCode(error: unknown): string | undefined {
  return chainOf(error)
    .map(({ message }) => /AADSTS\d+/.exec(message)?.[0])
    .find((code) => code !== undefined);
}

async function explain(error: unknown, delegation: Delegation, request: TokenRequest): Promise<Error> {
  const { source, whence, unavailable } = delegation;
  const chain = chainOf(error);
  const own = chain.find(isCredentialError);
  if (own !== undefined) return own;
  const text = error instanceof Error ? error.message : String(error);
  const said = text.replace(tokens, '***').replace(/\s+/g, ' ').trim().slice(0, 500);
  const details = { source, cause: withoutTokens(error, chain) };
  const isUnavailable = chain.some(({ name }) => name === 'CredentialUnavailableError');
  if (isUnavailable && request.claims !== undefined && chain[0]?.name === 'CredentialUnavailableError') {
    return credentialError('ERR_CLAIMS_UNSUPPORTED', `${whence}: ${said}.`, details);
  }
  // Whatever Entra told a developer tool, or the network: there is no token from it, and the next one may have one.
  const ofTool = isUnavailable && unavailable.code === 'ERR_TOOL_UNAVAILABLE';
  const code = ofTool ? undefined : aadstsCode(error);
  if (code !== undefined) {
    // Loaded only now: the table is long, and most programs never need it.
    const { explainAadsts } = await import('./aadsts.ts');
    const known = explainAadsts(code, { ...delegation.application, source });
    const meaning = known ? `${code}, ${known.meaning.charAt(0).toLowerCase()}${known.meaning.slice(1)}` : code;
    const hint = known?.hint;
    return credentialError('ERR_REFUSED', `${whence} refused (${meaning}): ${said}.`, { ...details, hint });
  }
  if (!ofTool && /network_error|ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|endpoints_resolution_error/.test(text)) {
    return credentialError('ERR_UNREACHABLE', `${whence} could not be reached: ${said}.`, details);
  }
  if (isUnavailable || (unavailable.code === 'ERR_FILE_UNREADABLE' && chain.some(isFileError))) {
    return credentialError(unavailable.code, `${whence}: ${said}.`, { ...details, hint: unavailable.hint });
  }
  return credentialError('ERR_REFUSED', `${whence}: ${said}.`, details);
}

const tokens = /eyJ[\w-]+(\.[\w-]*)*/g;

/** A tool's output that cannot be understood is quoted whole by `@azure/identity`, with the token that may be in it. */
function withoutTokens(error: unknown, chain: readonly Error[]): unknown {
  if (!chain.some(({ message }) => message.search(tokens) >= 0)) return error;
  const [{ name, message }] = chain as [Error];
  const clean = Object.assign(new Error(message.replace(tokens, '***')), { name });
  clean.stack = `${name}: ${clean.message}`;
  return clean;
}

/** A file that could not be opened or read; `@azure/identity` lets such an error through as it is. */
function isFileError(error: Error): boolean {
  return /^(open|read)$/.test((error as NodeJS.ErrnoException).syscall ?? '');
}
