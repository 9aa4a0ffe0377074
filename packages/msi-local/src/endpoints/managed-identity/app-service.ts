// The managed identity endpoint of App Service and Functions, in its two versions, and of Container Apps in the newer one.
// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference

import { randomUUID } from 'node:crypto';
import { findManagedIdentity, type Identity, type Selector } from '../../state/identities.ts';
import { issueForIdentity } from '../../state/issue-token.ts';
import type { Endpoint, State } from '../../types.ts';
import { json } from '../json.ts';
import { readTokenRequest } from './token-request.ts';

interface Version {
  readonly secretHeader: string;
  readonly selectors: Readonly<Record<string, Selector['by']>>;
  expiresOn(at: number, state: State): string;
}

const version2019: Version = {
  secretHeader: 'x-identity-header',
  selectors: { client_id: 'clientId', principal_id: 'objectId', object_id: 'objectId', mi_res_id: 'resourceId' },
  expiresOn: String,
};

const versions: Readonly<Record<string, Version>> = {
  '2017-09-01': {
    secretHeader: 'secret',
    // `client_id` is not among them: this version ignores it and answers with the system-assigned identity.
    // https://github.com/Azure/azure-sdk-for-go/issues/13912
    selectors: { clientid: 'clientId' },
    expiresOn: (at, state) => (state.config.worker === 'windows' ? windowsDate(at) : linuxDate(at)),
  },
  '2019-08-01': version2019,
};

/** `GET /msi/token` on App Service and Functions */
export const appService: Endpoint = (request, state) => {
  // The secret comes before everything else: it is what keeps a forged request inside the app from getting a token.
  const host = hostOfSecret(request, state);
  const apiVersion = apiVersionOf(request);
  const version = versions[apiVersion];
  const refuse = version?.secretHeader === 'secret' && state.config.worker === 'windows' ? failureOnWindows : failure;
  if (host === undefined) return refuse(401, 'The secret header is missing or wrong.');
  if (version === undefined || (host === 'app-service-2017' && apiVersion !== '2017-09-01')) {
    return unsupported(apiVersion, request);
  }
  if (hostOfSecret(request, state, version.secretHeader) === undefined) {
    return refuse(401, `Version ${apiVersion} takes the secret in the header '${version.secretHeader}'.`);
  }
  return answer(request, version, state, refuse);
};

/** `GET /msi/token` on Container Apps: https://learn.microsoft.com/azure/container-apps/managed-identity */
export const containerApps: Endpoint = (request, state) => {
  // https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/issues/5245
  if (hostOfSecret(request, state, 'x-identity-header', ['container-apps']) === undefined) return empty(403);
  const apiVersion = apiVersionOf(request);
  return apiVersion === '2019-08-01' ? answer(request, version2019, state) : unsupported(apiVersion, request);
};

const apiVersionOf = (request: Request) => new URL(request.url).searchParams.get('api-version') ?? '';

function answer(request: Request, version: Version, state: State, refuse = failure): Response {
  const requested = readTokenRequest(request, {
    repeated: (parameter) => refuse(400, `The parameter '${parameter}' appears more than once.`),
    noResource: () => refuse(400, "The parameter 'resource' is missing."),
    selectors: version.selectors,
    manySelectors: () => refuse(400, 'Only one of the parameters that name an identity may be given.'),
    owner: (selector) =>
      findManagedIdentity(state.identities, selector) ?? refuse(400, 'Unable to load requested managed identity.'),
    // The spelling is the service's.
    unknownResource: () => refuse(500, 'An unexpected error occured while fetching the AAD Token.'),
  });
  return requested instanceof Response ? requested : token(requested.resource, requested.owner, version, state);
}

function token(resource: string, identity: Identity, version: Version, state: State): Response {
  const issued = issueForIdentity(state, identity, resource);
  const body = {
    access_token: issued.token,
    expires_on: version.expiresOn(issued.expiresAt, state),
    resource,
    token_type: 'Bearer',
    client_id: identity.clientId,
  };
  if (state.config.worker === 'windows' && version.secretHeader === 'secret') {
    return fromWindows(200, body);
  }
  return json(200, body, kestrel);
}

/** The hosts whose secrets App Service's endpoint takes; another host's secret is a wrong one here. */
const appServices = ['app-service', 'app-service-2017', 'functions'];

function hostOfSecret(request: Request, state: State, header?: string, served = appServices): string | undefined {
  const names = header ? [header] : Object.values(versions).map((version) => version.secretHeader);
  return names
    .map((name) => state.hostSecrets.hostOf(request.headers.get(name)))
    .find((host) => host !== undefined && served.includes(host));
}

/** `MM/DD/YYYY HH:MM:SS +00:00`, as Linux workers write it. */
function linuxDate(at: number): string {
  const [year, month, day, time] = dateParts(at);
  return `${month}/${day}/${year} ${time} +00:00`;
}

/** `M/D/YYYY h:mm:ss AM/PM +00:00`: https://github.com/Azure/azure-sdk-for-python/issues/9393 */
function windowsDate(at: number): string {
  const [year, month, day, time] = dateParts(at);
  const hour = Number(time.slice(0, 2));
  const clock = `${hour % 12 || 12}${time.slice(2)} ${hour < 12 ? 'AM' : 'PM'}`;
  return `${Number(month)}/${Number(day)}/${year} ${clock} +00:00`;
}

function dateParts(at: number): [year: string, month: string, day: string, time: string] {
  const iso = new Date(at * 1000).toISOString();
  return [iso.slice(0, 4), iso.slice(5, 7), iso.slice(8, 10), iso.slice(11, 19)];
}

/** https://github.com/Azure/azure-sdk-for-python/issues/14670 */
function unsupported(apiVersion: string, request: Request): Response {
  const message = `The HTTP resource that matches the request URI '${request.url}' does not support the API version '${apiVersion}'.`;
  return json(400, { error: { code: 'UnsupportedApiVersion', message, innerError: null } }, kestrel);
}

function failure(statusCode: number, message: string): Response {
  const correlationId = randomUUID();
  return json(statusCode, { statusCode, message, correlationId }, { ...kestrel, 'x-correlation-id': correlationId });
}

/** https://github.com/Azure/azure-sdk-for-net/issues/21079 */
const failureOnWindows = (status: number, message: string) =>
  fromWindows(status, { StatusCode: status, Message: message, CorrelationId: randomUUID() });

/** In the protocol of 2017 Windows workers name no content type: https://github.com/Azure/azure-sdk-for-net/issues/12869 */
const fromWindows = (status: number, body: object) =>
  new Response(new TextEncoder().encode(JSON.stringify(body)), { status });

/** The answers to paths and methods that the service does not know. */
export const appServiceRefusals = {
  notFound: () => failure(404, 'Not Found'),
  methodNotAllowed: () => failure(405, 'Method Not Allowed'),
};

/** On Container Apps those are empty: https://github.com/microsoft/azure-container-apps/issues/502 */
export const containerAppsRefusals = { notFound: () => empty(404), methodNotAllowed: () => empty(405) };

const empty = (status: number): Response => new Response(null, { status });

const kestrel = { server: 'Kestrel' };
