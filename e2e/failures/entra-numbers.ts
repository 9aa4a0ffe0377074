import type { Row } from './row.ts';

/** A refusal at the token endpoint alone: what is wrong, the number, Entra's answer, and what the advice names. */
export type EntraRefusal = readonly [
  title: string,
  number: number,
  status: number,
  error: string,
  text: string,
  says: string,
  rest?: Partial<Row>,
];

const application = "'a0000000-0000-4000-8000-0000000000c3'";
const federation = (
  title: string,
  number: number,
  text: string,
  says: string,
  host: 'aks' | 'github-actions',
): EntraRefusal => [title, number, 401, 'invalid_client', text, says, { host }];

/** Further numbers, each with the beginning of its text in public reports. */
export const otherRefusals: readonly EntraRefusal[] = [
  federation(
    'no federated credential at all',
    70025,
    `The client ${application}(shop) has no configured federated identity credentials.`,
    'az ad app federated-credential create',
    'github-actions',
  ),
  federation(
    "the cluster's own token, which lives too long",
    70023,
    'External OIDC Provider token must have a lifetime of less than or equal to 1.01:00:00.',
    'expirationSeconds',
    'aks',
  ),
  federation(
    "a token of Entra's own as the proof",
    700222,
    'AAD-issued tokens may not be used for federated identity flows.',
    'user-assigned managed identity',
    'aks',
  ),
  federation(
    "an application's token as the proof",
    700226,
    'Only MSI tokens may be used as Federated Identity Credentials for AAD issuer.',
    'user-assigned managed identity',
    'aks',
  ),
  federation(
    'a chain of federated credentials',
    700231,
    'Token obtained using another federated identity credential may not be used as federated identity credential.',
    'trust its issuer',
    'aks',
  ),
  federation(
    'an identity of another tenant as the proof',
    700236,
    'Entra ID tokens issued by issuer may not be used for federated identity credential flows for applications or managed identities registered in this tenant.',
    "application's own tenant",
    'aks',
  ),
  federation(
    'a tenant that wants a claim of the enterprise',
    7002381,
    'Federated identity credentials issued by this issuer must contain the enterprise claim.',
    'policy of the tenant',
    'github-actions',
  ),
  [
    'an assertion of another application',
    700021,
    401,
    'invalid_client',
    "Client assertion application identifier doesn't match 'client_id' parameter.",
    'AZURE_CLIENT_ID',
  ],
  [
    'an assertion for another audience',
    700023,
    401,
    'invalid_client',
    'Client assertion audience claim does not match Realm issuer.',
    'AZURE_TENANT_ID',
  ],
  [
    'an application without a service principal',
    7000229,
    401,
    'invalid_client',
    `The client application ${application} is missing service principal in the tenant.`,
    'az ad sp create',
  ],
  [
    'a managed identity with a client secret',
    7000232,
    401,
    'invalid_client',
    'MSI identity should not use ClientSecretCredential.',
    'Unset AZURE_CLIENT_SECRET',
  ],
  [
    'a public client',
    700025,
    401,
    'invalid_client',
    "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    '--is-fallback-public-client false',
  ],
  [
    'an application of another cloud',
    900382,
    400,
    'invalid_request',
    'Confidential Client is not supported in Cross Cloud request.',
    'https://login.microsoftonline.us',
  ],
  [
    'a resource that is disabled',
    500014,
    400,
    'invalid_resource',
    "The service principal for resource 'https://vault.azure.net' is disabled.",
    'az ad sp update',
  ],
  [
    'a resource that wants a role',
    501051,
    400,
    'invalid_grant',
    `Application ${application}(shop) is not assigned to a role for the application.`,
    'app roles',
  ],
  ...(
    [
      [1000502, 'out of its time', 'The provided certificate is outside of its validity window.'],
      [7000274, 'out of its time, in other words', 'The certificate is not within its valid time range.'],
      [7000214, 'that was revoked', 'The certificate has been revoked.'],
      [7000277, 'that was revoked, in other words', 'The certificate was revoked.'],
    ] as const
  ).map(
    ([number, title, text]): EntraRefusal => [
      `a certificate ${title}`,
      number,
      401,
      'invalid_client',
      text,
      'az ad app credential reset',
    ],
  ),
];
