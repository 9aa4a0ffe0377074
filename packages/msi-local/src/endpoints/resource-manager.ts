// Azure Resource Manager, as far as signing in to a tool needs it: one subscription and the tenant it belongs to. Nobody has a
// role on anything, so that all else is refused.
// https://learn.microsoft.com/rest/api/resources/subscriptions, https://learn.microsoft.com/rest/api/resources/tenants

import { seconds } from '../state/clock.ts';
import type { World } from '../state/identities.ts';
import { type Jwt, readJwt } from '../tokens/tokens.ts';
import type { Endpoint, State } from '../types.ts';
import { json } from './json.ts';

/** A token may name any of them. */
const audiences = [
  'https://management.core.windows.net/',
  'https://management.core.windows.net',
  'https://management.azure.com/',
  'https://management.azure.com',
];

/** `GET /subscriptions` */
export const listSubscriptions = operation((_request, { world }) => list([subscription(world)]));

/** `GET /tenants` */
export const listTenants = operation((_request, { world }) => list([tenant(world)]));

/** `GET /subscriptions/{id}` */
export const getSubscription = operation((_request, { world }, { id = '' }) =>
  id.toLowerCase() === world.subscriptionId
    ? json(200, subscription(world))
    : refuse(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`),
);

/** Everything else. */
export const forbidden = operation((request, _state, _params, { claims }) => {
  const { pathname } = new URL(request.url);
  const message = `The client '${claims.appid}' with object id '${claims.oid}' does not have authorization to perform action '${actionOf(request.method, pathname)}' over scope '${pathname}' or the scope is invalid. If access was recently granted, please refresh your credentials.`;
  return refuse(403, 'AuthorizationFailed', message);
});

type Work = (request: Request, state: State, params: Readonly<Record<string, string>>, jwt: Jwt) => Response;

/** Who is it, then what they want, then whether they may. */
function operation(work: Work): Endpoint {
  return (request, state, params) => {
    const [, token] = /^Bearer +(.*)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
    const jwt = readJwt(token ?? '');
    const fault =
      token === undefined
        ? (['AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing."] as const)
        : jwt === undefined
          ? invalid('The access token is invalid.')
          : tokenFault(jwt, state);
    if (fault || jwt === undefined) return unauthorized(...(fault ?? invalid('')), state.world);
    return new URL(request.url).searchParams.get('api-version')
      ? work(request, state, params, jwt)
      : refuse(
          400,
          'MissingApiVersionParameter',
          'The api-version query parameter (?api-version=) is required for all requests.',
        );
  };
}

type Fault = readonly [code: string, message: string];

const invalid = (message: string): Fault => ['InvalidAuthenticationToken', message];

function tokenFault(jwt: Jwt, { issuers, world, clock }: State): Fault | undefined {
  const { claims } = jwt;
  if (!issuers.tenant.verifies(jwt)) return invalid('The access token has an invalid signature.');
  const issuer = `https://sts.windows.net/${world.tenantId}/`;
  if (claims.iss !== issuer || claims.tid !== world.tenantId) {
    const text = `The access token is from the wrong issuer '${claims.iss}'. It must match the tenant '${issuer}' associated with this subscription.`;
    return ['InvalidAuthenticationTokenTenant', text];
  }
  if (!audiences.includes(String(claims.aud))) {
    const text = `The access token has been obtained for wrong audience or resource '${claims.aud}'. It should exactly match with one of the allowed audiences '${audiences.join("','")}'.`;
    return ['InvalidAuthenticationTokenAudience', text];
  }
  const [now, { exp, nbf }] = [seconds(clock), claims];
  if (typeof exp === 'number' && exp > now && !(typeof nbf === 'number' && nbf > now)) return undefined;
  return [
    'ExpiredAuthenticationToken',
    `The access token is valid from '${nbf}' to '${exp}'. The current time is '${now}'.`,
  ];
}

function unauthorized(code: string, message: string, { tenantId }: World): Response {
  const response = refuse(401, code, message);
  const address = `https://login.microsoftonline.com/${tenantId}`;
  response.headers.set(
    'www-authenticate',
    `Bearer authorization_uri="${address}", error="invalid_token", error_description="${message}"`,
  );
  return response;
}

const refuse = (status: number, code: string, message: string) => json(status, { error: { code, message } });

const list = (value: object[]) => json(200, { value, count: { type: 'Total', value: value.length } });

const subscription = ({ subscriptionId, tenantId }: World) => ({
  id: `/subscriptions/${subscriptionId}`,
  authorizationSource: 'RoleBased',
  managedByTenants: [],
  subscriptionId,
  tenantId,
  displayName: 'local',
  state: 'Enabled',
  subscriptionPolicies: {
    locationPlacementId: 'Public_2014-09-01',
    quotaId: 'PayAsYouGo_2014-09-01',
    spendingLimit: 'Off',
  },
});

const tenant = ({ tenantId }: World) => ({
  id: `/tenants/${tenantId}`,
  tenantId,
  countryCode: 'NL',
  displayName: 'local',
  domains: ['local.onmicrosoft.com'],
  tenantCategory: 'Home',
  defaultDomain: 'local.onmicrosoft.com',
  tenantType: 'AAD',
});

/** `Microsoft.KeyVault/vaults/read`: the provider, the types of what the path names, and what is done to it. */
function actionOf(method: string, pathname: string): string {
  const parts = pathname.split('/').filter(Boolean);
  const at = parts.findLastIndex((part) => part.toLowerCase() === 'providers');
  const [provider, ...rest] = at === -1 ? ['Microsoft.Resources', ...parts] : parts.slice(at + 1);
  const types = rest.filter((_, index) => index % 2 === 0);
  const verb = { GET: 'read', HEAD: 'read', DELETE: 'delete', POST: 'action' }[method] ?? 'write';
  return [provider, ...types, verb].join('/');
}
