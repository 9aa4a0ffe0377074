// Managed identity on a compute instance or job of Azure Machine Learning. The protocol is known from its users:
// https://github.com/Azure/azure-sdk-for-python/issues/36047

import { findManagedIdentity } from '../../state/identities.ts';
import { issueForIdentity, issueForPerson } from '../../state/issue-token.ts';
import type { Endpoint } from '../../types.ts';
import { readTokenRequest } from './token-request.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `GET /msi/token` */
export const azureMl: Endpoint = (request, state) => {
  const secret = request.headers.get('secret');
  if (secret !== state.hostSecrets.of('azure-ml')) {
    // The wrong value is not repeated: https://github.com/Azure/azure-sdk-for-net/issues/46932
    return text(401, 'Invalid secret token header: .');
  }
  const requested = readTokenRequest(request, {
    repeated: (parameter) => text(400, `The parameter ${parameter} appears more than once.`),
    apiVersion: (version) =>
      version === '2017-09-01' ? undefined : text(400, 'The api-version is missing or not supported.'),
    noResource: () => internal(400),
    selectors: { clientid: 'clientId' },
    owner: (selector) => selector && findManagedIdentity(state.identities, selector),
    unknownResource: () => internal(400),
  });
  if (requested instanceof Response) return requested;
  const { resource, owner, selector } = requested;
  if (owner === undefined && guid.test(selector?.value ?? '')) return internal(404);
  // Without a GUID the service answers all the same, with a token of whoever is signed in to the compute instance.
  const issued = owner ? issueForIdentity(state, owner, resource) : issueForPerson(state, resource);
  const body = {
    access_token: issued.token,
    expires_in: issued.expiresIn,
    expires_on: issued.expiresAt,
    resource,
    token_type: 'Bearer',
  };
  return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });
};

/** https://github.com/Azure/azure-sdk-for-net/issues/49174 */
const internal = (inner: number) => text(400, `InternalError - :{ Info: Request failure status code: ${inner} }`);

/** The answers to paths and methods that the service does not know. */
export const azureMlRefusals = {
  notFound: () => text(404, 'Not Found'),
  methodNotAllowed: () => text(405, 'Method Not Allowed'),
};

function text(status: number, message: string): Response {
  return new Response(message, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
