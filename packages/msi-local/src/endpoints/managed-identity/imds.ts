// The instance metadata service of a virtual machine, as far as it hands out tokens.
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token

import { randomUUID } from 'node:crypto';
import { findManagedIdentity, type Identity, type Selector } from '../../state/identities.ts';
import { issueForIdentity } from '../../state/issue-token.ts';
import type { Endpoint, State } from '../../types.ts';
import { json } from '../json.ts';
import { readTokenRequest } from './token-request.ts';

/** https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service#supported-api-versions, from the first with tokens. */
const apiVersions = [
  ...['2018-02-01', '2018-04-02', '2018-10-01', '2019-02-01', '2019-03-11', '2019-04-30', '2019-06-01', '2019-06-04'],
  ...['2019-08-01', '2019-08-15', '2019-11-01', '2020-06-01', '2020-07-15', '2020-09-01', '2020-10-01', '2020-12-01'],
  ...['2021-01-01', '2021-02-01', '2021-03-01', '2021-05-01', '2021-10-01', '2021-11-01', '2021-11-15', '2021-12-13'],
  ...['2023-07-01', '2023-11-15', '2024-03-15', '2024-07-17', '2025-04-07'],
];

/** The documents name the resource id both ways; the SDKs write `msi_res_id`. */
const selectors: Readonly<Record<string, Selector['by']>> = {
  client_id: 'clientId',
  object_id: 'objectId',
  msi_res_id: 'resourceId',
  mi_res_id: 'resourceId',
};

/** `GET /metadata/identity/oauth2/token` */
export const imds: Endpoint = (request, state) => {
  // Before everything else and at once: this is how a probe learns where it runs.
  if (request.headers.get('metadata') !== 'true') {
    return answer(400, { error: 'invalid_request', error_description: 'Required metadata header not specified' });
  }
  // A proxy in between would let a forged request out of a web application reach this service.
  if (request.headers.has('x-forwarded-for')) return invalid('Requests with the header X-Forwarded-For are refused');
  const requested = readTokenRequest(request, {
    repeated: (parameter) => invalid(`The parameter ${parameter} appears more than once`),
    apiVersion: versionFault,
    noResource: () => invalid('The parameter resource was not specified in the request'),
    selectors,
    manySelectors: () => invalid('Only one identity can be named in a token request'),
    owner: (selector) => ownerOf(selector, state),
    unknownResource: (resource) => unknownResource(resource, state),
  });
  return requested instanceof Response ? requested : token(requested.resource, requested.owner, state);
};

function versionFault(version: string): Response | undefined {
  if (apiVersions.includes(version)) return undefined;
  const what = version ? `The api-version ${version} is not supported` : 'api-version was not specified';
  const newest = apiVersions.slice(-3).reverse();
  return invalid(`${what} in the request. The newest versions: ${newest}`, { 'newest-versions': newest });
}

/** Without a selector: the machine's own identity, or the only other one that there is. */
function ownerOf(selector: Selector | undefined, { identities }: State): Identity | Response {
  const { userAssigned } = identities;
  const found = findManagedIdentity(identities, selector);
  if (found !== undefined) return found;
  if (selector !== undefined || userAssigned[0] === undefined) return invalid('Identity not found');
  if (userAssigned.length === 1) return userAssigned[0];
  return invalid(
    'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request',
  );
}

function unknownResource(resource: string, { clock }: State): Response {
  const text = `AADSTS500011: The resource principal named ${resource} was not found in the tenant named local. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`;
  const trace = `Trace ID: ${randomUUID()}\r\nCorrelation ID: ${randomUUID()}`;
  const timestamp = `${new Date(clock.now()).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return refuse('invalid_resource', `${text}\r\n${trace}\r\nTimestamp: ${timestamp}`);
}

function token(resource: string, identity: Identity, state: State): Response {
  const issued = issueForIdentity(state, identity, resource);
  const body = {
    access_token: issued.token,
    client_id: identity.clientId,
    expires_in: String(issued.expiresIn),
    expires_on: String(issued.expiresAt),
    ext_expires_in: '86399',
    not_before: String(issued.notBefore),
    resource,
    token_type: 'Bearer',
  };
  return answer(200, body, { 'x-ms-request-id': randomUUID() });
}

const invalid = (text: string, more?: object) => refuse('invalid_request', text, more);

function refuse(error: string, text: string, more?: object): Response {
  return answer(400, { error, error_description: text, ...more }, { 'x-ms-request-id': randomUUID() });
}

/** The answers to paths and methods that the service does not know, those of its second version among them. */
export const imdsRefusals = {
  notFound: () => answer(404, { error: 'Not found' }),
  methodNotAllowed: () => answer(405, { error: 'Method not allowed' }),
};

const answer = (status: number, body: object, headers?: Record<string, string>) =>
  json(status, body, { server: 'IMDS/150.870.65.1475', ...headers });
