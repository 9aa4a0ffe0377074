import { later, marker, nobody, type Row } from './row.ts';

const html = { 'content-type': 'text/html' };
const token = { access_token: `eyJ${marker}`, resource: 'https://vault.azure.net', token_type: 'Bearer' };
const challenge = (header: string) => ({ status: 401, headers: { 'www-authenticate': header }, times: 2 });
const agentsFolder = '/var/opt/azcmagent/tokens/';

/** App Service with its newer pair alone, so that there is one way to fail. */
const app = (title: string, code: string, rest: Partial<Row>): Row => ({ title, code, host: 'app-service', ...rest });
const arc = (title: string, code: string, rest: Partial<Row>): Row => ({
  title,
  code,
  // Not the stand-in's own host of that name, which needs the agent's folder: its variables are enough.
  host: 'laptop',
  env: ({ local }) => ({ IDENTITY_ENDPOINT: `${local.addresses.managedIdentity}/msi/token`, IMDS_ENDPOINT: 'x' }),
  ...rest,
});
const days = (count: number) => Math.floor(Date.now() / 1000) + count * 86_400;

/** The endpoint of the host is not there, is ill, or is something else. */
export const endpointRows: readonly Row[] = [
  app('nobody listens at the endpoint', 'ERR_UNREACHABLE', {
    world: 'slow',
    env: { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token', MSI_ENDPOINT: '', MSI_SECRET: '' },
    says: ['not up yet'],
  }),
  {
    title: 'nobody listens at the endpoint, on Container Apps',
    code: 'ERR_UNREACHABLE',
    host: 'container-apps',
    world: 'patient',
    env: { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token' },
    says: ['init container'],
  },
  app('nobody listens at the endpoint until the time is up', 'ERR_TIMEOUT', {
    env: { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token', MSI_ENDPOINT: '', MSI_SECRET: '' },
    wish: { options: { timeoutMs: 1_000 } },
    says: ['it is not up yet, the last try failed (ECONNREFUSED)'],
  }),
  {
    title: 'nobody listens at the endpoint, in an init container of Container Apps',
    code: 'ERR_UNREACHABLE',
    host: 'container-apps',
    world: 'slow',
    env: { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token' },
    says: ['init container'],
  },
  app('the endpoint cuts every connection', 'ERR_UNREACHABLE', {
    world: 'slowest',
    endpoint: { connection: 'reset', times: 9 },
  }),
  app('the endpoint sends half an answer until the time is up', 'ERR_TIMEOUT', {
    endpoint: { connection: 'truncate', times: 9 },
    says: ['it is not up yet, the last try failed (ECONNRESET)'],
    wish: { options: { timeoutMs: 1_000 } },
  }),
  app('the endpoint hangs', 'ERR_TIMEOUT', {
    endpoint: { connection: 'hang' },
    wish: { options: { timeoutMs: 200 } },
  }),
  app('the endpoint fails until the time is up', 'ERR_TIMEOUT', {
    says: ['the last answer was 503'],
    wish: { scope: 'https://ill.example/.default', options: { timeoutMs: 200 } },
    endpoint: { status: 503, headers: { 'retry-after': '30' }, times: 2 },
  }),
  app('the endpoint asks for a pause', 'ERR_THROTTLED', {
    // A resource of its own: the process leaves an endpoint alone that asked for a pause.
    wish: { scope: 'https://throttled.example/.default' },
    endpoint: { status: 429, headers: later, body: { error: { code: 'TooManyRequests', message: 'Slow down.' } } },
  }),
  app('the endpoint fails', 'ERR_REFUSED', {
    wish: { scope: 'https://failing.example/.default' },
    endpoint: { status: 500, headers: later, body: { statusCode: 500, message: 'An unexpected error occurred.' } },
  }),
  app('the endpoint fails, and says nothing', 'ERR_REFUSED', {
    wish: { scope: 'https://silent.example/.default' },
    endpoint: { status: 503, headers: later },
  }),
  app('a page of HTML in place of a token', 'ERR_RESPONSE_MALFORMED', {
    endpoint: { body: `<html><title>Sign in</title>${marker}</html>`, headers: html },
  }),
  app('a page of HTML with an error', 'ERR_REFUSED', {
    endpoint: { status: 404, body: '<html><title>Not Found</title></html>', headers: html },
  }),
  app('a 400 without a word', 'ERR_REFUSED', {
    says: ["check the path of the endpoint's address"],
    endpoint: { status: 400 },
  }),
  {
    title: 'a path that nothing is served at, on Service Fabric',
    code: 'ERR_REFUSED',
    host: 'service-fabric',
    says: ["the endpoint's address"],
    endpoint: { status: 404, body: '404 page not found' },
  },
  app('nothing at all in place of a token', 'ERR_RESPONSE_MALFORMED', {
    world: 'slower',
    endpoint: { status: 200, times: 4 },
  }),
  app('a refusal that comes with 200', 'ERR_IDENTITY_NOT_FOUND', {
    says: ['No User Assigned or Delegated Managed Identity found'],
    endpoint: {
      status: 200,
      body: {
        statusCode: 400,
        message: 'No User Assigned or Delegated Managed Identity found for specified ClientId.',
      },
    },
  }),
  ...[500011, 50001].map(
    (number): Row => ({
      title: `the metadata service hands on that the tenant has no such resource (${number})`,
      code: 'ERR_REFUSED',
      host: 'vm',
      says: [`AADSTS${number}`, 'The tenant has no such resource'],
      endpoint: {
        status: 400,
        body: { error: 'invalid_resource', error_description: `AADSTS${number}: The resource was not found.` },
      },
    }),
  ),
  {
    title: 'a proxy in place of the metadata service hands on what Entra refused for good',
    code: 'ERR_REFUSED',
    host: 'vm',
    says: ['AADSTS700213', 'az ad app federated-credential list'],
    endpoint: { status: 500, body: 'AADSTS700213: No matching federated identity record found.' },
  },
  app('JSON that breaks off', 'ERR_RESPONSE_MALFORMED', { endpoint: { body: `{"access_token":"${marker}` } }),
  app('JSON without a token', 'ERR_RESPONSE_MALFORMED', { endpoint: { body: { expires_on: String(days(1)) } } }),
  app('a token without an expiry', 'ERR_RESPONSE_MALFORMED', { endpoint: { body: token } }),
  app('a token that has expired', 'ERR_RESPONSE_MALFORMED', {
    endpoint: { body: { ...token, expires_on: '1700000000' } },
  }),
  app('an answer of two megabytes', 'ERR_RESPONSE_MALFORMED', { endpoint: { body: 'x'.repeat(2 ** 21) } }),
  app('a redirect', 'ERR_REFUSED', { endpoint: { status: 302, headers: { location: 'http://127.0.0.1/' } } }),
  app('a wrong secret, on App Service', 'ERR_REFUSED', {
    env: { IDENTITY_HEADER: marker, MSI_ENDPOINT: '', MSI_SECRET: '' },
  }),
  {
    title: 'a wrong secret, in the protocol of 2017',
    code: 'ERR_REFUSED',
    host: 'app-service-2017',
    env: { MSI_SECRET: marker },
  },
  {
    title: 'a wrong secret, on Container Apps',
    code: 'ERR_REFUSED',
    host: 'container-apps',
    env: { IDENTITY_HEADER: marker },
  },
  {
    title: 'a wrong secret, on Azure Machine Learning',
    code: 'ERR_REFUSED',
    host: 'azure-ml',
    env: { MSI_SECRET: marker },
  },
  {
    title: 'a wrong secret, on Service Fabric',
    code: 'ERR_IDENTITY_NOT_FOUND',
    host: 'service-fabric',
    env: { IDENTITY_HEADER: marker },
  },
  {
    title: 'a certificate that is not the one announced, on Service Fabric',
    code: 'ERR_RESPONSE_MALFORMED',
    host: 'service-fabric',
    env: { IDENTITY_SERVER_THUMBPRINT: '0'.repeat(40) },
  },
  {
    title: "Docker Desktop in the metadata service's place",
    code: 'ERR_PROBE_FAILED',
    host: 'vm',
    endpoint: { status: 403, body: 'A socket operation was attempted to an unreachable network.' },
  },
  {
    title: 'a proxy that refuses the metadata service',
    code: 'ERR_REFUSED',
    host: 'vm',
    endpoint: { status: 403, body: '<html>Blocked</html>', headers: html },
  },
  {
    title: 'no identity bound to the pod (AAD Pod Identity)',
    code: 'ERR_IDENTITY_NOT_FOUND',
    host: 'vm',
    endpoint: { status: 403, body: 'no azure identity found: AzureIdentity not assigned to the pod' },
  },
  ...[
    ['names no file', 'Basic'],
    ['wants another kind of proof', `Bearer realm=${agentsFolder}a.key`],
    ['names a file outside the folder', 'Basic realm=/etc/passwd'],
    ['names a file by way of dots', `Basic realm=${agentsFolder}../../../etc/a.key`],
    ['names a file of another kind', `Basic realm=${agentsFolder}a.txt`],
    ['names a device of Windows', `Basic realm=${agentsFolder}NUL.key`],
    ['names a look-alike folder', 'Basic realm=/var/opt/azcmagent/tokens-decoy/a.key'],
  ].map(([what = '', header = '']) =>
    arc(`Azure Arc: a challenge that ${what}`, 'ERR_CHALLENGE_REFUSED', { endpoint: challenge(header) }),
  ),
  arc('Azure Arc: a key file that is not there for us', 'ERR_FILE_UNREADABLE', {
    endpoint: challenge(`Basic realm=${agentsFolder}not-there.key`),
  }),
  arc('Azure Arc: an old agent, and a user-assigned identity', 'ERR_IDENTITY_NOT_CONFIRMED', {
    endpoint: { body: { ...token, expires_on: String(days(1)) } },
    wish: { options: { clientId: nobody } },
  }),
];
