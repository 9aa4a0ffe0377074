// Why a developer tool gave no token, by what @azure/identity makes of the tool's own words.
import { type Explanation, explain, type Fix } from '../codes.ts';
import type { Failure } from '../errors.ts';
import { isTenant } from '../selection/environment.ts';
import type { SourceName, TokenRequest } from '../types.ts';
import { explainAadsts } from './aadsts.ts';
import { isUnavailable } from './azure-identity-error.ts';
import { harmlessCause } from './harmless-cause.ts';
import { redact } from './redact.ts';
import { fixOfWords, signInOfJob, type ToolPlace } from './tool-failures.ts';
import { essenceOf, isAboutSignIn } from './tool-words.ts';

/** The tool, for people. */
export interface ToolNames {
  readonly name: SourceName;
  readonly title: string;
  /** The command that signs in with it, and its flag for a tenant. */
  readonly signIn: string;
  readonly tenantFlag: string;
  /** Its flag for claims, in base64. */
  readonly claimsFlag: string;
}

/**
 * Explains the error of a tool. Whether Entra or the network refused the tool: it has no token, and the next tool may have
 * one.
 */
export function explainTool(
  error: unknown,
  tool: ToolNames & ToolPlace,
  { claims, tenantId, scope }: TokenRequest,
): Failure {
  const message = error instanceof Error ? error.message : String(error);
  // The parser's error quotes what the tool printed, which may be anything.
  if (/is not valid JSON|end of JSON input|in JSON at|after JSON at/.test(message)) return notJson(tool);
  const words = essenceOf(message);
  const happened = `${tool.title} gave no token: ${redact(words)}.`;
  const cause = harmlessCause(error);
  if (!isUnavailable(error)) return { explanation: explain('ERR_REFUSED', happened), cause };
  if (claims !== undefined && (error as Error).name === 'CredentialUnavailableError') {
    return { explanation: claimsAsked(tool, claims, scope, tenantId) };
  }
  const fix = fixOfWords(words, tool) ?? fixOfNumber(words, scope, tenantId) ?? fixOfSignIn(words, tool, tenantId);
  return { explanation: explain('ERR_TOOL_UNAVAILABLE', happened, { fix }), cause };
}

/**
 * The command with our own words: in that of `@azure/identity` the scope and the tenant stand as whoever asked wrote them,
 * and a vault's challenge names its tenant.
 */
function claimsAsked(
  { title, name, signIn, claimsFlag, tenantFlag }: ToolNames,
  claims: string,
  scope: string,
  tenantId: string | undefined,
): Explanation<'ERR_CLAIMS_UNSUPPORTED'> {
  const shownScope = /^[\w:/.@-]{1,300}$/.test(scope) ? scope : 'SCOPE';
  const parts = [
    `${signIn} ${claimsFlag} ${Buffer.from(claims).toString('base64')}`,
    name === 'azure-powershell' ? [] : `--scope ${shownScope}`,
    tenantId === undefined ? [] : `${tenantFlag} ${isTenant(tenantId) ? tenantId : 'TENANT'}`,
  ];
  const cause = `${title} gave no token: the resource asks for more than the current sign-in.`;
  return explain('ERR_CLAIMS_UNSUPPORTED', cause, {
    fix: [{ text: 'Sign in with that:', run: parts.flat().join(' ') }],
  });
}

/** Entra's refusals that no sign-in ends: the resource, consent, a policy, the tenant. */
const lasting = ['500011', '500014', '501051', '70011', '65001', '53003', '90002', '900023', '90038', '7000112'];

function fixOfNumber(words: string, scope: string, tenantId: string | undefined): readonly Fix[] | undefined {
  const number = /AADSTS(\d{1,9})/.exec(words)?.[1];
  return number !== undefined && lasting.includes(number) ? explainAadsts(number, { scope, tenantId })?.fix : undefined;
}

function fixOfSignIn(words: string, tool: ToolNames & ToolPlace, tenantId: string | undefined): readonly Fix[] {
  if (isAboutSignIn(words)) return signInOfJob(tool) ?? signInWith(tool, tenantId);
  return [{ text: `Read what ${tool.title} says. If it is about the sign-in:`, run: tool.signIn }];
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
