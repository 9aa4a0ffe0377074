// Why a developer tool gave no token, by what @azure/identity makes of the tool's own words.
import { explain, type Fix } from '../codes.ts';
import type { Failure } from '../errors.ts';
import { isTenant } from '../selection/environment.ts';
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
 * Explains the error of a tool. Whether Entra or the network refused the tool: it has no token, and the next tool may have
 * one.
 */
export function explainTool(error: unknown, tool: ToolNames, { claims, tenantId }: TokenRequest): Failure {
  const message = error instanceof Error ? error.message : String(error);
  // The parser's error quotes what the tool printed, which may be anything.
  if (/is not valid JSON|end of JSON input/.test(message)) return notJson(tool);
  // The command that the tool asks for carries the claims in base64. They look like a token and are none.
  const redaction = { spared: claims && Buffer.from(claims).toString('base64') };
  const happened = `${tool.title} gave no token: ${redact(message, redaction)}.`;
  const cause = harmlessCause(error, redaction);
  if (!isUnavailable(error)) return { explanation: explain('ERR_REFUSED', happened), cause };
  if (claims !== undefined && (error as Error).name === 'CredentialUnavailableError') {
    const fix = [{ text: 'Sign in with the command above. The resource asks for more than the current sign-in.' }];
    return { explanation: explain('ERR_CLAIMS_UNSUPPORTED', happened, { fix }), cause };
  }
  return { explanation: explain('ERR_TOOL_UNAVAILABLE', happened, { fix: signInWith(tool, tenantId) }), cause };
}

/** Explains a tool that was stopped because it did not end by itself. */
export function explainSilence({ title, signIn }: ToolNames, patienceMs: number): Failure {
  const happened = `${title} gave no token within ${patienceMs / 1000} s and was stopped.`;
  const fix = [{ text: 'See what it waits for (an answer, the network or a proxy):', run: signIn }];
  return { explanation: explain('ERR_TOOL_UNAVAILABLE', happened, { fix }) };
}

function notJson({ title, signIn }: ToolNames): Failure {
  const fix = [
    { text: 'Check whether it prints a warning or a banner before its answer, or is an old version.' },
    { text: 'Then sign in:', run: signIn },
  ];
  return {
    explanation: explain('ERR_TOOL_UNAVAILABLE', `${title} gave no token. What it printed is not JSON.`, { fix }),
  };
}

function signInWith({ signIn, tenantFlag }: ToolNames, tenantId: string | undefined): readonly Fix[] {
  // A vault's challenge may have named the tenant, so its shape is checked.
  if (tenantId !== undefined && isTenant(tenantId)) {
    return [{ text: 'Sign in:', run: `${signIn} ${tenantFlag} ${tenantId}` }];
  }
  return [
    { text: 'Sign in:', run: signIn },
    { text: 'If the resource is in another tenant:', run: `${signIn} ${tenantFlag} TENANT` },
  ];
}
