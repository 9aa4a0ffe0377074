// Secrets in Azure Key Vault: the operations of its data plane.
// https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups

import { conditionOf, type Secret, type Secrets, type SecretVersion } from '../state/secrets.ts';
import type { Endpoint } from '../types.ts';
import { json } from './json.ts';
import { type Action, actions, refusalOf } from './key-vault/access.ts';
import { bundle, deletedFields, item, latest, page, readInput, vaultOf } from './key-vault/bundles.ts';
import {
  badParameter,
  beingDeleted,
  cannotBeRecreated,
  deletedButRecoverable,
  deletedSecretNotFound,
  secretDisabled,
  secretNotFound,
} from './key-vault/refusals.ts';

const newestVersion = '2026-04-01';
const apiVersions = new Set([
  '2016-10-01',
  '7.0',
  '7.1',
  '7.2',
  '7.3',
  '7.4',
  '7.5',
  '7.6',
  '2025-07-01',
  newestVersion,
]);

type Operation = (request: Request, secrets: Secrets, name: string, version: string) => Response | Promise<Response>;

/** The service's order: who is it, may they, and only then what they asked for, so that a 403 hides a 404. */
function operation(action: Action, work: Operation): Endpoint {
  return (request, state, { name, version = '' }) => {
    const refusal = refusalOf(request, state, action, name) ?? parameterFault(request, name);
    return refusal ?? work(request, state.vaults.of(new URL(request.url).hostname), name ?? '', version);
  };
}

function parameterFault(request: Request, name: string | undefined): Response | undefined {
  // `searchParams` decodes the keys too; the JavaScript SDK writes `api%2Dversion`.
  const version = new URL(request.url).searchParams.get('api-version');
  if (!version) return badParameter('The query parameter api-version is missing.');
  if (!apiVersions.has(version) && !/^(7\.6-preview\.\d|\d{4}-\d\d-\d\d-preview)$/.test(version)) {
    return badParameter(
      `The specified version (${version}) is not recognized. Consider using the latest supported version (${newestVersion}).`,
    );
  }
  if (name === undefined || /^[0-9a-zA-Z-]{1,127}$/.test(name)) return undefined;
  return badParameter(`The request URI contains an invalid name: ${name}`);
}

const foundAs = (condition: 'live' | 'deleted') => (secrets: Secrets, name: string) => {
  const secret = secrets.find(name);
  return secret && conditionOf(secret) === condition ? secret : undefined;
};

const live = foundAs('live');
const deleted = foundAs('deleted');

const versionOf = (secret: Secret | undefined, version: string): SecretVersion | undefined =>
  secret && (version === '' ? latest(secret) : secret.versions.find(({ id }) => id === version.toLowerCase()));

/** `GET /secrets/{name}` and `GET /secrets/{name}/{version}`; dates do not keep anyone from reading, `enabled` does. */
export const getSecret = operation(actions.get, (request, secrets, name, version) => {
  const secret = live(secrets, name);
  const found = versionOf(secret, version);
  if (!secret || !found) return secretNotFound(version === '' ? name : `${name}/${version}`);
  return found.enabled ? json(200, { value: found.value, ...bundle(request, secret.name, found) }) : secretDisabled();
});

/** `PUT /secrets/{name}`: always a new version. */
export const setSecret = operation(actions.set, async (request, secrets, name) => {
  const input = await readInput(request);
  if (input instanceof Response) return input;
  const { value, ...properties } = input;
  if (value === undefined) return badParameter('Property value has invalid value');
  const change = secrets.find(name)?.change;
  if (change) return cannotBeRecreated(name, change.to);
  if (deleted(secrets, name)) return deletedButRecoverable(name);
  const secret = secrets.set(name, value, properties);
  return json(200, { value, ...bundle(request, secret.name, latest(secret)) });
});

/** `PATCH /secrets/{name}/{version}`: everything but the value. */
export const updateSecret = operation(actions.update, async (request, secrets, name, version) => {
  const input = await readInput(request);
  if (input instanceof Response) return input;
  const { value: _, ...properties } = input;
  const found = versionOf(live(secrets, name), version);
  if (!found) return secretNotFound(version === '' ? name : `${name}/${version}`);
  secrets.update(name, found.id, properties);
  const secret = secrets.find(name) as Secret;
  return json(200, bundle(request, secret.name, versionOf(secret, found.id) as SecretVersion));
});

/** `GET /secrets` */
export const listSecrets = operation(actions.list, (request, secrets) => {
  const found = secrets.list('live');
  return page(
    request,
    found.map((secret) => item(`${vaultOf(request)}/secrets/${secret.name}`, latest(secret))),
  );
});

/** `GET /secrets/{name}/versions`: in the order of ids, not of creation; of an unknown name, an empty page. */
export const listVersions = operation(actions.list, (request, secrets, name) => {
  const secret = live(secrets, name);
  const versions = [...(secret?.versions ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
  return page(
    request,
    versions.map((version) => bundle(request, secret?.name ?? name, version)),
  );
});

/** `DELETE /secrets/{name}`: soft delete of all versions. https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview */
export const deleteSecret = operation(actions.delete, (request, secrets, name) => {
  if (!live(secrets, name)) return secretNotFound(name);
  secrets.delete(name);
  return deletedBundle(request, secrets.find(name) as Secret);
});

/** `GET /deletedsecrets/{name}` */
export const getDeletedSecret = operation(actions.getDeleted, (request, secrets, name) => {
  const secret = deleted(secrets, name);
  return secret ? deletedBundle(request, secret) : deletedSecretNotFound(name);
});

const deletedBundle = (request: Request, secret: Secret) =>
  json(200, { ...deletedFields(request, secret), ...bundle(request, secret.name, latest(secret)) });

/** `GET /deletedsecrets` */
export const listDeletedSecrets = operation(actions.list, (request, secrets) => {
  const id = (secret: Secret) => `${vaultOf(request)}/secrets/${secret.name}`;
  const found = secrets.list('deleted');
  return page(
    request,
    found.map((secret) => ({ ...deletedFields(request, secret), ...item(id(secret), latest(secret)) })),
  );
});

/** `POST /deletedsecrets/{name}/recover` */
export const recoverDeletedSecret = operation(actions.recover, (request, secrets, name) => {
  const secret = deleted(secrets, name);
  if (!secret) return isBeingDeleted(secrets, name) ?? deletedSecretNotFound(name);
  secrets.recover(name);
  return json(200, bundle(request, secret.name, latest(secret)));
});

/** `DELETE /deletedsecrets/{name}` */
export const purgeDeletedSecret = operation(actions.purge, (_request, secrets, name) => {
  if (!deleted(secrets, name)) return isBeingDeleted(secrets, name) ?? deletedSecretNotFound(name);
  secrets.purge(name);
  return new Response(null, { status: 204 });
});

const isBeingDeleted = (secrets: Secrets, name: string) =>
  secrets.find(name)?.change?.to === 'deleted' ? beingDeleted() : undefined;

/** The headers on all of the service's answers. */
export function keyVaultHeaders(request: Request, response: Response): void {
  const echoed = request.headers.get('x-ms-client-request-id');
  const headers = {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'x-ms-keyvault-region': 'westeurope',
    'x-ms-request-id': crypto.randomUUID(),
    ...(echoed === null ? {} : { 'x-ms-client-request-id': echoed }),
    'x-ms-keyvault-service-version': '1.9.2000.1',
    'x-ms-keyvault-network-info': 'conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;',
    'strict-transport-security': 'max-age=31536000;includeSubDomains',
    'x-content-type-options': 'nosniff',
  };
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
}
