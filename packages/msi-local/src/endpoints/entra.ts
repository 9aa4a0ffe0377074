// Microsoft Entra's token endpoint for programs, with the discovery documents that lead to it.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow

import { clouds, isOfOtherCloud } from '../network/clouds.ts';
import { isAzureAudience } from '../state/audiences.ts';
import { seconds } from '../state/clock.ts';
import { accessTokenClaims, type Identity } from '../state/identities.ts';
import { readJwt } from '../tokens/tokens.ts';
import type { Endpoint, State } from '../types.ts';
import { assertionFault, jwtBearer } from './entra/assertion.ts';
import { federatedFault, isFederated } from './entra/federated.ts';
import { answer, type Refusal, refuse } from './entra/refusals.ts';

/** `GET /common/discovery/instance`: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc */
export const instanceDiscovery: Endpoint = (request) => {
  const requested = new URL(request.url).searchParams.get('authorization_endpoint') ?? request.url;
  const tenant = URL.canParse(requested) ? new URL(requested).pathname.split('/')[1] : undefined;
  const { host } = new URL(request.url);
  return answer(200, {
    tenant_discovery_endpoint: `https://${host}/${tenant || 'common'}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: clouds.map(({ loginHosts }) => ({
      preferred_network: loginHosts[0],
      preferred_cache: loginHosts[1] ?? loginHosts[0],
      aliases: loginHosts,
    })),
  });
};

/** `GET /{tenant}/v2.0/.well-known/openid-configuration` (OpenID Connect Discovery 1.0). */
export const openidConfiguration: Endpoint = (request, state, { tenant = '' }) => {
  const unknown = unknownTenant(tenant, state);
  if (unknown) return refuse({ ...unknown, error: 'invalid_tenant' }, state.clock);
  const base = `https://${new URL(request.url).host}/${tenant}`;
  return answer(200, {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    response_types_supported: ['code', 'id_token', 'token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'tid', 'ver'],
  });
};

/** `GET /{tenant}/discovery/v2.0/keys` (RFC 7517). */
export const keys: Endpoint = (_request, state) => answer(200, { keys: state.issuers.tenant.keys() });

/** `POST /{tenant}/oauth2/v2.0/token` */
export const token: Endpoint = async (request, state, { tenant = '' }) => {
  const form = new URLSearchParams(await request.text());
  const client = withBasic(form, request.headers.get('authorization'));
  const endpoint = `https://${new URL(request.url).host}/${tenant}/oauth2/v2.0/token`;
  const requested = readScope(form);
  const application = applicationOf(client.id, state);
  const refusal =
    unknownTenant(tenant, state) ??
    grantFault(form, client.id) ??
    requested.refusal ??
    (application ? undefined : unknownApplication(client.id)) ??
    credentialFault(form, client, endpoint, state) ??
    unknownResource(requested.resource, new URL(request.url).hostname);
  if (refusal || !application) return refuse(refusal ?? unknownApplication(client.id), state.clock, request.headers);
  const now = seconds(state.clock);
  const claims = accessTokenClaims({
    audience: requested.resource,
    identity: application,
    tenantId: state.world.tenantId,
    issuedAt: now - 300,
    expiresAt: now + 3600,
  });
  const access_token = state.issuers.tenant.sign(claims);
  return answer(200, { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token });
};

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

function unknownTenant(tenant: string, state: State): Refusal | undefined {
  if (tenant.toLowerCase() === state.world.tenantId) return undefined;
  const text = `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`;
  return { status: 400, error: 'invalid_request', code: 90002, text };
}

function grantFault(form: URLSearchParams, clientId: string): Refusal | undefined {
  const grant = form.get('grant_type');
  const missing = !grant ? 'grant_type' : clientId === '' ? 'client_id' : form.get('scope') ? undefined : 'scope';
  if (missing) {
    const text = `The request body must contain the following parameter: '${missing}'.`;
    return { status: 400, error: 'invalid_request', code: 900144, text };
  }
  if (grant === 'client_credentials') return undefined;
  const text = `The app requested an unsupported grant type '${grant}'.`;
  return { status: 400, error: 'unsupported_grant_type', code: 70003, text };
}

/** A client credentials scope is a resource and `/.default`, and there is exactly one. A double slash stays. */
function readScope(form: URLSearchParams): { resource: string; refusal?: Refusal } {
  const scope = form.get('scope') ?? '';
  const [, resource] = /^(\S+)\/\.default$/.exec(scope) ?? [];
  if (resource !== undefined) return { resource };
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

/** No tenant has the services of another cloud. https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud */
function unknownResource(resource: string, loginHost: string): Refusal | undefined {
  if (isAzureAudience(resource) && !isOfOtherCloud(resource, loginHost)) return undefined;
  const text = `The resource principal named ${resource} was not found in the tenant named local. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`;
  return { status: 400, error: 'invalid_resource', code: 500011, text };
}
