// Service Fabric's token service on a node, and its relative in Windows containers of Container Instances.
// https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code

import { randomUUID } from 'node:crypto';
import { findManagedIdentity, type Identity } from '../../state/identities.ts';
import { issueForIdentity } from '../../state/issue-token.ts';
import type { Endpoint, State } from '../../types.ts';
import { json } from '../json.ts';
import { readTokenRequest, type TokenRules } from './token-request.ts';

const apiVersions = ['2019-07-01-preview', '2020-05-01'];

/**
 * `GET /metadata/identity/oauth2/token` on Service Fabric; the identity is one that is bound to the application. Only an object id
 * selects (AzureAD/microsoft-authentication-library-for-dotnet#6065).
 */
export const serviceFabric: Endpoint = (request, state) => {
  const { systemAssigned, userAssigned } = state.identities;
  return answer(request, state, {
    host: 'service-fabric',
    apiVersions,
    selectors: { principalId: 'objectId' },
    owner: (selector) =>
      (selector ? findManagedIdentity(state.identities, selector) : (systemAssigned ?? userAssigned[0])) ??
      notFound('ManagedIdentityNotFound'),
  });
};

/**
 * The same on Container Instances, whose endpoint already carries `api-version=1.0`.
 * https://learn.microsoft.com/azure/container-instances/container-instances-managed-identity
 */
export const containerInstances: Endpoint = (request, state) =>
  answer(request, state, {
    host: 'container-instances',
    apiVersions: ['1.0', ...apiVersions],
    selectors: { principalId: 'objectId' },
    owner: (selector) =>
      findManagedIdentity(state.identities, selector) ??
      notFound(selector ? 'ManagedIdentityNotFound' : 'DefaultIdentityNotDefined'),
  });

interface Host extends Pick<TokenRules<Identity>, 'selectors' | 'owner'> {
  readonly host: string;
  readonly apiVersions: readonly string[];
}

function answer(request: Request, state: State, { host, apiVersions, ...own }: Host): Response {
  const secret = request.headers.get('secret');
  if (secret === null) return refuse(400, 'SecretHeaderNotFound', 'Secret is not found in the request headers.');
  if (secret !== state.hostSecrets.of(host)) {
    return refuse(404, 'ManagedIdentityNotFound', 'No managed identity belongs to this secret.');
  }
  const requested = readTokenRequest(request, {
    ...own,
    repeated: (parameter) =>
      parameter === 'api-version'
        ? refuse(400, 'InvalidApiVersion', 'The api-version appears more than once.')
        : refuse(400, 'InvalidParameter', `${parameter} appears more than once.`),
    apiVersion: (version) =>
      apiVersions.includes(version)
        ? undefined
        : refuse(400, 'InvalidApiVersion', `The api-version is not supported. Supported: ${apiVersions.join(', ')}.`),
    noResource: () => refuse(400, 'ArgumentNullOrEmpty', 'resource is null or empty.'),
    unknownResource: (resource) => refuse(500, 'InternalServerError', `No token could be had for ${resource}.`),
  });
  if (requested instanceof Response) return requested;
  const { owner, resource } = requested;
  const { token: access_token, expiresAt } = issueForIdentity(state, owner, resource);
  return json(200, { token_type: 'Bearer', access_token, expires_on: expiresAt, resource }, kestrel);
}

const kestrel = { server: 'Kestrel' };

const notFound = (code: string) => refuse(404, code, 'The managed identity was not found.');

function refuse(status: number, code: string, message: string): Response {
  return json(status, { error: { correlationId: randomUUID(), code, message } }, kestrel);
}

/** The answers to paths and methods that the service does not know. */
export const serviceFabricRefusals = {
  notFound: () => refuse(404, 'NotFound', 'There is nothing at this path.'),
  methodNotAllowed: () => refuse(405, 'MethodNotAllowed', 'Only GET is supported.'),
};
