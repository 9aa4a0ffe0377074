import { generateKeyPairSync } from 'node:crypto';
import type { Local } from 'msi-local';
import { createClientCertificate } from '../../packages/msi-local/src/network/certificates.ts';
import { type EntraRefusal, otherRefusals } from './entra-numbers.ts';
import { later, marker, nobody, type Row, refusal, type Stage } from './row.ts';

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

/** What else az says when it has no token. */
const toolSays: readonly (readonly [title: string, words: string, says: string, more?: Record<string, string>])[] = [
  [
    'a firewall that inspects TLS',
    '(Caused by SSLError(SSLCertVerificationError(1, [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed)))',
    'REQUESTS_CA_BUNDLE',
  ],
  ['a folder of another user', '[Errno 13] Permission denied: /root/.azure/az.sess', 'AZURE_CONFIG_DIR'],
  ['no name server', 'Failed to resolve login.microsoftonline.com (Temporary failure in name resolution)', 'nslookup'],
  ['no subscription', 'No subscription found. Run az account set to select a subscription.', 'az account set'],
  ['a damaged profile', 'Expecting value: line 1 column 1 (char 0)', 'az account clear'],
  [
    "a job's proof that is over (AADSTS700024)",
    'AADSTS700024: Client assertion is not within its valid time range. Please run: az login',
    'azure/login',
    { GITHUB_ACTIONS: 'true' },
  ],
];

/**
 * What Entra says and the stand-in has no occasion to say, at the token endpoint alone: status, error, number and the
 * beginning of the text, as in https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const refusals: readonly EntraRefusal[] = [
  [
    'a client secret that has expired',
    7000222,
    401,
    'invalid_client',
    "The provided client secret keys for app 'a0000000-0000-4000-8000-0000000000c3' are expired.",
    'az ad app credential reset --id a0000000-0000-4000-8000-0000000000c3',
  ],
  [
    'a request that lost its secret on the way',
    7000218,
    401,
    'invalid_client',
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    'AZURE_CLIENT_CERTIFICATE_PATH',
  ],
  [
    'a client id of zeros',
    700038,
    400,
    'unauthorized_client',
    '00000000-0000-0000-0000-000000000000 is not a valid application identifier.',
    'az ad app list',
    { env: { AZURE_CLIENT_ID: '00000000-0000-0000-0000-000000000000' } },
  ],
  [
    'a service principal that is disabled',
    7000112,
    401,
    'unauthorized_client',
    "Application 'a0000000-0000-4000-8000-0000000000c3' is disabled.",
    'accountEnabled=true',
  ],
  [
    'a tenant that Entra cannot read',
    900023,
    400,
    'invalid_request',
    "Specified tenant identifier 'contoso' is neither a valid DNS name, nor a valid external domain.",
    'AZURE_TENANT_ID',
    { env: { AZURE_TENANT_ID: 'contoso' } },
  ],
  [
    'an authority that Entra does not know',
    50049,
    400,
    'invalid_instance',
    'Unknown or invalid instance.',
    'AZURE_AUTHORITY_HOST',
  ],
  [
    'a tenant of another national cloud',
    90038,
    400,
    'invalid_request',
    "Tenant 'contoso' request is being redirected to the National Cloud 'MicrosoftOnline.US'.",
    'https://login.microsoftonline.us',
  ],
  [
    'a scope that Entra does not take',
    70011,
    400,
    'invalid_scope',
    "The provided request must include a 'scope' input parameter. The scope is not valid.",
    'https://vault.azure.net/.default',
  ],
  [
    'nothing that says which tenant is meant',
    50059,
    400,
    'invalid_request',
    'No tenant-identifying information found in either the request or implied by any provided credentials.',
    'AZURE_TENANT_ID',
  ],
  [
    'a policy of Conditional Access for workloads',
    53003,
    400,
    'access_denied',
    'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
    'Sign-in logs',
  ],
  [
    'a kind of token that is not for applications',
    700229,
    400,
    'invalid_request',
    'The token issued is not allowed to be used for app-only federated credentials.',
    'managed identity',
  ],
  [
    'a grant type that a proxy has rewritten',
    70003,
    400,
    'unsupported_grant_type',
    "The app requested an unsupported grant type 'client_credential'.",
    'client_credentials',
  ],
  [
    'a resource that nobody has consented to',
    65001,
    400,
    'invalid_grant',
    'The user or administrator has not consented to use the application.',
    'az ad app permission admin-consent',
  ],
  [
    'a proxy that calls the client secret the subject of an assertion',
    700213,
    401,
    'invalid_client',
    `No matching federated identity record found for presented assertion subject '${marker}'. Assertion Issuer: 'https://evil.example/'. Assertion Subject: '${marker}'.`,
    '"issuer":"ISSUER","subject":"SUBJECT"',
    { env: { AZURE_CLIENT_SECRET: marker } },
  ],
  ...(
    [
      [70021, 'no federated credential, in the older wording', 'No matching federated identity record found'],
      [7002137, 'a subject in other letter case', 'No matching federated identity record found for presented subject'],
      [7002138, 'an issuer in other letter case', 'No matching federated identity record found for presented issuer'],
    ] as const
  ).map(
    ([number, title, text]) =>
      [
        title,
        number,
        401,
        'invalid_client',
        `${text}. Assertion Issuer: 'https://token.actions.githubusercontent.com'. Assertion Subject: 'repo:Contoso/app:ref:refs/heads/main'. Assertion Audience: 'api://AzureADTokenExchange'.`,
        'az ad app federated-credential list',
        { host: 'github-actions' },
      ] as const,
  ),
];

/** Entra, the build services and the developer tools refuse. */
export const signInRows: readonly Row[] = [
  application('a wrong client secret (AADSTS7000215)', 'ERR_REFUSED', { env: { AZURE_CLIENT_SECRET: marker } }),
  application('an application that the tenant does not know (AADSTS700016)', 'ERR_REFUSED', {
    env: { AZURE_CLIENT_ID: nobody },
  }),
  application('a tenant that there is not (AADSTS90002)', 'ERR_REFUSED', { env: { AZURE_TENANT_ID: nobody } }),
  application('a scope of another cloud (AADSTS500011)', 'ERR_REFUSED', {
    wish: { scope: 'https://vault.usgovcloudapi.net/.default' },
  }),
  application("a vault's own address as the scope (AADSTS500011)", 'ERR_REFUSED', {
    wish: { scope: 'https://local.vault.azure.net/.default' },
  }),
  application('a scope that names no resource', 'ERR_REFUSED', { wish: { scope: 'vault/.default' } }),
  application('a certificate file that is not there', 'ERR_FILE_UNREADABLE', {
    env: certificateAt('/nowhere/certificate.pem'),
  }),
  application('a folder in place of a certificate file', 'ERR_FILE_UNREADABLE', {
    says: ['not a regular file'],
    env: ({ path }) => certificateAt(path('.')),
  }),
  application('a device in place of a certificate file', 'ERR_FILE_UNREADABLE', {
    says: ['not a regular file'],
    env: certificateAt('/dev/null'),
  }),
  application('a certificate file without a certificate', 'ERR_FILE_UNREADABLE', {
    env: ({ write }) => certificateAt(write('empty.pem', marker)),
  }),
  application('a certificate file without its private key', 'ERR_FILE_UNREADABLE', {
    env: ({ write }) =>
      certificateAt(write('public.pem', `-----BEGIN CERTIFICATE-----\nMARKER\n-----END CERTIFICATE-----\n`)),
  }),
  application('a Key Vault reference in place of the client secret (AADSTS7000215)', 'ERR_REFUSED', {
    says: ['AZURE_CLIENT_SECRET is an unresolved Key Vault reference', 'AADSTS7000215'],
    env: { AZURE_CLIENT_SECRET: `@Microsoft.KeyVault(VaultName=local;SecretName=${marker})` },
  }),
  application('a macro of a pipeline in place of the tenant', 'ERR_SETTING_INVALID', {
    says: ['AZURE_TENANT_ID is a macro'],
    env: { AZURE_TENANT_ID: '$(TenantId)' },
  }),
  application('the key of another certificate', 'ERR_FILE_UNREADABLE', {
    says: ["its private key isn't the certificate's"],
    wish: async ({ write }) => {
      const [one, other] = await Promise.all(['one', 'other'].map(createClientCertificate));
      write('mixed.pem', `${one?.keyPem}${other?.certPem}`);
      return {};
    },
    env: ({ path }) => certificateAt(path('mixed.pem')),
  }),
  application('an EC key', 'ERR_FILE_UNREADABLE', {
    says: ['Entra takes RSA only'],
    wish: async ({ write }) => {
      const { certPem } = await createClientCertificate('rsa');
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      write('ec.pem', `${privateKey.export({ type: 'pkcs8', format: 'pem' })}${certPem}`);
      return {};
    },
    env: ({ path }) => certificateAt(path('ec.pem')),
  }),
  application('a path that begins with ~', 'ERR_FILE_UNREADABLE', {
    says: ['a path with ~', 'the whole path'],
    env: certificateAt('~/certificate.pem'),
  }),
  application('a certificate in place of its path', 'ERR_SETTING_INVALID', {
    env: certificateAt(`-----BEGIN PRIVATE KEY-----\n${marker}\n-----END PRIVATE KEY-----`),
  }),
  application('an authority that nobody answers at', 'ERR_UNREACHABLE', {
    world: 'slower',
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
    world: 'slower',
    entra: {
      status: 503,
      body: { error: 'temporarily_unavailable', error_description: 'AADSTS90033: A transient error.' },
      times: 9,
    },
  }),
  ...[...refusals, ...otherRefusals].map(([title, number, status, error, text, says, rest]) =>
    application(`${title} (AADSTS${number})`, 'ERR_REFUSED', {
      says: [`AADSTS${number}`, says],
      entra: refusal(number, status, error, text),
      ...rest,
    }),
  ),
  application("a certificate that is not the application's (AADSTS700027)", 'ERR_REFUSED', {
    says: ['az ad app credential reset', '--cert @cert.pem --append'],
    wish: async ({ write }) => {
      const { keyPem, certPem } = await createClientCertificate('other');
      write('other.pem', keyPem + certPem);
      return {};
    },
    env: ({ path }) => certificateAt(path('other.pem')),
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
  ...toolSays.map(
    ([title, words, says, more = {}]): Row => ({
      title: `the Azure CLI, and ${title}`,
      code: 'ERR_TOOL_UNAVAILABLE',
      host: 'laptop',
      place: 'child',
      says: [says],
      env: (stage) => ({ ...tool(`echo "ERROR: ${words}" >&2; exit 1`)(stage), ...more }),
    }),
  ),
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
