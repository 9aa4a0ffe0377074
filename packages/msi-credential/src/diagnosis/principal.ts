// Whose token it is, as its claims say. Whoever gave the token chose them, and nothing has checked them.
// https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
import { looksRandom } from '../failures/looks-random.ts';
import { printable } from '../failures/printable.ts';
import { isGuid, isResourceId, namesIn, textOf } from '../selection/environment.ts';
import { decodeClaims, field } from '../tokens/read-token.ts';
import type { Environment, Principal } from '../types.ts';

/** The claims of a token as far as they have their own shape, and hold no secret of the environment. */
export function principalOf(token: string, env: Environment): Principal {
  const claims = decodeClaims(token);
  const secrets = secretsIn(env);
  const readAll = (fits: (text: string) => boolean, ...names: string[]) =>
    names
      .flatMap((name) => textsIn(field(claims, name)))
      .filter((text) => fits(text) && !secrets.some((secret) => text.toLowerCase().includes(secret)));
  const read = (fits: (text: string) => boolean, ...names: string[]) => readAll(fits, ...names)[0];
  const entries = {
    objectId: read(isGuid, 'oid'),
    applicationId: read(isGuid, 'appid', 'azp'),
    tenantId: read(isGuid, 'tid'),
    resourceId: read(isNamedResource, 'xms_mirid'),
    name: read(isName, 'upn', 'preferred_username', 'unique_name', 'app_displayname'),
    // A token can be for several services (RFC 7519, 4.1.3).
    audience: readAll(isAudience, 'aud').slice(0, 5).join(', ') || undefined,
  };
  return Object.fromEntries(Object.entries(entries).filter(([, text]) => text !== undefined));
}

/** A claim, or the list that it is. */
function textsIn(claim: unknown): readonly string[] {
  const texts = (Array.isArray(claim) ? claim : [claim]).filter((text) => typeof text === 'string');
  return texts.map((text) => printable(text).trim());
}

/** Hosts make secrets that look like ids: App Service's IDENTITY_HEADER is a GUID. */
function secretsIn(env: Environment): readonly string[] {
  return namesIn(env).flatMap((name) => {
    const text = /(SECRET|PASSWORD|HEADER|TOKEN)$/.test(name) ? textOf(env, name)?.trim() : undefined;
    return text !== undefined && text.length >= 4 ? text.toLowerCase() : [];
  });
}

/** A person's or an application's; Entra's have up to 256 characters. Text, since V8 looks all letters up when it parses a literal. */
const nameShape = String.raw`^[\p{L}\p{M}\p{N} ._'\u2019@+#,:/|()&-]{1,256}$`;

function isName(text: string): boolean {
  return new RegExp(nameShape, 'u').test(text) && !holdsToken(text);
}

function isAudience(text: string): boolean {
  return isGuid(text) || (/^(https?|api):\/\/[\w.:/-]{1,200}$/i.test(text) && !holdsToken(text));
}

/** The names of resources often look random, but are short then. */
function isNamedResource(text: string): boolean {
  return isResourceId(text) && !holdsToken(text.replace(/(?<=\/)[\w.()-]{1,24}(?=\/|$)/g, ''));
}

function holdsToken(text: string): boolean {
  return /(?<![a-z])eyJ/i.test(text) || text.split(/[^\w+-]+/).some((part) => looksRandom(part, 3));
}
