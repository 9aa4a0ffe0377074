// Managed identity on a compute instance or job of Azure Machine Learning. The protocol is known from its users:
// https://github.com/Azure/azure-sdk-for-python/issues/36047

import { isAzureAudience } from '../state/audiences.ts';
import { findManagedIdentity } from '../state/identities.ts';
import { issueForIdentity, issueForPerson } from '../state/issue-token.ts';
import type { Endpoint } from '../types.ts';
import { repeatedName } from '../wire/query.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `GET /msi/token` */
export const azureMl: Endpoint = (request, state) => {
  const secret = request.headers.get('secret');
  if (secret !== state.hostSecrets.of('azure-ml')) {
    // The wrong value is not repeated: https://github.com/Azure/azure-sdk-for-net/issues/46932
    return text(401, 'Invalid secret token header: .');
  }
  const query = new URL(request.url).searchParams;
  const repeated = repeatedName(query);
  if (repeated !== undefined) return text(400, `The parameter ${repeated} appears more than once.`);
  if (query.get('api-version') !== '2017-09-01') return text(400, 'The api-version is missing or not supported.');
  const resource = query.get('resource');
  if (!resource || !isAzureAudience(resource)) return internal(400);
  const clientId = query.get('clientid') ?? '';
  const identity = findManagedIdentity(state.identities, { by: 'clientId', value: clientId });
  if (identity === undefined && guid.test(clientId)) return internal(404);
  // Without a GUID the service answers all the same, with a token of whoever is signed in to the compute instance.
  const issued = identity ? issueForIdentity(state, identity, resource) : issueForPerson(state, resource);
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
