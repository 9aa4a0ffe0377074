// Why a developer tool gave no token, by what @azure/identity makes of the tool's own words.

import type { Explained } from '../sources/azure-identity.ts';
import type { SourceName, TokenRequest } from '../types.ts';
import { isUnavailable } from './azure-identity-error.ts';
import { harmlessCause } from './harmless-cause.ts';
import { redact } from './redact.ts';

/** The tool, for people. */
export interface ToolNames {
  readonly name: SourceName;
  readonly title: string;
  /** The command that signs in with it, and its flag for a tenant. */
  readonly signIn: string;
  readonly tenantFlag: string;
}

/**
 * Whatever Entra told the tool, or the network: there is no token from it, and the next tool may have one. Claims that it
 * cannot ask for are told as such, with the command that can.
 */
export function explainTool(
  error: unknown,
  { title, signIn, tenantFlag }: ToolNames,
  { claims }: TokenRequest,
): Explained {
  const message = error instanceof Error ? error.message : String(error);
  // The parser quotes what the tool printed, of which nothing is known.
  if (/is not valid JSON|end of JSON input/.test(message)) {
    const hint = `See what it prints: a warning or a banner in front of its answer, or an old version. Then sign in: \`${signIn}\`.`;
    return {
      code: 'ERR_TOOL_UNAVAILABLE',
      text: `${title} gave no token: what it printed is not JSON.`,
      details: { hint },
    };
  }
  // The command to be run carries the claims in base64, which looks like a token and is none.
  const known = { spared: claims && Buffer.from(claims).toString('base64') };
  const text = `${title} gave no token: ${redact(message, known)}.`;
  const cause = harmlessCause(error, known);
  if (!isUnavailable(error)) return { code: 'ERR_REFUSED', text, details: { cause } };
  if (claims !== undefined && (error as Error).name === 'CredentialUnavailableError') {
    const hint = 'Sign in as it says: the resource asks for more than the sign-in that is there.';
    return { code: 'ERR_CLAIMS_UNSUPPORTED', text, details: { cause, hint } };
  }
  const hint = `Sign in: \`${signIn}\`, with \`${tenantFlag}\` if the resource is in another tenant.`;
  return { code: 'ERR_TOOL_UNAVAILABLE', text, details: { cause, hint } };
}

/** A tool that was ended because it did not end by itself. */
export function explainSilence({ title, signIn }: ToolNames, patienceMs: number): Explained {
  return {
    code: 'ERR_TOOL_UNAVAILABLE',
    text: `${title} gave no token: it was still running after ${patienceMs / 1000} s and was ended.`,
    details: { hint: `Run \`${signIn}\` to see what it waits for: an answer, the network, or a proxy.` },
  };
}
