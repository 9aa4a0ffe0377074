// Service Fabric's token service on a node, and its relative in Windows containers of Container Instances.
// https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code

import { randomUUID } from 'node:crypto';
import { isAzureAudience } from '../state/audiences.ts';
import { findManagedIdentity, type Identity } from '../state/identities.ts';
import { issueForIdentity } from '../state/issue-token.ts';
import type { Endpoint, State } from '../types.ts';
import { repeatedName } from '../wire/query.ts';

const apiVersions = ['2019-07-01-preview', '2020-05-01'];

/** `GET /metadata/identity/oauth2/token` on Service Fabric; the identity is the one bound to the application. */
export const serviceFabric: Endpoint = (request, state) => {
  const { systemAssigned, userAssigned } = state.identities;
  const refusal = requestFault(request, state.hostSecrets.of('service-fabric'), apiVersions);
  return refusal ?? token(request, systemAssigned ?? userAssigned[0], 'ManagedIdentityNotFound', state);
};

/**
 * The same on Container Instances, whose endpoint already carries `api-version=1.0`.
 * https://learn.microsoft.com/azure/container-instances/container-instances-managed-identity
 */
export const containerInstances: Endpoint = (request, state) => {
  const principal = new URL(request.url).searchParams.get('principalId');
  const selector = principal === null ? undefined : ({ by: 'objectId', value: principal } as const);
  const missing = principal === null ? 'DefaultIdentityNotDefined' : 'ManagedIdentityNotFound';
  const refusal = requestFault(request, state.hostSecrets.of('container-instances'), ['1.0', ...apiVersions]);
  return refusal ?? token(request, findManagedIdentity(state.identities, selector), missing, state);
};

function requestFault(request: Request, secret: string, versions: readonly string[]): Response | undefined {
  const given = request.headers.get('secret');
  if (given === null) return refuse(400, 'SecretHeaderNotFound', 'Secret is not found in the request headers.');
  if (given !== secret) return refuse(404, 'ManagedIdentityNotFound', 'No managed identity belongs to this secret.');
  const query = new URL(request.url).searchParams;
  const repeated = repeatedName(query);
  if (repeated === 'api-version') return refuse(400, 'InvalidApiVersion', 'The api-version appears more than once.');
  if (repeated !== undefined) return refuse(400, 'InvalidParameter', `${repeated} appears more than once.`);
  if (!versions.includes(query.get('api-version') ?? '')) {
    return refuse(400, 'InvalidApiVersion', `The api-version is not supported. Supported: ${versions.join(', ')}.`);
  }
  return query.get('resource') ? undefined : refuse(400, 'ArgumentNullOrEmpty', 'resource is null or empty.');
}

function token(request: Request, identity: Identity | undefined, missing: string, state: State) {
  if (identity === undefined) return refuse(404, missing, 'The managed identity was not found.');
  const resource = new URL(request.url).searchParams.get('resource') ?? '';
  if (!isAzureAudience(resource)) return refuse(500, 'InternalServerError', `No token could be had for ${resource}.`);
  const { token: access_token, expiresAt } = issueForIdentity(state, identity, resource);
  return json(200, { token_type: 'Bearer', access_token, expires_on: expiresAt, resource });
}

function refuse(status: number, code: string, message: string): Response {
  return json(status, { error: { correlationId: randomUUID(), code, message } });
}

/** The answers to paths and methods that the service does not know. */
export const serviceFabricRefusals = {
  notFound: () => refuse(404, 'NotFound', 'There is nothing at this path.'),
  methodNotAllowed: () => refuse(405, 'MethodNotAllowed', 'Only GET is supported.'),
};

function json(status: number, body: object): Response {
  const headers = { 'content-type': 'application/json; charset=utf-8', server: 'Kestrel' };
  return new Response(JSON.stringify(body), { status, headers });
}
