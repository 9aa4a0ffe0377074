import type { Local } from 'msi-local';
import { marker, nobody, type Row, refusal, type Wish } from './row.ts';
import { outOfDate, silent } from './strangers.ts';

const vault = (title: string, code: string, rest: Partial<Row> = {}): Row => ({
  title,
  code,
  host: 'app-service',
  place: 'child',
  wish: { way: 'secret' },
  ...rest,
});

/** One call of the unmodified client, with ours or another credential. */
const calls = (...call: readonly unknown[]): { readonly wish: Wish } => ({ wish: { way: 'client', call } });
const reads = (rest: Wish): { readonly wish: Wish } => ({
  wish: { way: 'client', call: ['getSecret', 'db-password'], ...rest },
});

type TokenOptions = Parameters<Local['issueToken']>[0];

/** The vault is handed a token that the credential would never have. */
const withToken = (title: string, code: string, token: TokenOptions | string): Row =>
  vault(title, code, {
    wish: async ({ local }) => ({
      way: 'client',
      call: ['getSecret', 'db-password'],
      token: typeof token === 'string' ? token : await local.issueToken(token),
    }),
  });

/** Takes a permission away from the host's identity for the time of the row. */
const revoked = (permission: 'get' | 'list') => ({
  arrange: ({ local: { permissions, world } }: { readonly local: Local }) => {
    permissions.revoke(world.systemAssigned.objectId, permission);
    return () => permissions.grant(world.systemAssigned.objectId, permission);
  },
});

/** The words that Azure's documentation gives; the stand-in has neither firewall nor private endpoints. */
const forbidden = (code: string, message: string) => ({
  vault: { status: 403, times: 9, body: { error: { code: 'Forbidden', message, innererror: { code } } } },
});
/** A vault's refusal in the words of its documentation, of a call that the stand-in would have allowed. */
const refused = (
  title: string,
  code: string,
  says: readonly string[],
  [status, error, message, inner]: readonly [number, string, string, string?],
  call: readonly unknown[] = ['getSecret', 'db-password'],
): Row =>
  vault(title, code, {
    says,
    ...calls(...call),
    vault: {
      status,
      times: 9,
      body: { error: { code: error, message, ...(inner && { innererror: { code: inner } }) } },
    },
  });
const caller = 'appid=a0000000-0000-4000-8000-0000000000c1;oid=a0000000-0000-4000-8000-0000000000d1';
const issuer = 'iss=https://sts.windows.net/a0000000-0000-4000-8000-000000000001/';
const place = 'local;location=westeurope';
const vaultId =
  '/subscriptions/a0000000-0000-4000-8000-0000000000a1/resourcegroups/local/providers/microsoft.keyvault/vaults/local';

/** The same of a key or a certificate, by `fetch`. */
const refusedObject = (
  title: string,
  code: string,
  says: readonly string[],
  [status, error, message, inner]: readonly [number, string, string, string?],
  [method, path]: readonly [string, string],
): Row => ({
  ...refused(title, code, says, [status, error, message, inner]),
  wish: { way: 'fetch', method, path: `${path}?api-version=7.6` },
});
const action = (name: string) =>
  `Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nCaller: ${caller};${issuer}\r\nAction: 'Microsoft.KeyVault/vaults/${name}'\r\nResource: '${vaultId}/keys/k'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: ${place}\r\n`;

const always = (fault: NonNullable<Row['vault']>) => ({ vault: { times: 9, ...fault }, ...reads({}) });
const html = { 'content-type': 'text/html' };
const own = 'https://127.0.0.1';

/** The vault refuses, is not there, or is something else. */
export const vaultRows: readonly Row[] = [
  vault('no role on the vault', 'KV_DENIED_BY_RBAC', revoked('get')),
  vault('no access policy on the vault', 'KV_DENIED_BY_POLICY', { world: 'policies', ...revoked('get') }),
  vault('no permission to list', 'KV_DENIED', { ...revoked('list'), ...calls('listPropertiesOfSecrets') }),
  vault('no permission to delete', 'KV_DENIED_BY_RBAC', calls('beginDeleteSecret', 'db-password')),
  vault("the vault's firewall", 'KV_FIREWALL', {
    ...reads({}),
    ...forbidden(
      'ForbiddenByFirewall',
      'Client address is not authorized and caller is not a trusted service.\r\nClient address: 192.0.2.7\r\nCaller: appid=x\r\nVault: local;location=westeurope',
    ),
  }),
  vault('a vault with private endpoints only', 'KV_PRIVATE_ONLY', {
    ...reads({}),
    ...forbidden(
      'ForbiddenByConnection',
      'Public network access is disabled and request is not from a trusted service nor via an approved private link.',
    ),
  }),
  refused(
    'a deny assignment',
    'KV_DENY_ASSIGNMENT',
    [`az role assignment list --scope "${vaultId}"`],
    [
      403,
      'Forbidden',
      `Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nCaller: ${caller};${issuer}\r\nAction: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'\r\nResource: '${vaultId}/secrets/db-password'\r\nAssignment: (not found)\r\nDenyAssignmentId: 'b0000000000040008000000000000001'\r\nDecisionReason: 'DeniedByDenyAssignment' \r\nVault: ${place}\r\n`,
      'ForbiddenByRbac',
    ],
  ),
  refused(
    'an access policy with an authorized application',
    'KV_POLICY_ON_BEHALF_OF',
    ['az keyvault delete-policy -n local', '--application-id a0000000-0000-4000-8000-0000000000c1'],
    [
      403,
      'Forbidden',
      `The user, group or application '${caller};numgroups=0;${issuer}' does not have secrets get permission on key vault '${place}', as its policy is for on-behalf-of calls.`,
      'ForbiddenByPolicy',
    ],
  ),
  refused(
    "a caller of Microsoft's own",
    'KV_FIRST_PARTY_CALLER',
    ['az keyvault update --name local --bypass AzureServices'],
    [403, 'Forbidden', 'The caller is a first party service that this vault does not trust.', 'AccessDenied'],
  ),
  refused(
    "another vault's private endpoint",
    'KV_OTHER_VAULT_ENDPOINT',
    ['nslookup local.vault.azure.net', 'privatelink.vaultcore.azure.net'],
    [403, 'Forbidden', 'This TCP connection does not allow access to the vault.'],
  ),
  vault('a secret that is not there', 'KV_SECRET_NOT_FOUND', { wish: { way: 'secret', name: 'other' } }),
  vault(
    'a version that is not there',
    'KV_SECRET_NOT_FOUND',
    calls('getSecret', 'db-password', { version: '0'.repeat(32) }),
  ),
  vault('a disabled secret', 'KV_SECRET_DISABLED', {
    arrange: ({ local }) => void local.setSecret('off', marker, { enabled: false }),
    wish: { way: 'secret', name: 'off' },
  }),
  refused(
    'a secret whose time is over, at an emulator',
    'KV_SECRET_DATES',
    ['emulator'],
    [403, 'Forbidden', 'The secret is expired.', 'SecretExpired'],
  ),
  refusedObject(
    'no role to sign with a key',
    'KV_DENIED_BY_RBAC',
    ['"Key Vault Crypto User"'],
    [403, 'Forbidden', action('keys/sign/action'), 'ForbiddenByRbac'],
    ['POST', '/keys/k/1/sign'],
  ),
  refusedObject(
    'no permission to get a certificate',
    'KV_DENIED_BY_POLICY',
    ['--certificate-permissions get list'],
    [
      403,
      'Forbidden',
      `The user, group or application '${caller};numgroups=0;${issuer}' does not have certificates get permission on key vault '${place}'.`,
      'ForbiddenByPolicy',
    ],
    ['GET', '/certificates/c'],
  ),
  refusedObject(
    'a key that is not there',
    'KV_OBJECT_NOT_FOUND',
    ['az keyvault key list --vault-name local'],
    [404, 'KeyNotFound', 'A key with (name/id) k was not found in this key vault.'],
    ['GET', '/keys/k'],
  ),
  refusedObject(
    'a key that was made for something else',
    'KV_KEY_UNUSABLE',
    ['az keyvault key show --vault-name local -n k'],
    [403, 'Forbidden', 'Operation decrypt is not permitted on this key.', 'KeyOperationForbidden'],
    ['POST', '/keys/k/1/decrypt'],
  ),
  refused(
    'a secret that belongs to a certificate',
    'KV_MANAGED_BY_CERTIFICATE',
    ['az keyvault certificate show --vault-name local -n db-password'],
    [
      403,
      'Forbidden',
      'Operation "set" is not allowed on this secret, since it is associated with a certificate.',
      'SecretManagedByKeyVault',
    ],
    ['setSecret', 'db-password', marker],
  ),
  refused(
    'a purge that is not allowed',
    'KV_PURGE_PROTECTED',
    ['az keyvault secret recover --vault-name local'],
    [403, 'Forbidden', 'Operation purge is not allowed because purge protection is enabled for this vault.'],
    ['purgeDeletedSecret', 'db-password'],
  ),
  refused(
    'a secret whose deletion is under way',
    'KV_SECRET_BUSY',
    ['pollUntilDone()'],
    [409, 'Conflict', 'Secret db-password is currently being deleted.', 'ObjectIsBeingDeleted'],
    ['setSecret', 'db-password', marker],
  ),
  refused(
    'a backup of a secret that is there',
    'KV_SECRET_EXISTS',
    ['az keyvault secret delete --vault-name local'],
    [409, 'Conflict', 'Secret db-password already exists in the key vault.'],
    ['restoreSecretBackup', Buffer.from(marker)],
  ),
  refused(
    'a backup that was altered',
    'KV_BACKUP_MALFORMED',
    ['backupSecret'],
    [400, 'Malformed backup blob', 'The backup blob cannot be restored.'],
    ['restoreSecretBackup', Buffer.from(marker)],
  ),
  refused(
    'a state that has no heading of its own',
    'KV_CONFLICT',
    ['az keyvault secret list-deleted --vault-name local'],
    [409, 'Conflict', 'Secret db-password is in a state in which this operation is not possible.'],
    ['setSecret', 'db-password', marker],
  ),
  vault('a name that a deleted secret still has', 'KV_SECRET_DELETED', {
    arrange: ({ local }) => {
      local.permissions.grant(local.world.systemAssigned.objectId, 'delete');
      local.setSecret('gone', marker);
      return () => local.permissions.revoke(local.world.systemAssigned.objectId, 'delete');
    },
    wish: {
      way: 'client',
      call: ['setSecret', 'gone', marker],
      before: ['beginDeleteSecret', 'gone', { intervalInMs: 50 }],
    },
  }),
  vault('a deleted secret that is not there', 'KV_DELETED_SECRET_NOT_FOUND', calls('getDeletedSecret', 'db-password')),
  vault('a name with an underscore', 'KV_INVALID_NAME', { wish: { way: 'secret', name: 'db_password' } }),
  vault('the same, asked of the vault', 'KV_INVALID_NAME', calls('getSecret', 'db_password')),
  vault('a value that is too large', 'KV_VALUE_TOO_LARGE', calls('setSecret', 'large', marker.padEnd(25_601, 'x'))),
  vault('a page of more than 25', 'KV_PAGE_SIZE', {
    says: ['maxPageSize: 25'],
    wish: { way: 'client', call: ['listPropertiesOfSecrets'], pages: { maxPageSize: 26 } },
  }),
  vault('sixteen tags', 'KV_BAD_REQUEST', {
    says: ['https://learn.microsoft.com/rest/api/keyvault'],
    ...calls('setSecret', 'tagged', marker, {
      tags: Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`tag${index}`, 'x'])),
    }),
  }),
  vault('a vault that is older than the client', 'KV_API_VERSION', reads({ settings: { serviceVersion: '9.9' } })),
  withToken('a token for another service', 'KV_TOKEN_AUDIENCE', { audience: 'https://management.azure.com/' }),
  withToken('a token whose time is over', 'KV_TOKEN_EXPIRED', { expiresAt: new Date(Date.now() - 60_000) }),
  withToken('a token that is not valid yet', 'KV_TOKEN_NOT_YET_VALID', { notBefore: new Date(Date.now() + 900_000) }),
  withToken('a token of another tenant', 'KV_TOKEN_TENANT', { tenantId: nobody }),
  withToken('a forged token', 'KV_TOKEN_KEY', { signWith: 'forged' }),
  withToken('something that is no token', 'KV_TOKEN_UNREADABLE', marker),
  vault('an identity that has changed (continuous access evaluation)', 'KV_TOKEN_CLAIMS', {
    says: ['az logout && az login'],
    wish: async ({ local }) => ({
      way: 'client',
      call: ['getSecret', 'db-password'],
      token: await local.issueToken(),
    }),
    vault: {
      status: 401,
      times: 9,
      headers: {
        'www-authenticate':
          'Bearer authorization="https://login.microsoftonline.com/a0000000-0000-4000-8000-000000000001", resource="https://vault.azure.net", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="',
      },
      body: { error: { code: 'Unauthorized', message: 'The token has to be issued anew.' } },
    },
  }),
  vault('a token that the vault refuses for another reason', 'KV_TOKEN_REFUSED', {
    says: ['az keyvault show -n local', 'https://vault.azure.net/.default'],
    ...always({
      status: 401,
      headers: {
        'www-authenticate':
          'Bearer authorization="https://login.microsoftonline.com/a0000000-0000-4000-8000-000000000001", resource="https://vault.azure.net"',
      },
      body: { error: { code: 'Unauthorized', message: 'AKV10099: The token is not accepted.' } },
    }),
  }),
  vault('a proxy that takes the token away', 'KV_TOKEN_MISSING', {
    ...always({
      status: 401,
      headers: {
        'www-authenticate':
          'Bearer authorization="https://login.microsoftonline.com/a0000000-0000-4000-8000-000000000001", resource="https://vault.azure.net"',
      },
      body: { error: { code: 'Unauthorized', message: 'AKV10000: Request is missing a Bearer or PoP token.' } },
    }),
  }),
  vault(
    'too many requests',
    'KV_THROTTLED',
    always({ status: 429, body: { error: { code: 'Throttled', message: 'x' } } }),
  ),
  vault(
    'a vault that fails',
    'KV_SERVICE_ERROR',
    always({ status: 500, body: { error: { code: 'InternalServerError', message: 'x' } } }),
  ),
  vault(
    "a page of HTML in a vault's place",
    'KV_UNEXPECTED_RESPONSE',
    always({ status: 403, body: `<html>${marker}</html>`, headers: html }),
  ),
  vault('a secret that breaks off', 'KV_UNEXPECTED_RESPONSE', {
    // Not by the client itself, whose message would repeat what it could read of the secret.
    wish: { way: 'secret' },
    vault: { body: `{"value":"${marker}`, headers: { 'content-type': 'application/json' }, times: 9 },
  }),
  vault('an error without content', 'KV_EMPTY_RESPONSE', always({ status: 502 })),
  vault('half an answer', 'KV_CONNECTION_RESET', always({ connection: 'truncate' })),
  vault('a connection that is cut', 'KV_CONNECTION_RESET', always({ connection: 'reset' })),
  vault('a secret that is no text', 'KV_UNEXPECTED_RESPONSE', {
    says: ['x-ms-keyvault-service-version'],
    vault: {
      body: { value: { password: marker }, id: 'https://local.vault.azure.net/secrets/db-password/1' },
      times: 9,
    },
  }),
  vault('a secret without an id', 'KV_UNEXPECTED_RESPONSE', { vault: { body: { value: marker }, times: 9 } }),
  vault('a secret with rubbish for an id', 'KV_UNEXPECTED_RESPONSE', {
    vault: { body: { value: marker, id: 'rubbish' }, times: 9 },
  }),
  vault('too many requests, and a pause that is longer than the time', 'KV_THROTTLED', {
    says: ['pause of 60 s', 'time limit of 6000 ms'],
    vault: {
      status: 429,
      times: 9,
      headers: { 'retry-after': '60' },
      body: { error: { code: 'Throttled', message: 'x' } },
    },
    wish: { way: 'secret', timeoutMs: 6000 },
  }),
  vault('a vault that is too busy, and says for how long', 'KV_THROTTLED', {
    says: ['pause of 90 s', 'time limit of 6000 ms'],
    vault: {
      status: 503,
      times: 9,
      headers: { 'retry-after': '90' },
      body: { error: { code: 'ServiceUnavailable', message: 'x' } },
    },
    wish: { way: 'secret', timeoutMs: 6000 },
  }),
  vault('no answer, and no more time', 'KV_TIMEOUT', {
    says: ['npx msi-credential doctor --vault-url'],
    vault: { connection: 'hang', times: 9 },
    wish: { way: 'secret', timeoutMs: 200 },
  }),
  vault('no answer, and a program that gives up', 'KV_ABORTED', {
    vault: { connection: 'hang', times: 9 },
    wish: { way: 'secret', limitMs: 200 },
  }),
  vault("nobody listens at the vault's address", 'KV_CONNECTION_REFUSED', reads({ vaultUrl: `${own}:1` })),
  vault('a name that does not resolve', 'KV_HOST_NOT_FOUND', {
    says: ['misspelt-vault.vault.azure.net', 'az keyvault list'],
    ...reads({ vaultUrl: 'https://misspelt-vault.vault.azure.net' }),
  }),
  vault('a name server that does not answer', 'KV_DNS_UNAVAILABLE', {
    says: ['unresolved-vault.vault.azure.net', 'nslookup'],
    ...reads({ vaultUrl: 'https://unresolved-vault.vault.azure.net' }),
  }),
  vault('an address that no way leads to', 'KV_NO_ROUTE', {
    says: ['unrouted-vault.vault.azure.net', 'port 443'],
    ...reads({ vaultUrl: 'https://unrouted-vault.vault.azure.net' }),
  }),
  vault('an address where nobody answers, and no way to the other', 'KV_TIMEOUT', {
    says: ['silent-vault.vault.azure.net', 'port 443'],
    wish: async ({ keep }) =>
      reads({ vaultUrl: `https://silent-vault.vault.azure.net:${keep(await silent()).port}` }).wish,
  }),
  vault("a name that the proxy does not know, with Node's own support for proxies", 'KV_PROXY', {
    world: 'one-vault',
    says: ['az keyvault list', 'NO_PROXY'],
    ...reads({ vaultUrl: 'https://other-vault.vault.azure.net', nodeProxy: true }),
  }),
  vault('the same, with that of the client', 'KV_EMPTY_RESPONSE', {
    world: 'one-vault',
    says: ['NO_PROXY'],
    ...reads({ vaultUrl: 'https://other-vault.vault.azure.net' }),
  }),
  vault('a certificate whose time is over', 'KV_TLS_DATE', {
    says: ['timedatectl'],
    wish: async ({ keep }) => {
      const { port, ca } = keep(await outOfDate());
      return reads({ vaultUrl: `${own}:${port}`, settings: { tlsOptions: { ca } } }).wish;
    },
  }),
  vault('an authority that is not trusted', 'KV_TLS_UNTRUSTED', { place: 'untrusting', ...reads({}) }),
  vault('a self-signed certificate', 'KV_TLS_SELF_SIGNED', {
    wish: ({ local }) =>
      reads({ vaultUrl: new URL(local.variables('service-fabric').IDENTITY_ENDPOINT ?? '').origin }).wish,
  }),
  vault('a certificate of another name', 'KV_TLS_NAME', {
    wish: ({ local }) => reads({ vaultUrl: `${own}:${new URL(local.addresses.tls).port}` }).wish,
  }),
  vault('https to a port of plain http', 'KV_TLS_PROTOCOL', {
    wish: ({ local }) => reads({ vaultUrl: local.addresses.control.replace('http:', 'https:') }).wish,
  }),
  vault('a stand-in at localhost', 'KV_CHALLENGE_MISMATCH', {
    wish: ({ local }) => reads({ vaultUrl: `https://localhost:${new URL(local.addresses.tls).port}` }).wish,
  }),
  vault('no vault named', 'KV_URL_MISSING', { env: { KEY_VAULT_URL: '', KEY_VAULT_URI: '' } }),
  vault('a bare name', 'KV_URL_INVALID', { env: { KEY_VAULT_URL: 'local' } }),
  vault('no scheme', 'KV_URL_INVALID', { env: { KEY_VAULT_URL: 'local.vault.azure.net' } }),
  vault("a secret's address", 'KV_URL_INVALID', {
    env: { KEY_VAULT_URL: 'https://local.vault.azure.net/secrets/db-password' },
  }),
  vault('a placeholder', 'KV_URL_INVALID', { env: { KEY_VAULT_URL: 'https://$(keyVaultName).vault.azure.net' } }),
  vault('a name that no vault has', 'KV_URL_INVALID', { env: { KEY_VAULT_URL: 'https://my_vault.vault.azure.net' } }),
  vault('a managed HSM', 'KV_URL_INVALID', { env: { KEY_VAULT_URL: 'https://pool.managedhsm.azure.net' } }),
  vault("a vault's Azure resource id", 'KV_URL_INVALID', {
    says: ['https://local.vault.azure.net'],
    env: { KEY_VAULT_URL: vaultId },
  }),
  vault("a secret's address in place of its name", 'KV_INVALID_NAME', {
    says: ["getKeyVaultSecret('db-password', { vaultUrl: 'https://local.vault.azure.net' })"],
    wish: { way: 'secret', name: 'https://local.vault.azure.net/secrets/db-password' },
  }),
  vault('a name with a version', 'KV_INVALID_NAME', {
    says: ['{ version: '],
    wish: { way: 'secret', name: `db-password/${'0'.repeat(32)}` },
  }),
  vault('plain http', 'KV_URL_INSECURE', { env: { KEY_VAULT_URL: 'http://local.vault.azure.net' } }),
  vault('plain http, to the client itself', 'KV_URL_INSECURE', reads({ vaultUrl: 'http://local.vault.azure.net' })),
  vault("a peer's credential that Entra refuses", 'KV_CREDENTIAL', {
    wish: ({ local: { world } }) =>
      reads({ peer: ['ClientSecretCredential', world.tenantId, world.servicePrincipal.clientId, marker] }).wish,
  }),
  ...(
    [
      ['a user whom the tenant does not have', 50034, 'invalid_grant', 'The user account does not exist.', 'guest'],
      ['a wrong password', 50126, 'invalid_grant', 'Error validating credentials.', 'az login --tenant'],
      ['a user who has to prove more', 50076, 'interaction_required', 'You must use MFA.', 'az login --tenant'],
      ['a user who has to enroll first', 50079, 'interaction_required', 'You must enroll in MFA.', 'az login --tenant'],
      ['a user of another tenant', 50020, 'invalid_grant', 'The account does not exist in tenant.', 'guest'],
    ] as const
  ).map(([title, number, error, text, says]) =>
    vault(`${title} (AADSTS${number})`, 'KV_CREDENTIAL', {
      says: [`AADSTS${number}`, says],
      entra: refusal(number, 400, error, text),
      wish: ({ local: { world } }) =>
        reads({
          peer: ['UsernamePasswordCredential', world.tenantId, world.servicePrincipal.clientId, 'me@local', marker],
        }).wish,
    }),
  ),
  vault("a peer's credential that finds nothing", 'KV_CREDENTIAL', reads({ peer: ['EnvironmentCredential'] })),
  vault('no identity, when a secret is read', 'ERR_HOST_WITHOUT_IDENTITY', {
    env: { IDENTITY_ENDPOINT: '', IDENTITY_HEADER: '', MSI_ENDPOINT: '', MSI_SECRET: '' },
  }),
  vault('Key Vault references, one of them broken', 'KV_REFERENCES', {
    env: {
      DB: '@Microsoft.KeyVault(VaultName=local;SecretName=db-password)',
      GONE: '@Microsoft.KeyVault(VaultName=local;SecretName=other)',
      BAD: '@Microsoft.KeyVault(local)',
    },
    wish: { way: 'references' },
  }),
  ...(
    [
      ['a reference in quotes', '"@Microsoft.KeyVault(VaultName=local;SecretName=db-password)"', 'in quotes'],
      [
        'a reference within other text',
        'Server=db;Password=@Microsoft.KeyVault(VaultName=local;SecretName=db-password);',
        'whole value',
      ],
      ['a reference that was cut off', '@Microsoft.KeyVault(VaultName=local', 'parenthesis'],
      [
        'a reference to a name that no secret has',
        '@Microsoft.KeyVault(VaultName=local;SecretName=db_password)',
        'SecretName',
      ],
      [
        'a reference with two slashes',
        '@Microsoft.KeyVault(SecretUri=https://local.vault.azure.net//secrets/db-password)',
        'two slashes',
      ],
      ['a reference with a comma', '@Microsoft.KeyVault(VaultName=local,SecretName=db-password)', 'semicolon'],
    ] as const
  ).map(([title, BAD, says]) =>
    vault(title, 'KV_REFERENCE_SYNTAX', {
      says: [says, '--settings "@settings.json"'],
      env: { BAD },
      wish: { way: 'reference' },
    }),
  ),
  vault('one Key Vault reference, and what is wrong with it', 'KV_REFERENCE_SYNTAX', {
    says: ['@Microsoft.KeyVault(VaultName=VAULT;SecretName=SECRET)'],
    env: { BAD: `@Microsoft.KeyVault(${marker})` },
    wish: { way: 'reference' },
  }),
  vault('a method that the client does not have', 'KV_UNKNOWN', calls('readSecret', 'db-password')),
  vault('an installation without @azure/keyvault-secrets', 'KV_MODULE_MISSING', { place: 'bare' }),
];
