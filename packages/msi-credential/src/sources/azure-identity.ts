import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth';
import type { Fix } from '../codes.ts';
import { asError, credentialError, errorOf, type Failure, isCredentialError } from '../errors.ts';
import type { Io } from '../io.ts';
import { fitsHeader, plausible, readExpClaim } from '../tokens/read-token.ts';
import type { AcquiredToken, Flight, SourceName, TokenRequest } from '../types.ts';

/** The package; it is loaded only by the sources that need it. */
export type AzureIdentity = typeof import('@azure/identity');

/** How a source uses a credential of `@azure/identity`. */
export interface Delegation {
  readonly source: SourceName;
  /** What gives the token, for messages: `Entra`, `Azure CLI`. */
  readonly provider: string;
  /**
   * Whether the end in the token itself counts more than the one that is stated. Tools have written local time without a zone,
   * so that a valid token seemed to be over in the repeated hour of autumn (Azure/azure-cli#19700). Entra states a time from
   * now, which is right even where this machine's clock is not.
   */
  readonly prefersOwnEnd?: boolean;
  /**
   * Makes the credential anew for each token. Its own cache would answer a refresh with the token that is to be refreshed.
   */
  create(identity: AzureIdentity): TokenCredential | Promise<TokenCredential>;
  /** Says what the credential's error means. */
  explain(error: unknown): Promise<Failure>;
}

/** Gets a token through `@azure/identity`, which is loaded at the first call. */
export async function acquireWith(
  delegation: Delegation,
  { scope, tenantId, claims, enableCae }: TokenRequest,
  { io, signal }: Flight,
): Promise<AcquiredToken> {
  const identity = await load(io);
  const options: GetTokenOptions = { abortSignal: signal, tenantId, claims, enableCae };
  try {
    const credential = await delegation.create(identity);
    return toAcquired(await credential.getToken(scope, options), delegation, io);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (isCredentialError(error)) throw error;
    const { explanation, ...details } = await delegation.explain(error);
    throw errorOf(explanation, delegation.source, details);
  }
}

async function load(io: Io): Promise<AzureIdentity> {
  try {
    return await io.azureIdentity();
  } catch (thrown) {
    const error = asError(thrown);
    throw credentialError('ERR_MODULE_MISSING', causeOf(error), { cause: error, fix: fixOf(error) });
  }
}

const isNotFound = ({ code = '' }: NodeJS.ErrnoException) => /^(ERR_)?MODULE_NOT_FOUND$/.test(code);

/** The package itself, and not one of those that it needs, or a file of it. */
const isMissing = (error: Error) => isNotFound(error) && error.message.includes("'@azure/identity'");

function causeOf(error: NodeJS.ErrnoException): string {
  if (isMissing(error)) return 'Node did not find the package @azure/identity.';
  const [line = ''] = error.message.split('\n');
  return `The package @azure/identity could not be loaded: ${error.code ?? error.name}, ${line.slice(0, 300)}`;
}

/** Undefined where the package is missing: the code's own advice installs it. */
function fixOf(error: NodeJS.ErrnoException): readonly Fix[] | undefined {
  if (isMissing(error)) return undefined;
  if (isNotFound(error))
    return [{ text: 'Its installation is incomplete. Install it again:', run: 'npm install --force @azure/identity' }];
  if (!error.message.startsWith('Dynamic require of ')) {
    return [{ text: 'The package is installed, but loading it failed. The error above says why.' }];
  }
  return [
    {
      text: 'A bundler put CommonJS code into an ES module. Keep @azure/identity external, or add this banner to the bundle:',
    },
    { text: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  ];
}

const checkSender = [
  { text: 'Check which program answers (a proxy in between, another version of the tool), then sign in again.' },
];
const checkClock = [{ text: "Compare this machine's clock with the real time, then sign in again." }];

function toAcquired(token: AccessToken | null, { provider, source, prefersOwnEnd }: Delegation, io: Io): AcquiredToken {
  const malformed = (what: string, fix: readonly Fix[]) =>
    credentialError('ERR_RESPONSE_MALFORMED', `${provider} gave ${what}.`, { source, fix });
  const own = prefersOwnEnd && fitsHeader(token?.token) ? readExpClaim(token.token) : undefined;
  const expiresOn = own ?? (token ? plausible(token.expiresOnTimestamp) : undefined);
  if (!token || (expiresOn !== undefined && expiresOn <= io.now())) {
    throw malformed('no token that is still valid', checkClock);
  }
  if (!fitsHeader(token.token)) throw malformed('a token that no HTTP header can carry', checkSender);
  if (expiresOn === undefined) throw malformed('a token without a usable expiry', checkSender);
  return { token: token.token, expiresOn, refreshOn: token.refreshAfterTimestamp };
}
