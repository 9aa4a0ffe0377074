// The documents that lead clients to Entra's token endpoint and to the keys of its tokens.
// https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc

import { clouds } from '../../network/clouds.ts';
import type { Endpoint, State } from '../../types.ts';
import { answer, type Refusal, refuse } from './refusals.ts';

/** Names in place of a tenant, for programs that learn at sign-in which one it is. */
export const isManyTenants = (tenant: string) => /^(common|organizations)$/i.test(tenant);

export function unknownTenant(tenant: string, state: State): Refusal | undefined {
  if (tenant.toLowerCase() === state.world.tenantId) return undefined;
  const text = `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`;
  return { status: 400, error: 'invalid_request', code: 90002, text };
}

/** `GET /{tenant}/discovery/instance` */
export const instanceDiscovery: Endpoint = (request) => {
  const requested = new URL(request.url).searchParams.get('authorization_endpoint') ?? request.url;
  const tenant = URL.canParse(requested) ? new URL(requested).pathname.split('/').find(Boolean) : undefined;
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

/** `GET /{tenant}/v2.0/.well-known/openid-configuration` (OpenID Connect Discovery 1.0) */
export const openidConfiguration = document((base, tenant) => ({
  issuer: base.replace(/[^/]+$/, `${tenant}/v2.0`),
  token_endpoint: `${base}/oauth2/v2.0/token`,
  jwks_uri: `${base}/discovery/v2.0/keys`,
  authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
  device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
  end_session_endpoint: `${base}/oauth2/v2.0/logout`,
}));

/** `GET /{tenant}/.well-known/openid-configuration`: the issuer of Key Vault's tokens, and of managed identities'. */
export const openidConfigurationOfVersion1 = document((base, tenant) => ({
  issuer: `https://sts.windows.net/${tenant}/`,
  token_endpoint: `${base}/oauth2/token`,
  jwks_uri: `${base}/discovery/keys`,
  authorization_endpoint: `${base}/oauth2/authorize`,
  device_authorization_endpoint: `${base}/oauth2/devicecode`,
  end_session_endpoint: `${base}/oauth2/logout`,
}));

/** `addresses` gets the address of the tenant, and its id as issuers have it. */
function document(addresses: (base: string, tenant: string) => object): Endpoint {
  return (request, state, { tenant = '' }) => {
    const unknown = isManyTenants(tenant) ? undefined : unknownTenant(tenant, state);
    if (unknown) return refuse({ ...unknown, error: 'invalid_tenant' }, state.clock);
    return answer(200, {
      ...addresses(`https://${new URL(request.url).host}/${tenant}`, isManyTenants(tenant) ? '{tenantid}' : tenant),
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      response_types_supported: ['code', 'id_token', 'token'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'tid', 'ver'],
    });
  };
}

/** `GET /{tenant}/discovery/v2.0/keys` and `GET /{tenant}/discovery/keys` (RFC 7517) */
export const keys: Endpoint = (_request, state) => answer(200, { keys: state.issuers.tenant.keys() });
