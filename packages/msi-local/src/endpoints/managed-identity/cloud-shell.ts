// Cloud Shell hands out tokens of the person who is signed in to it.
// https://learn.microsoft.com/azure/cloud-shell/msi-authorization

import { issueForPerson } from '../../state/issue-token.ts';
import type { Endpoint } from '../../types.ts';
import { json } from '../json.ts';

/** Compared exactly, slash and all: https://github.com/Azure/azure-cli/issues/20715 */
const audiences = new Set([
  'https://management.azure.com',
  'https://management.azure.com/',
  'https://management.core.windows.net/',
  'https://graph.microsoft.com',
  'https://graph.microsoft.com/',
  'https://graph.windows.net/',
  'https://storage.azure.com',
  'https://storage.azure.com/',
  'https://vault.azure.net',
]);

/**
 * `POST /oauth2/token` with a form, or `GET` with a query, as its documentation shows. Whatever else they hold, the name of an
 * identity too, is ignored.
 */
export const cloudShell: Endpoint = async (request, state) => {
  if (request.headers.get('metadata') !== 'true') {
    return refuse('MissingMetadataHeader', 'The header Metadata must be present with the value true.');
  }
  const parameters =
    request.method === 'GET' ? new URL(request.url).searchParams : new URLSearchParams(await request.text());
  const resource = parameters.get('resource');
  if (!resource) return refuse('InvalidRequest', 'The parameter resource is missing.');
  if (!audiences.has(resource)) {
    return refuse('AudienceNotSupported', `Audience ${resource} is not a supported MSI token audience.`);
  }
  const issued = issueForPerson(state, resource);
  return json(200, {
    access_token: issued.token,
    refresh_token: '',
    expires_in: String(issued.expiresIn - 1),
    expires_on: String(issued.expiresAt),
    not_before: String(issued.notBefore),
    resource,
    token_type: 'Bearer',
  });
};

const refuse = (code: string, message: string, status = 400) => json(status, { error: { code, message } });

/** The answers to paths and methods that the service does not know. */
export const cloudShellRefusals = {
  notFound: () => refuse('NotFound', 'There is nothing at this path.', 404),
  methodNotAllowed: () => refuse('MethodNotAllowed', 'Only GET and POST are supported.', 405),
};
