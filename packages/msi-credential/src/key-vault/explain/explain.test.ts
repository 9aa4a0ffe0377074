import { describe, expect, test } from 'vitest';
import { formatFix } from '../../codes.ts';
import { KeyVaultError } from './error.ts';
import { explainKeyVaultError } from './explain.ts';

const appId = '33333333-aaaa-4bbb-8ccc-000000000003';
const objectId = '44444444-aaaa-4bbb-8ccc-000000000004';
const tenantId = '11111111-aaaa-4bbb-8ccc-000000000001';
const otherTenant = '22222222-aaaa-4bbb-8ccc-000000000002';
const scope =
  '/subscriptions/55555555-aaaa-4bbb-8ccc-000000000005/resourceGroups/rg-app/providers/Microsoft.KeyVault/vaults/contoso-dev';

interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly message?: string;
  readonly inner?: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** As `RestError` of `@azure/core-rest-pipeline` 1.25.0 comes out of `@azure/keyvault-secrets` 4.12.0. */
function restError({ status, code, message = `Unexpected status code: ${status}`, inner, ...answer }: Answer): Error {
  const headers = new Headers(answer.headers);
  const url = `https://contoso-dev.vault.azure.net${answer.path ?? '/secrets/db-password/?api%2Dversion=2026-04-01'}`;
  const innerError = inner === undefined ? {} : { innerError: { code: inner } };
  const details = code === undefined ? {} : { error: { code, message, ...innerError } };
  const error = Object.assign(new Error(message), { name: 'RestError', code, statusCode: status, details });
  const request = { value: { method: answer.method ?? 'GET', url }, enumerable: false };
  const response = { value: { status, headers, bodyAsText: answer.body }, enumerable: false };
  return Object.defineProperties(error, { request, response });
}

const caller = `Caller: appid=${appId};oid=${objectId};iss=https://sts.windows.net/${tenantId}/`;
const rbac = (action: string, deny = 'null', appid = appId) =>
  [
    'Caller is not authorized to perform action on resource.',
    caller.replace(appId, appid),
    `Action: 'Microsoft.KeyVault/vaults/secrets/${action}'`,
    `Resource: '${scope}/secrets/db-password'`,
    'Assignment: (not found)',
    `DenyAssignmentId: ${deny}`,
    "DecisionReason: 'DeniedWithNoValidRBAC' ",
    'Vault: contoso-dev;location=westeurope',
  ].join('\r\n');
const policy = (permission: string) =>
  `'appid=${appId};oid=${objectId};numgroups=2;iss=https://sts.windows.net/${tenantId}/' does not have secrets ${permission} permission on key vault 'contoso-dev;location=westeurope'.`;
const grant = (role: string, type = 'ServicePrincipal') =>
  `az role assignment create --role "${role}" --assignee-object-id ${objectId} --assignee-principal-type ${type} --scope "${scope}"`;
const setPolicy = (permissions: string) =>
  `az keyvault set-policy -n contoso-dev --object-id ${objectId} --secret-permissions ${permissions}`;
const forbidden = (inner: string | undefined, message: string): Answer => ({
  status: 403,
  code: 'Forbidden',
  message,
  ...(inner && { inner }),
});
/** What is refused, its code, and the command that grants it. */
type Denied = readonly [Answer, string, string];
const byRbac = (inner: string | undefined, action: string, role: string): Denied => [
  forbidden(inner, rbac(action)),
  'KV_DENIED_BY_RBAC',
  grant(`Key Vault Secrets ${role}`),
];
const byPolicy = (inner: string, permission: string, all: string): Denied => [
  forbidden(inner, policy(permission)),
  'KV_DENIED_BY_POLICY',
  setPolicy(all),
];
const bad = (message: string): Answer => ({ status: 400, code: 'BadParameter', message });
const unauthorized = (message: string): Answer => ({ status: 401, code: 'Unauthorized', message });
const conflict = (inner: string | undefined, message = 'x'): Answer => ({
  status: 409,
  code: 'Conflict',
  message,
  ...(inner && { inner }),
});
const version = '5d1f0c6a9be24c4f8f6f1a7b3c2d9e01';
const name = '--vault-name contoso-dev -n db-password';

describe('the answers of a vault', () => {
  test.each<[string, Answer, code: string, fix?: string]>([
    ['RBAC', ...byRbac('ForbiddenByRbac', 'getSecret/action', 'User')],
    ['RBAC, by words alone', ...byRbac(undefined, 'readMetadata/action', 'User')],
    ['RBAC for setting', ...byRbac('ForbiddenByRbac', 'setSecret/action', 'Officer')],
    ['RBAC for deleting', ...byRbac('ForbiddenByRbac', 'delete', 'Officer')],
    [
      'RBAC for a person',
      forbidden('ForbiddenByRbac', rbac('getSecret/action', 'null', '04b07795-8ddb-461a-bbee-02f9e1bf7b46')),
      'KV_DENIED_BY_RBAC',
      grant('Key Vault Secrets User', 'User'),
    ],
    [
      'a deny assignment',
      forbidden('ForbiddenByRbac', rbac('getSecret/action', "'abc'")),
      'KV_DENY_ASSIGNMENT',
      `az role assignment list --scope "${scope}"`,
    ],
    ['a policy', ...byPolicy('ForbiddenByPolicy', 'get', 'get list')],
    ['a policy for setting', ...byPolicy('ForbiddenByPolicy', 'set', 'get list set')],
    ['a policy, until 2020', ...byPolicy('AccessDenied', 'delete', 'get list delete')],
    [
      'a policy on behalf of',
      forbidden('ForbiddenByPolicy', `${policy('get')} on-behalf-of`),
      'KV_POLICY_ON_BEHALF_OF',
      `az keyvault delete-policy -n contoso-dev --object-id ${objectId} --application-id ${appId}`,
    ],
    [
      'a first party service',
      forbidden('AccessDenied', 'a first party service'),
      'KV_FIRST_PARTY_CALLER',
      'az keyvault update --name contoso-dev --bypass AzureServices',
    ],
    [
      'the firewall',
      forbidden(
        'ForbiddenByFirewall',
        `Client address is not authorized\r\nClient address: 198.51.100.23\r\n${caller}`,
      ),
      'KV_FIREWALL',
      'az keyvault network-rule add --name contoso-dev --ip-address 198.51.100.23/32',
    ],
    [
      'the firewall, the address in a header',
      {
        ...forbidden('ForbiddenByFirewall', 'x'),
        headers: { 'x-ms-keyvault-network-info': 'conn_type=Ipv4;addr=203.0.113.7;act_addr_fam=InterNetwork;' },
      },
      'KV_FIREWALL',
      '--ip-address 203.0.113.7/32',
    ],
    [
      'the firewall, from inside',
      forbidden('ForbiddenByFirewall', 'Client address: 10.0.0.4'),
      'KV_FIREWALL',
      '--vnet-name NETWORK --subnet SUBNET',
    ],
    [
      'public access off',
      forbidden('ForbiddenByConnection', 'Public network access is disabled'),
      'KV_PRIVATE_ONLY',
      'nslookup contoso-dev.vault.azure.net',
    ],
    [
      'a private link that is not approved',
      forbidden(undefined, 'not an approved private link'),
      'KV_PRIVATE_ONLY',
      'az keyvault private-endpoint-connection approve --vault-name contoso-dev -n CONNECTION',
    ],
    [
      "another vault's endpoint",
      { status: 403, message: 'This TCP connection does not allow access to contoso-dev' },
      'KV_OTHER_VAULT_ENDPOINT',
      'nslookup contoso-dev.vault.azure.net',
    ],
    [
      'a disabled secret',
      forbidden('SecretDisabled', 'x'),
      'KV_SECRET_DISABLED',
      `az keyvault secret set-attributes ${name} --enabled true`,
    ],
    ["an emulator's expired secret", forbidden('SecretExpired', 'x'), 'KV_SECRET_DATES'],
    [
      'purge protection',
      forbidden(undefined, 'purge protection is enabled'),
      'KV_PURGE_PROTECTED',
      `az keyvault secret recover ${name}`,
    ],
    [
      'an unknown 403',
      forbidden(undefined, 'x'),
      'KV_DENIED',
      'az keyvault show -n contoso-dev --query properties.enableRbacAuthorization -o tsv',
    ],
    [
      'no such secret',
      { status: 404, code: 'SecretNotFound', message: 'was not found in this key vault' },
      'KV_SECRET_NOT_FOUND',
      'az keyvault secret list-deleted --vault-name contoso-dev',
    ],
    [
      'no such deleted secret',
      { status: 404, code: 'SecretNotFound', message: 'Deleted Secret not found: x' },
      'KV_DELETED_SECRET_NOT_FOUND',
      'pollUntilDone()',
    ],
    ['no such path', { status: 404, code: 'NotFound', message: 'x' }, 'KV_UNEXPECTED_RESPONSE', 'KEY_VAULT_URL'],
    [
      'a deleted one in the way',
      conflict('ObjectIsDeletedButRecoverable'),
      'KV_SECRET_DELETED',
      `az keyvault secret recover ${name}`,
    ],
    ['a recovery under way', conflict('ObjectIsBeingRecovered'), 'KV_SECRET_BUSY', 'pollUntilDone()'],
    ['a deletion under way', conflict(undefined, 'is currently being deleted'), 'KV_SECRET_BUSY', 'pollUntilDone()'],
    [
      'a live one in the way',
      conflict(undefined, 'already exists'),
      'KV_SECRET_EXISTS',
      `az keyvault secret delete ${name}`,
    ],
    ['an unknown 409', conflict(undefined), 'KV_CONFLICT', 'list-deleted'],
    ['a name', bad('The request URI contains an invalid name: a_b'), 'KV_INVALID_NAME'],
    [
      'an api-version',
      bad('The specified version (2099-01-01) is not recognized.'),
      'KV_API_VERSION',
      "serviceVersion: '7.4'",
    ],
    ['a long value', bad('exceeds the maximum permitted length of 25600.'), 'KV_VALUE_TOO_LARGE'],
    ['a value, in 2017', bad('Property has invalid value'), 'KV_VALUE_TOO_LARGE'],
    ['a page size', bad('maxresults must be between 1 and 25'), 'KV_PAGE_SIZE', 'maxPageSize: 25'],
    [
      'a backup',
      { status: 400, code: 'Malformed backup blob', message: 'x' },
      'KV_BACKUP_MALFORMED',
      'restoreSecretBackup',
    ],
    ['an unknown 400', bad('x'), 'KV_BAD_REQUEST', 'https://learn.microsoft.com/rest/api/keyvault'],
    ['no token', unauthorized('AKV10000: x'), 'KV_TOKEN_MISSING', 'Authorization'],
    [
      'the audience',
      unauthorized('AKV10022: x Expected https://vault.azure.net, found: https://management.azure.com/.'),
      'KV_TOKEN_AUDIENCE',
      'https://vault.azure.net/.default',
    ],
    [
      'the tenant',
      unauthorized(
        `AKV10032: x Expected one of https://sts.windows.net/${tenantId}/, found https://sts.windows.net/${otherTenant}/.`,
      ),
      'KV_TOKEN_TENANT',
      `az login --tenant ${tenantId}`,
    ],
    ['the time', unauthorized('[TokenExpired] S2S12086'), 'KV_TOKEN_EXPIRED', 'timedatectl'],
    ['the time, in older words', unauthorized('IDX10223'), 'KV_TOKEN_EXPIRED', 'getKeyVaultCredential()'],
    ['a time to come', unauthorized('IDX10222'), 'KV_TOKEN_NOT_YET_VALID', 'timedatectl'],
    ['no JWT', unauthorized('[BearerReadAccessTokenFailed] S2S12005'), 'KV_TOKEN_UNREADABLE'],
    ['the key', unauthorized('AKV10046: x'), 'KV_TOKEN_KEY', 'AZURE_AUTHORITY_HOST'],
    [
      'claims',
      {
        ...unauthorized('x'),
        headers: { 'www-authenticate': 'Bearer realm="", error="insufficient_claims", claims="e30="' },
      },
      'KV_TOKEN_CLAIMS',
      'az login',
    ],
    [
      'a policy, where the vault works with roles',
      forbidden('ForbiddenByPolicy', policy('get')),
      'KV_DENIED_BY_POLICY',
      'az role assignment create --role "Key Vault Secrets User"',
    ],
    [
      'the firewall, over IPv6',
      forbidden('ForbiddenByFirewall', `Client address: 2001:db8::17\r\n${caller}`),
      'KV_FIREWALL',
      'az keyvault network-rule add --name contoso-dev --ip-address ADDRESS/32',
    ],
    [
      'a disabled version',
      { ...forbidden('SecretDisabled', 'x'), path: `/secrets/db-password/${version}?api-version=7.6` },
      'KV_SECRET_DISABLED',
      `az keyvault secret set-attributes ${name} --version ${version} --enabled true`,
    ],
    ['an unknown 401', unauthorized('x'), 'KV_TOKEN_REFUSED', 'properties.tenantId'],
    ['too many requests', { status: 429, code: 'Throttled', message: 'x' }, 'KV_THROTTLED', 'getKeyVaultSecret'],
    [
      'a failure',
      { status: 500, code: 'InternalServerError', message: 'x', headers: { 'x-ms-request-id': objectId } },
      'KV_SERVICE_ERROR',
      'x-ms-request-id',
    ],
    [
      'a failover',
      { status: 503, code: 'ServiceUnavailable', message: 'x' },
      'KV_SERVICE_ERROR',
      'https://azure.status.microsoft',
    ],
    ['a page of HTML', { status: 403, body: '<html>blocked</html>' }, 'KV_UNEXPECTED_RESPONSE', 'NO_PROXY'],
    ['a gateway', { status: 502, body: '<html>bad gateway</html>' }, 'KV_UNEXPECTED_RESPONSE', 'NO_PROXY'],
    [
      'a proxy that wants a password',
      { status: 407, body: 'x' },
      'KV_PROXY',
      'HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT',
    ],
  ])('%s', (_, answer, code, fix = '') => {
    const { status } = answer;
    const explanation = explainKeyVaultError(restError(answer));
    const docs = expect.stringMatching(new RegExp(`#${code.toLowerCase()}$`));
    expect(explanation).toMatchObject({ code, status, docs });
    expect(formatFix(explanation.fix)).toContain(fix);
  });
});

describe('what came back', () => {
  const requestId = '77777777-aaaa-4bbb-8ccc-000000000007';

  test('is told at the end of the cause, and so in the message', () => {
    const headers = { 'x-ms-request-id': requestId };
    const explanation = explainKeyVaultError(
      restError({ ...forbidden('ForbiddenByRbac', rbac('getSecret/action')), headers }),
    );
    const came = `The vault answered 403 Forbidden, ForbiddenByRbac (x-ms-request-id ${requestId}).`;
    expect(explanation.status).toBe(403);
    expect(explanation.cause.endsWith(` ${came}`)).toBe(true);
    expect(new KeyVaultError(explanation).message).toContain(` ${came} Fix: `);
  });

  test.each<[string, Answer, came: string]>([
    ['a status alone', { status: 429, message: 'x' }, 'The vault answered 429.'],
    ['a code with spaces', { status: 400, code: 'Malformed backup blob', message: 'x' }, '400 Malformed backup blob.'],
    ['no id that is none', { ...bad('x'), headers: { 'x-ms-request-id': 'x y' } }, '400 BadParameter.'],
    ['no code that is none', { ...forbidden('x$(y)', 'x') }, '403 Forbidden.'],
  ])('%s', (_, answer, came) => {
    const { status, cause } = explainKeyVaultError(restError(answer));
    expect(status).toBe(answer.status);
    expect(cause.endsWith(came)).toBe(true);
  });

  test.each<[string, Answer]>([
    ['came from somebody else', { status: 502, body: '<html>bad gateway</html>' }],
    ["has a client's own code", { status: 200, code: 'PARSE_ERROR' }],
  ])("is not said to be the vault's where it %s", (_, answer) => {
    const { status, cause } = explainKeyVaultError(restError(answer));
    expect({ status, cause }).toEqual({
      status: answer.status,
      cause: expect.not.stringContaining('The vault answered'),
    });
  });

  test('is left out where nothing did', () => {
    const explanation = explainKeyVaultError(Object.assign(new Error('x'), { code: 'ENOTFOUND' }));
    expect(explanation).not.toHaveProperty('status');
    expect(explanation.cause).not.toContain(' answered');
  });

  test.each<[string, Answer, string]>([
    ['a 401', unauthorized('AKV10099: brand new reason'), ' said: AKV10099: brand new reason.'],
    ['a 400', bad('The tag is odd.'), ' said: The tag is odd.'],
    ['a 409', conflict(undefined, 'It is being moved.'), ' said: It is being moved.'],
    ['a 403', forbidden(undefined, 'Not on Sundays.'), ' said: Not on Sundays.'],
  ])("%s that no table knows is told in the service's own words", (_, answer, cause) => {
    expect(explainKeyVaultError(restError(answer)).cause).toContain(cause);
  });

  test('those words are cut to a length', () => {
    expect(explainKeyVaultError(restError(unauthorized('so '.repeat(2000)))).cause.length).toBeLessThan(700);
  });
});

describe('a vault of another tenant', () => {
  const refused = unauthorized(
    `AKV10032: x Expected one of https://sts.windows.net/${tenantId}/, found https://sts.windows.net/${otherTenant}/.`,
  );
  const fixFor = (source: string) =>
    formatFix(explainKeyVaultError(restError(refused), { selected: { source } } as never).fix);

  test.each([
    ['azure-cli', `az login --tenant ${tenantId}`],
    ['azure-developer-cli', `azd auth login --tenant-id ${tenantId}`],
    ['azure-powershell', `Connect-AzAccount -Tenant ${tenantId}`],
    ['service-principal', `AZURE_ADDITIONALLY_ALLOWED_TENANTS=${tenantId}`],
    ['workload-identity', `AZURE_TENANT_ID=${tenantId}`],
    ['cloud-shell', tenantId],
  ])('%s', (source, fix) => expect(fixFor(source)).toContain(fix));

  test.each(['app-service', 'imds', 'azure-arc', 'service-fabric', 'azure-ml'])(
    'the managed identity of %s cannot be given another tenant by a variable or a sign-in',
    (source) => {
      expect(fixFor(source)).toContain(otherTenant);
      expect(fixFor(source)).toContain(`federatedCredential: { clientId: 'CLIENT_ID', tenantId: '${tenantId}' }`);
      expect(fixFor(source)).not.toMatch(/AZURE_TENANT_ID=|az login/);
    },
  );

  test('the command that empties the policies says so', () => {
    const { fix } = explainKeyVaultError(restError(refused));
    const step = fix.findIndex(({ run }) => run?.includes('--remove properties.accessPolicies'));
    expect(fix[step - 1]).toMatchObject({
      text: expect.stringContaining('access policies'),
      run: 'az keyvault show -n contoso-dev --query properties.accessPolicies',
    });
    expect(fix[step]?.text).toContain('remove all access policies');
  });
});

const listing = {
  path: '/secrets?api%2Dversion=2026-04-01',
  message: 'Pagination failed with unexpected statusCode 403',
};
const lost = (answer: Omit<Answer, 'message'>) =>
  Object.assign(restError({ ...listing, ...answer }), { details: undefined });

describe('a list call, which loses what the vault said', () => {
  test('denied: both models, for the action that the request shows', () => {
    const principal = { objectId, applicationId: appId };
    const { code, fix } = explainKeyVaultError(lost({ status: 403, code: 'Forbidden' }), { principal } as never);
    expect(code).toBe('KV_DENIED');
    const vaultId = '$(az keyvault show -n contoso-dev --query id -o tsv)';
    expect(fix.map(({ run }) => run)).toEqual([
      'az keyvault show -n contoso-dev --query properties.enableRbacAuthorization -o tsv',
      grant('Key Vault Secrets User').replace(scope, vaultId),
      setPolicy('get list'),
      'az keyvault network-rule list --name contoso-dev',
    ]);
    expect(fix[2]?.text).toContain('replaces');
  });

  test('with the body kept by a policy of the caller, it is as clear as any other', () => {
    const body = JSON.stringify({
      error: { code: 'Forbidden', message: policy('list'), innererror: { code: 'ForbiddenByPolicy' } },
    });
    expect(explainKeyVaultError(lost({ status: 403, code: 'Forbidden', body }))).toMatchObject({
      code: 'KV_DENIED_BY_POLICY',
    });
  });

  const challenge = {
    'www-authenticate': `Bearer authorization="https://login.microsoftonline.com/${tenantId}", resource="https://vault.azure.net"`,
  };
  const refusedList = lost({ status: 401, code: 'Unauthorized', headers: challenge });

  test("refused: the challenge and the diagnostics tell the token's tenant from the vault's", () => {
    const principal = { tenantId: otherTenant };
    expect(explainKeyVaultError(refusedList, { principal } as never)).toMatchObject({
      code: 'KV_TOKEN_TENANT',
      cause: expect.stringMatching(new RegExp(`${tenantId}.*${otherTenant}`)),
    });
  });

  test.each([
    ['of the same tenant', { principal: { tenantId } }],
    ['of an unknown one', undefined],
  ])('refused, with a token %s: where the reason is to be had', (_, diagnostics) => {
    const { code, cause, fix } = explainKeyVaultError(refusedList, diagnostics as never);
    expect({ code, cause, fix: fix[0] }).toEqual({
      code: 'KV_TOKEN_REFUSED',
      cause: expect.stringContaining(tenantId),
      fix: { text: expect.stringContaining('client.getSecret(NAME)') },
    });
  });

  test('with too large a page: the request tells', () => {
    const path = '/secrets?api%2Dversion=2026-04-01&maxresults=100';
    expect(explainKeyVaultError(lost({ status: 400, code: 'BadParameter', path })).code).toBe('KV_PAGE_SIZE');
  });

  test('answered by a proxy without content', () => {
    expect(explainKeyVaultError(lost({ status: 502 })).code).toBe('KV_UNEXPECTED_RESPONSE');
  });
});

describe('who it was', () => {
  const denied = forbidden('ForbiddenByRbac', 'x');

  test.each<[string, Answer]>([
    ['roles', forbidden('ForbiddenByRbac', rbac('getSecret/action'))],
    ['access policies', forbidden('ForbiddenByPolicy', policy('get'))],
  ])('both ids are named, by a vault with %s', (_, answer) => {
    expect(explainKeyVaultError(restError(answer)).cause).toContain(
      `The service principal with object id ${objectId} and application id ${appId} `,
    );
  });

  test("the credential's principal stands in where the vault names nobody", () => {
    const diagnostics = { principal: { objectId, name: 'person@contoso.com', applicationId: appId } };
    expect(explainKeyVaultError(restError(denied), { diagnostics } as never).fix[0]?.run).toContain(
      `--assignee-object-id ${objectId} --assignee-principal-type User`,
    );
  });

  test('nobody knows: the fix begins with how to find out', () => {
    expect(explainKeyVaultError(restError(denied)).fix[0]?.run).toBe('az ad sp show --id CLIENT_ID --query id -o tsv');
    const developer = { selected: { source: 'azure-cli' } } as never;
    expect(explainKeyVaultError(restError(denied), developer).fix[0]?.run).toContain(
      'az ad signed-in-user show --query id',
    );
  });

  test('the context names vault and secret where the error does not', () => {
    const context = { vaultUrl: 'https://fabrikam.vault.azure.cn', secretName: 'api-key' };
    const error = Object.assign(new Error('x'), {
      statusCode: 403,
      details: { error: { innerError: { code: 'SecretDisabled' } } },
    });
    expect(explainKeyVaultError(error, undefined, context).fix.map(({ run }) => run)).toEqual([
      'az keyvault secret set-attributes --vault-name fabrikam -n api-key --enabled true',
    ]);
  });
});
