// How Key Vault writes a secret on the wire, reads one, and cuts lists into pages.
// https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret#secretbundle

import type { Secret, SecretProperties, SecretVersion } from '../../state/secrets.ts';
import { json } from '../json.ts';
import { badParameter } from './refusals.ts';

const retentionDays = 90;
const pageSize = 25;

/** `https://VAULT.vault.azure.net`, as the client addressed it. */
export const vaultOf = (request: Request) => `https://${new URL(request.url).hostname}`;

/** The latest version; a secret always has one. */
export const latest = (secret: Secret) => secret.versions.at(-1) as SecretVersion;

/** A version without its value; unset fields are left out, as the service does. */
export function item(id: string, { contentType, tags, enabled, notBefore, expires, created, updated }: SecretVersion) {
  const dates = {
    ...(notBefore === undefined ? {} : { nbf: notBefore }),
    ...(expires === undefined ? {} : { exp: expires }),
  };
  const recovery = { recoveryLevel: 'Recoverable+Purgeable', recoverableDays: retentionDays };
  return {
    ...(contentType === undefined ? {} : { contentType }),
    id,
    attributes: { enabled, ...dates, created, updated, ...recovery },
    ...(tags === undefined || Object.keys(tags).length === 0 ? {} : { tags }),
  };
}

/** A version under its own id. */
export function bundle(request: Request, name: string, version: SecretVersion) {
  return item(`${vaultOf(request)}/secrets/${name}/${version.id}`, version);
}

/** What deletion adds to an item. */
export function deletedFields(request: Request, { name, deletedAt = 0 }: Secret) {
  return {
    recoveryId: `${vaultOf(request)}/deletedsecrets/${name}`,
    deletedDate: deletedAt,
    scheduledPurgeDate: deletedAt + retentionDays * 86_400,
  };
}

/** One page of at most 25, and the link to the next; the last page says `null`. */
export function page(request: Request, items: readonly object[]): Response {
  const url = new URL(request.url);
  const size = Number(url.searchParams.get('maxresults') ?? pageSize);
  if (!Number.isInteger(size) || size < 1 || size > pageSize) {
    return badParameter(`The parameter maxresults must be between 1 and ${pageSize}.`);
  }
  const start = Number(Buffer.from(url.searchParams.get('$skiptoken') ?? '', 'base64url').toString()) || 0;
  const skip = Buffer.from(String(start + size)).toString('base64url');
  const version = url.searchParams.get('api-version');
  // The port is written out and the `$` is literal, as in recorded answers.
  const nextLink = `https://${url.hostname}:443${url.pathname}?api-version=${version}&$skiptoken=${skip}&maxresults=${size}`;
  return json(200, {
    value: items.slice(start, start + size),
    nextLink: start + size < items.length ? nextLink : null,
  });
}

/** What a PUT or PATCH says; a Response says what is wrong with it. */
export async function readInput(request: Request): Promise<({ value?: string } & SecretProperties) | Response> {
  const body = await parse(request);
  if (body === undefined) return badParameter('The request body is not a JSON object.');
  const { value, contentType, tags } = body;
  if (value !== undefined && typeof value !== 'string') return badParameter('Property value has invalid value');
  if (value !== undefined && value.length > 25_600) {
    return badParameter('Secret value exceeds the maximum permitted length of 25600.');
  }
  if (!optional(contentType, 'string') || String(contentType ?? '').length > 255) {
    return badParameter('Property contentType has invalid value');
  }
  if (!isTags(tags)) return badParameter('Property tags has invalid value');
  const { enabled, nbf, exp } = isObject(body.attributes) ? body.attributes : {};
  if (!optional(enabled, 'boolean') || !optional(nbf, 'number') || !optional(exp, 'number')) {
    return badParameter('Property attributes has invalid value');
  }
  const read = { value, contentType, tags, enabled, notBefore: nbf, expires: exp };
  return Object.fromEntries(Object.entries(read).filter(([, one]) => one !== undefined && one !== null));
}

async function parse(request: Request): Promise<Record<string, unknown> | undefined> {
  try {
    const body: unknown = await request.json();
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const optional = (value: unknown, type: string) => value === undefined || value === null || typeof value === type;

/** At most 15 pairs of strings of at most 512 characters. */
const isTags = (tags: unknown) =>
  tags === undefined ||
  tags === null ||
  (isObject(tags) &&
    Object.keys(tags).length <= 15 &&
    Object.entries(tags).every(
      ([key, value]) => key.length <= 512 && typeof value === 'string' && value.length <= 512,
    ));
