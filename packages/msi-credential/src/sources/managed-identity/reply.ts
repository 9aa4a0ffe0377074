import { credentialError, type ErrorDetails } from '../../errors.ts';
import type { Meaning, Refusal } from '../../failures/refusal.ts';
import { showEndpoint } from '../../http/endpoint.ts';
import { type Call, retryAfterMs } from '../../http/send.ts';
import type { HttpReply } from '../../io.ts';
import { field, parseJson, readToken } from '../../tokens/read-token.ts';
import type { AcquiredToken, SourceName } from '../../types.ts';

/** What a source knows of its protocol's refusals. */
export interface RefusalRules {
  readonly source: SourceName;
  /** The host's secrets, which no message may repeat. */
  readonly secrets: readonly string[];
  readonly now: number;
  /** The code and the advice for a refusal; nothing said: `ERR_REFUSED` and its general advice. */
  explain(reply: HttpReply, refusal: Refusal): Meaning | undefined;
}

/** Turns what a managed identity endpoint answered into a token, or throws what it means. */
export async function readManagedIdentityReply(
  reply: HttpReply,
  call: Call,
  rules: RefusalRules,
): Promise<AcquiredToken> {
  const whence = `${call.method} ${showEndpoint(call.url)}`;
  const json = parseJson(reply.body);
  // App Service 2017 reports failures with status 200 and an ExceptionMessage (msrestazure handles the same).
  const refused = reply.status !== 200 || field(json, 'ExceptionMessage') !== undefined;
  if (!refused) return readToken(reply.body, rules.now, whence);

  const { meaningOf, readRefusal } = await import('../../failures/index.ts');
  const refusal = readRefusal(reply, rules.secrets);
  const meaning = { ...meaningOf(reply), ...rules.explain(reply, refusal) };
  const details: ErrorDetails = {
    source: rules.source,
    status: reply.status,
    hint: meaning.hint,
    retryAfterMs: retryAfterMs(reply, rules.now),
  };
  throw credentialError(meaning.code ?? 'ERR_REFUSED', `${whence} answered ${refusal.text}.`, details);
}

/**
 * Whether a refusal is about the identity, in the services' own words ("Unable to load requested managed identity", "No MSI
 * found for specified ClientId"): nothing, a page, or a server that knows no such path is not. The header is no identity.
 */
export function isAboutIdentity({ body }: HttpReply): boolean {
  return !/^\s*</.test(body) && /identit(y(?!-header)|ies)|\bmsi\b|client.?id/i.test(body);
}
