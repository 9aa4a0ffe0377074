import type { Local } from 'msi-local';
import { marker, nobody, type Row, type Wish } from './row.ts';

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
  vault('a name that a deleted secret still has', 'KV_SECRET_DELETED', {
    arrange: ({ local }) => {
      local.permissions.grant(local.world.systemAssigned.objectId, 'delete');
      local.setSecret('gone', marker);
      return () => local.permissions.revoke(local.world.systemAssigned.objectId, 'delete');
    },
    wish: { way: 'client', call: ['setSecret', 'gone', marker], before: ['beginDeleteSecret', 'gone'] },
  }),
  vault('a deleted secret that is not there', 'KV_DELETED_SECRET_NOT_FOUND', calls('getDeletedSecret', 'db-password')),
  vault('a name with an underscore', 'KV_INVALID_NAME', { wish: { way: 'secret', name: 'db_password' } }),
  vault('the same, asked of the vault', 'KV_INVALID_NAME', calls('getSecret', 'db_password')),
  vault('a value that is too large', 'KV_VALUE_TOO_LARGE', calls('setSecret', 'large', marker.padEnd(25_601, 'x'))),
  vault('a vault that is older than the client', 'KV_API_VERSION', reads({ settings: { serviceVersion: '9.9' } })),
  withToken('a token for another service', 'KV_TOKEN_AUDIENCE', { audience: 'https://management.azure.com/' }),
  withToken('a token whose time is over', 'KV_TOKEN_EXPIRED', { expiresAt: new Date(Date.now() - 60_000) }),
  withToken('a token that is not valid yet', 'KV_TOKEN_NOT_YET_VALID', { notBefore: new Date(Date.now() + 900_000) }),
  withToken('a token of another tenant', 'KV_TOKEN_TENANT', { tenantId: nobody }),
  withToken('a forged token', 'KV_TOKEN_KEY', { signWith: 'forged' }),
  withToken('something that is no token', 'KV_TOKEN_UNREADABLE', marker),
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
  vault('no answer, and a program that gives up', 'KV_ABORTED', {
    vault: { connection: 'hang', times: 9 },
    wish: { way: 'secret', limitMs: 200 },
  }),
  vault("nobody listens at the vault's address", 'KV_CONNECTION_REFUSED', reads({ vaultUrl: `${own}:1` })),
  // The label is longer than any name may be, so that no name server is asked for it.
  vault('a name that does not resolve', 'KV_HOST_NOT_FOUND', reads({ vaultUrl: `https://${'v'.repeat(64)}.example` })),
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
  vault('plain http', 'KV_URL_INSECURE', { env: { KEY_VAULT_URL: 'http://local.vault.azure.net' } }),
  vault('plain http, to the client itself', 'KV_URL_INSECURE', reads({ vaultUrl: 'http://local.vault.azure.net' })),
  vault("a peer's credential that Entra refuses", 'KV_CREDENTIAL', {
    wish: ({ local: { world } }) =>
      reads({ peer: ['ClientSecretCredential', world.tenantId, world.servicePrincipal.clientId, marker] }).wish,
  }),
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
  vault('an installation without @azure/keyvault-secrets', 'KV_MODULE_MISSING', { place: 'bare' }),
];
