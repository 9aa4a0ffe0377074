// Microsoft Entra's token endpoint for programs, in its two versions.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow

import { isAzureAudience } from '../state/audiences.ts';
import { seconds } from '../state/clock.ts';
import { accessTokenClaims, type Identity } from '../state/identities.ts';
import { readJwt } from '../tokens/tokens.ts';
import type { Endpoint, State } from '../types.ts';
import { assertionFault, jwtBearer } from './entra/assertion.ts';
import { isManyTenants, unknownTenant } from './entra/discovery.ts';
import { federatedFault, isFederated } from './entra/federated.ts';
import { answer, type Refusal, refuse } from './entra/refusals.ts';

/** What the two versions of the endpoint do differently. */
interface Version {
  /** What follows the tenant in the endpoint's path. */
  readonly path: string;
  /** The parameter that names the resource. */
  readonly parameter: 'scope' | 'resource';
  resourceOf(value: string): { readonly resource: string; readonly refusal?: Refusal };
  reply(token: string, times: Times, resource: string): object;
}

/** Seconds since 1970. */
interface Times {
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** `POST /{tenant}/oauth2/v2.0/token` */
export const token = endpoint({
  path: '/oauth2/v2.0/token',
  parameter: 'scope',
  resourceOf: readScope,
  reply: (access_token) => ({ token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token }),
});

/**
 * `POST /{tenant}/oauth2/token`, for clients older than MSAL.
 * https://learn.microsoft.com/previous-versions/azure/active-directory/azuread-dev/v1-oauth2-client-creds-grant-flow
 */
export const tokenOfVersion1 = endpoint({
  path: '/oauth2/token',
  parameter: 'resource',
  resourceOf: (resource) => ({ resource }),
  reply: (access_token, { issuedAt, expiresAt }, resource) => ({
    token_type: 'Bearer',
    expires_in: '3599',
    ext_expires_in: '3599',
    expires_on: String(expiresAt),
    not_before: String(issuedAt),
    resource,
    access_token,
  }),
});

function endpoint(version: Version): Endpoint {
  return async (request, state, { tenant = '' }) => {
    const form = new URLSearchParams(await request.text());
    const client = withBasic(form, request.headers.get('authorization'));
    const { host, hostname } = new URL(request.url);
    const requested = version.resourceOf(form.get(version.parameter) ?? '');
    const application = applicationOf(client.id, state);
    const refusal =
      tenantFault(tenant, state) ??
      grantFault(form, client.id, version.parameter) ??
      requested.refusal ??
      (application ? undefined : unknownApplication(client.id)) ??
      credentialFault(form, client, `https://${host}/${tenant}${version.path}`, state) ??
      unknownResource(requested.resource, hostname);
    if (refusal || !application) return refuse(refusal ?? unknownApplication(client.id), state.clock, request.headers);
    const now = seconds(state.clock);
    const times = { issuedAt: now - 300, expiresAt: now + 3600 };
    const { resource } = requested;
    const { tenantId } = state.world;
    const claims = accessTokenClaims({ audience: resource, identity: application, tenantId, ...times });
    return answer(200, version.reply(state.issuers.tenant.sign(claims), times, resource));
  };
}

interface Client {
  readonly id: string;
  readonly secret: string | undefined;
}

/** RFC 6749 section 2.3.1: the id and the secret may come in the form or, form-encoded first, in Basic. */
function withBasic(form: URLSearchParams, authorization: string | null): Client {
  const [, basic] = /^Basic +(\S+)$/i.exec(authorization ?? '') ?? [];
  const [id, secret] = Buffer.from(basic ?? '', 'base64')
    .toString()
    .split(':')
    .map(formDecode);
  return { id: form.get('client_id') ?? id ?? '', secret: form.get('client_secret') ?? secret };
}

const formDecode = (text: string) => new URLSearchParams(`v=${text}`).get('v') ?? '';

/** An application signs in to one tenant. */
function tenantFault(tenant: string, state: State): Refusal | undefined {
  if (!isManyTenants(tenant)) return unknownTenant(tenant, state);
  const text = 'No tenant-identifying information found in either the request or implied by any provided credentials.';
  return { status: 400, error: 'invalid_request', code: 50059, text };
}

function grantFault(form: URLSearchParams, clientId: string, parameter: string): Refusal | undefined {
  const grant = form.get('grant_type');
  const missing = !grant ? 'grant_type' : clientId === '' ? 'client_id' : form.get(parameter) ? undefined : parameter;
  if (missing) {
    const text = `The request body must contain the following parameter: '${missing}'.`;
    return { status: 400, error: 'invalid_request', code: 900144, text };
  }
  if (grant === 'client_credentials') return undefined;
  const text = `The app requested an unsupported grant type '${grant}'.`;
  return { status: 400, error: 'unsupported_grant_type', code: 70003, text };
}

/** Clients may send these along: MSAL for Go and Java always do. https://learn.microsoft.com/entra/identity-platform/scopes-oidc */
const openidScopes = new Set(['openid', 'profile', 'offline_access', 'email']);

/** Beside those, a client credentials scope is a resource and `/.default`, and there is exactly one. A double slash stays. */
function readScope(scope: string): { resource: string; refusal?: Refusal } {
  const [named = '', ...others] = scope.split(' ').filter((one) => one !== '' && !openidScopes.has(one));
  const [, resource] = /^(\S+)\/\.default$/.exec(named) ?? [];
  if (resource !== undefined && others.length === 0) return { resource };
  const text = `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${scope} is not valid.`;
  return { resource: '', refusal: { status: 400, error: 'invalid_scope', code: 70011, text } };
}

/** An application signs in with credentials of its own; a user-assigned identity can only be federated with. */
function applicationOf(clientId: string, { world }: State): Identity | undefined {
  return [world.servicePrincipal, world.userAssigned].find((one) => one.clientId === clientId.toLowerCase());
}

function unknownApplication(clientId: string): Refusal {
  const text = `Application with identifier '${clientId}' was not found in the directory 'local'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`;
  return { status: 400, error: 'unauthorized_client', code: 700016, text };
}

function credentialFault(form: URLSearchParams, client: Client, endpoint: string, state: State) {
  const assertion = form.get('client_assertion') ?? '';
  if (form.get('client_assertion_type') === jwtBearer && isFederated(readJwt(assertion)?.claims ?? {})) {
    return federatedFault(assertion, client.id, state);
  }
  if (form.has('client_assertion')) return assertionFault(form, client.id, endpoint, state);
  if (client.secret === undefined) {
    const text = `The request body must contain the following parameter: 'client_assertion' or 'client_secret'.`;
    return { status: 401, error: 'invalid_client', code: 7000218, text };
  }
  const own = client.id.toLowerCase() === state.world.servicePrincipal.clientId;
  if (own && client.secret === state.hostSecrets.of('service-principal')) return undefined;
  const text = `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${client.id}'.`;
  return { status: 401, error: 'invalid_client', code: 7000215, text };
}

function unknownResource(resource: string, loginHost: string): Refusal | undefined {
  if (isAzureAudience(resource, loginHost)) return undefined;
  const text = `The resource principal named ${resource} was not found in the tenant named local. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`;
  return { status: 400, error: 'invalid_resource', code: 500011, text };
}
