import type { Local } from 'msi-local';
import { later, marker, nobody, type Row, type Stage } from './row.ts';

const application = (title: string, code: string, rest: Partial<Row>): Row => ({
  title,
  code,
  host: 'service-principal',
  place: 'child',
  ...rest,
});

const certificateAt = (path: string) => ({ AZURE_CLIENT_SECRET: '', AZURE_CLIENT_CERTIFICATE_PATH: path });

type TokenOptions = Parameters<Local['issueToken']>[0];

/** A pod of an application that trusts the tenant's own tokens, so that the stand-in can make each wrong one. */
const pod = (title: string, code: string, assertion: string | TokenOptions | undefined): Row => ({
  title,
  code,
  host: 'aks',
  place: 'child',
  wish: async ({ local, write }) => {
    if (assertion === undefined) return {};
    const text = typeof assertion === 'string' ? assertion : await local.issueToken(assertion);
    write('token', text);
    return {};
  },
  env: ({ local, path }) => ({
    AZURE_CLIENT_ID: local.world.servicePrincipal.clientId,
    AZURE_FEDERATED_TOKEN_FILE: assertion === undefined ? '/nowhere/token' : path('token'),
  }),
});
const audience = 'api://AzureADTokenExchange';

/** A tool that does what the real one does, as far as its caller can see. */
const tool = (script: string) => (stage: Stage) => ({
  AZURE_TOKEN_CREDENTIALS: 'AzureCliCredential',
  PATH: stage.program('az', script),
});
const notSignedIn = `echo "ERROR: Please run 'az login' to setup account." >&2; exit 1`;

/** Entra, the build services and the developer tools refuse. */
export const signInRows: readonly Row[] = [
  application('a wrong client secret (AADSTS7000215)', 'ERR_REFUSED', { env: { AZURE_CLIENT_SECRET: marker } }),
  application('an application that the tenant does not know (AADSTS700016)', 'ERR_REFUSED', {
    env: { AZURE_CLIENT_ID: nobody },
  }),
  application('a tenant that there is not (AADSTS90002)', 'ERR_REFUSED', { env: { AZURE_TENANT_ID: nobody } }),
  application("a vault's own address as the scope (AADSTS500011)", 'ERR_REFUSED', {
    wish: { scope: 'https://local.vault.azure.net/.default' },
  }),
  application('a scope that names no resource', 'ERR_REFUSED', { wish: { scope: 'vault/.default' } }),
  application('a certificate file that is not there', 'ERR_FILE_UNREADABLE', {
    env: certificateAt('/nowhere/certificate.pem'),
  }),
  application('a certificate file without a certificate', 'ERR_FILE_UNREADABLE', {
    env: ({ write }) => certificateAt(write('empty.pem', marker)),
  }),
  application('a certificate file without its private key', 'ERR_FILE_UNREADABLE', {
    env: ({ write }) =>
      certificateAt(write('public.pem', `-----BEGIN CERTIFICATE-----\nMARKER\n-----END CERTIFICATE-----\n`)),
  }),
  application('a certificate in place of its path', 'ERR_SETTING_INVALID', {
    env: certificateAt(`-----BEGIN PRIVATE KEY-----\n${marker}\n-----END PRIVATE KEY-----`),
  }),
  application('an authority that nobody answers at', 'ERR_UNREACHABLE', {
    world: 'slow',
    env: { AZURE_AUTHORITY_HOST: 'https://127.0.0.1:1' },
  }),
  application('an authority whose certificate is not trusted', 'ERR_UNREACHABLE', { place: 'untrusting' }),
  application("a proxy's page in place of Entra's answer, with a cookie", 'ERR_REFUSED', {
    entra: {
      status: 403,
      body: `<html><title>Blocked</title>${marker}</html>`,
      headers: { 'content-type': 'text/html', 'set-cookie': `session=${marker}` },
      times: 9,
    },
  }),
  application("a proxy's page in place of a token", 'ERR_RESPONSE_MALFORMED', {
    entra: { status: 200, body: `<html>${marker}</html>`, headers: { 'content-type': 'text/html' }, times: 9 },
  }),
  // An application of its own: after that nobody asks for it until the pause is over.
  application('Entra asks for a pause', 'ERR_THROTTLED', {
    env: { AZURE_CLIENT_SECRET: `${marker}-throttled` },
    entra: { status: 429, body: { error: 'temporarily_unavailable' }, headers: later, times: 9 },
  }),
  application('Entra asks for a pause, and does not say for how long', 'ERR_THROTTLED', {
    entra: { status: 429, body: { error: 'temporarily_unavailable' }, times: 9 },
  }),
  application('Entra fails', 'ERR_REFUSED', {
    world: 'slow',
    entra: {
      status: 503,
      body: { error: 'temporarily_unavailable', error_description: 'AADSTS90033: A transient error.' },
      times: 9,
    },
  }),
  application('a resource that nobody has consented to (AADSTS65001)', 'ERR_REFUSED', {
    entra: { status: 400, body: { error: 'invalid_grant', error_description: 'AADSTS65001: No consent.' }, times: 9 },
  }),
  application('a token of a tenant that is not allowed', 'ERR_TENANT_NOT_ALLOWED', {
    wish: { request: { tenantId: nobody } },
  }),
  pod('a token file that is not there', 'ERR_FILE_UNREADABLE', undefined),
  pod('an empty token file', 'ERR_FILE_UNREADABLE', ''),
  {
    ...pod('a token in place of the path of its file', 'ERR_SETTING_INVALID', ''),
    env: { AZURE_FEDERATED_TOKEN_FILE: `eyJ${marker}` },
  },
  pod('a token file with something else in it', 'ERR_REFUSED', marker),
  pod('a token file that the kubelet no longer renews (AADSTS700024)', 'ERR_REFUSED', {
    audience,
    expiresAt: new Date(Date.now() - 3_600_000),
  }),
  pod("a token of another cluster's issuer (AADSTS700211)", 'ERR_REFUSED', { audience: 'https://vault.azure.net' }),
  pod('a token for another audience (AADSTS700212)', 'ERR_REFUSED', { audience: `${audience}USGov` }),
  pod('a token of another service account (AADSTS700213)', 'ERR_REFUSED', { audience, objectId: nobody }),
  {
    title: "a wrong request token at GitHub's service",
    code: 'ERR_REFUSED',
    host: 'github-actions',
    place: 'child',
    env: { ACTIONS_ID_TOKEN_REQUEST_TOKEN: marker },
  },
  {
    title: 'an application that trusts another repository (AADSTS700211)',
    code: 'ERR_REFUSED',
    host: 'github-actions',
    place: 'child',
    env: ({ local }) => ({ AZURE_CLIENT_ID: local.world.userAssigned.clientId }),
  },
  {
    title: 'a service connection that the pipeline may not use',
    code: 'ERR_REFUSED',
    host: 'azure-pipelines',
    place: 'child',
    env: { AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: nobody },
  },
  {
    title: 'a wrong SYSTEM_ACCESSTOKEN',
    code: 'ERR_REFUSED',
    host: 'azure-pipelines',
    place: 'child',
    env: { SYSTEM_ACCESSTOKEN: marker },
  },
  {
    title: 'the Azure CLI, and nobody signed in',
    code: 'ERR_TOOL_UNAVAILABLE',
    host: 'laptop',
    place: 'child',
    env: tool(notSignedIn),
  },
  {
    title: 'the Azure CLI says something that is no token',
    code: 'ERR_TOOL_UNAVAILABLE',
    host: 'laptop',
    place: 'child',
    env: tool(`echo "MARKER eyJ${marker} is no answer"`),
  },
  {
    title: 'the Azure CLI, and a vault that asks for a fresh sign-in',
    code: 'ERR_CLAIMS_UNSUPPORTED',
    host: 'laptop',
    place: 'child',
    env: tool(notSignedIn),
    wish: { request: { claims: '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}' } },
  },
  {
    title: 'two tools, and nobody signed in to either',
    code: 'ERR_NO_SOURCE',
    host: 'laptop',
    place: 'child',
    env: (stage) => {
      stage.program('azd', `echo 'ERROR: not logged in, run "azd auth login" to login' >&2; exit 1`);
      return { ...tool(notSignedIn)(stage), AZURE_TOKEN_CREDENTIALS: 'dev' };
    },
  },
  {
    title: 'an installation without @azure/identity',
    code: 'ERR_MODULE_MISSING',
    host: 'service-principal',
    place: 'bare',
  },
];
