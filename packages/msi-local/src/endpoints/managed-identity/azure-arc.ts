// Azure Arc's agent on a server outside Azure: a challenge names a file that only the machine's own users can read.
// https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication

import { randomUUID } from 'node:crypto';
import { findManagedIdentity, type Identity, type Selector } from '../../state/identities.ts';
import { issueForIdentity } from '../../state/issue-token.ts';
import type { Endpoint, State } from '../../types.ts';
import { readTokenRequest } from './token-request.ts';

const apiVersions = ['2019-08-15', '2019-11-01', '2020-06-01'];

/** `mi_res_id` is not among them: the agent ignores it. */
const selectors: Readonly<Record<string, Selector['by']>> = {
  client_id: 'clientId',
  object_id: 'objectId',
  msi_res_id: 'resourceId',
};

/** `GET /metadata/identity/oauth2/token` */
export const azureArc: Endpoint = (request, state) => {
  if (request.headers.get('metadata') !== 'true') {
    return refuse(400, 'invalid_request', 'Required metadata header not specified', state);
  }
  const invalid = (text: string) => refuse(400, 'invalid_request', text, state);
  const old = state.arcKeys.options.agent === 'old';
  const requested = readTokenRequest(request, {
    repeated: (parameter) => invalid(`The parameter ${parameter} appears more than once`),
    apiVersion: (version) =>
      apiVersions.includes(version) ? undefined : invalid(`The api-version '${version}' is missing or not supported`),
    noResource: () => invalid('The parameter resource is missing'),
    selectors,
    manySelectors: (parameters) => invalid(`The parameters ${parameters.join(' and ')} exclude each other`),
    owner: (selector) => keyFault(request, state) ?? ownerOf(old ? undefined : selector, state),
    unknownResource: (resource) =>
      refuse(400, 'invalid_resource', `AADSTS500011: The resource principal named ${resource} was not found`, state),
  });
  if (requested instanceof Response) return requested;
  const { resource, owner, selector } = requested;
  const issued = issueForIdentity(state, owner, resource);
  return json(200, {
    access_token: issued.token,
    refresh_token: '',
    expires_in: String(issued.expiresIn),
    expires_on: String(issued.expiresAt),
    not_before: String(issued.notBefore),
    // Recorded agents leave it empty; those that know user-assigned identities repeat how the identity was named.
    resource: old ? '' : resource,
    token_type: 'Bearer',
    ...(selector && !old && { [selector.parameter]: owner[selector.by] }),
  });
};

/** The challenge for a request without a good key. */
function keyFault(request: Request, state: State): Response | undefined {
  const [, key] = /^Basic (.+)$/.exec(request.headers.get('authorization') ?? '') ?? [];
  if (key === undefined) return challenge('Missing Basic Authorization header', state);
  return state.arcKeys.redeem(key) ? undefined : challenge('Invalid Basic Authorization header', state);
}

function challenge(text: string, state: State): Response {
  const kind = state.arcKeys.options.challenge;
  const response =
    kind === 'empty-body' || kind === 'plain-text'
      ? new Response(kind === 'plain-text' ? 'Unauthorized' : null, { status: 401 })
      : refuse(401, 'unauthorized_client', text, state);
  const header = state.arcKeys.challenge();
  if (header !== undefined) response.headers.set('www-authenticate', header);
  return response;
}

/** A connected machine always has an identity of its own; others come beside it, never in its place. */
function ownerOf(selector: Selector | undefined, state: State): Identity | Response {
  const identities = { ...state.identities, systemAssigned: state.world.systemAssigned };
  return findManagedIdentity(identities, selector) ?? refuse(404, 'not_found', 'Identity not found', state);
}

function refuse(status: number, error: string, text: string, { clock }: State): Response {
  const [date, time] = new Date(clock.now()).toISOString().slice(0, -1).split('T');
  const timestamp = `${date} ${time} +0000 UTC`;
  const ids = { trace_id: '', correlation_id: randomUUID() };
  return json(status, { error, error_description: text, error_codes: [status], timestamp, ...ids });
}

/** The answers to paths and methods that the agent does not know. */
export const azureArcRefusals = {
  notFound: () => json(404, { error: 'not_found', error_description: 'Not found' }),
  methodNotAllowed: () => json(405, { error: 'invalid_request', error_description: 'Method not allowed' }),
};

const json = (status: number, body: object): Response => Response.json(body, { status });
