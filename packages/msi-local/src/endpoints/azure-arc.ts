// Azure Arc's agent on a server outside Azure: a challenge names a file that only the machine's own users can read.
// https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication

import { randomUUID } from 'node:crypto';
import { isAzureAudience } from '../state/audiences.ts';
import { findManagedIdentity, type Identity, type Selector } from '../state/identities.ts';
import { issueForIdentity } from '../state/issue-token.ts';
import type { Endpoint, State } from '../types.ts';
import { repeatedName } from '../wire/query.ts';

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
  const query = new URL(request.url).searchParams;
  const fault = queryFault(query);
  if (fault !== undefined) return refuse(400, 'invalid_request', fault, state);
  const [, key] = /^Basic (.+)$/.exec(request.headers.get('authorization') ?? '') ?? [];
  if (key === undefined) return challenge('Missing Basic Authorization header', state);
  if (!state.arcKeys.redeem(key)) return challenge('Invalid Basic Authorization header', state);
  return answer(query, state);
};

function queryFault(query: URLSearchParams): string | undefined {
  const repeated = repeatedName(query);
  if (repeated !== undefined) return `The parameter ${repeated} appears more than once`;
  const apiVersion = query.get('api-version') ?? '';
  if (!apiVersions.includes(apiVersion)) return `The api-version '${apiVersion}' is missing or not supported`;
  if (!query.get('resource')) return 'The parameter resource is missing';
  const named = Object.keys(selectors).filter((parameter) => query.has(parameter));
  return named.length > 1 ? `The parameters ${named.join(' and ')} exclude each other` : undefined;
}

function challenge(text: string, state: State): Response {
  const header = state.arcKeys.challenge();
  const headers = header === undefined ? {} : { 'www-authenticate': header };
  const { challenge: kind } = state.arcKeys.options;
  if (kind === 'empty-body') return new Response(null, { status: 401, headers });
  if (kind === 'plain-text') return new Response('Unauthorized', { status: 401, headers });
  return refuse(401, 'unauthorized_client', text, state, headers);
}

function answer(query: URLSearchParams, state: State): Response {
  const old = state.arcKeys.options.agent === 'old';
  const chosen = old ? undefined : Object.entries(selectors).find(([parameter]) => query.has(parameter));
  const identity = identityFor(chosen && { by: chosen[1], value: query.get(chosen[0]) ?? '' }, state);
  if (identity === undefined) return refuse(404, 'not_found', 'Identity not found', state);
  const resource = query.get('resource') ?? '';
  if (!isAzureAudience(resource)) {
    return refuse(
      400,
      'invalid_resource',
      `AADSTS500011: The resource principal named ${resource} was not found`,
      state,
    );
  }
  const issued = issueForIdentity(state, identity, resource);
  return json(200, {
    access_token: issued.token,
    refresh_token: '',
    expires_in: String(issued.expiresIn),
    expires_on: String(issued.expiresAt),
    not_before: String(issued.notBefore),
    // Recorded agents leave it empty; those that know user-assigned identities repeat how the identity was named.
    resource: old ? '' : resource,
    token_type: 'Bearer',
    ...(chosen && { [chosen[0]]: identity[chosen[1]] }),
  });
}

/** A connected machine always has an identity of its own; others come beside it, never in its place. */
function identityFor(selector: Selector | undefined, { world, identities }: State): Identity | undefined {
  return findManagedIdentity({ ...identities, systemAssigned: world.systemAssigned }, selector);
}

function refuse(status: number, error: string, text: string, { clock }: State, headers = {}): Response {
  const [date, time] = new Date(clock.now()).toISOString().slice(0, -1).split('T');
  const timestamp = `${date} ${time} +0000 UTC`;
  const ids = { trace_id: '', correlation_id: randomUUID() };
  return json(status, { error, error_description: text, error_codes: [status], timestamp, ...ids }, headers);
}

/** The answers to paths and methods that the agent does not know. */
export const azureArcRefusals = {
  notFound: () => json(404, { error: 'not_found', error_description: 'Not found' }),
  methodNotAllowed: () => json(405, { error: 'invalid_request', error_description: 'Method not allowed' }),
};

function json(status: number, body: object, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
}
