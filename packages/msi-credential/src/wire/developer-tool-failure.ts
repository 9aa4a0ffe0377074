// Why a developer tool gave no token, by what @azure/identity makes of the tool's own words.
import type { SourceName, TokenRequest } from '../types.ts';
import type { Explained } from './azure-identity.ts';
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
export function explainTool(error: unknown, { title, signIn }: ToolNames, { claims }: TokenRequest): Explained {
  const message = error instanceof Error ? error.message : String(error);
  // The command to be run carries the claims in base64, which looks like a token and is none.
  const spared = claims && Buffer.from(claims).toString('base64');
  const text = `${title} gave no token: ${withoutSecrets(message, spared)}.`;
  const cause = safeCause(error, spared);
  if (!isUnavailable(error)) return { code: 'ERR_REFUSED', text, details: { cause } };
  if (claims !== undefined && (error as Error).name === 'CredentialUnavailableError') {
    const hint = 'Sign in as it says: the resource asks for more than the sign-in that is there.';
    return { code: 'ERR_CLAIMS_UNSUPPORTED', text, details: { cause, hint } };
  }
  return { code: 'ERR_TOOL_UNAVAILABLE', text, details: { cause, hint: `Sign in: ${signIn}.` } };
}
