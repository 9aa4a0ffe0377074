// Why a developer tool gave no token, by what @azure/identity makes of the tool's own words.
import { credentialError } from '../errors.ts';
import type { SourceName, TokenRequest } from '../types.ts';
import { isUnavailable, safeCause, withoutSecrets } from './azure-identity-error.ts';

/** The tool, for people. */
export interface ToolNames {
  readonly name: SourceName;
  readonly title: string;
  /** How to sign in with it. */
  readonly signIn: string;
}

/**
 * Whatever Entra told the tool, or the network: there is no token from it, and the next tool may have one. Claims that it
 * cannot ask for are told as such, with the command that can.
 */
export function explainTool(error: unknown, { name, title, signIn }: ToolNames, { claims }: TokenRequest): Error {
  const text = error instanceof Error ? error.message : String(error);
  // The command to be run carries the claims in base64, which looks like a token and is none.
  const spared = claims && Buffer.from(claims).toString('base64');
  const said = withoutSecrets(text, spared);
  const details = { source: name, cause: safeCause(error, spared) };
  if (!isUnavailable(error)) return credentialError('ERR_REFUSED', `${title} gave no token: ${said}.`, details);
  if (claims !== undefined && (error as Error).name === 'CredentialUnavailableError') {
    const hint = 'Sign in as it says: the resource asks for more than the sign-in that is there.';
    return credentialError('ERR_CLAIMS_UNSUPPORTED', `${title} gave no token: ${said}.`, { ...details, hint });
  }
  const hint = `Sign in: ${signIn}.`;
  return credentialError('ERR_TOOL_UNAVAILABLE', `${title} gave no token: ${said}.`, { ...details, hint });
}
