import { docsUrl, type Explanation, type Fix } from '../../codes.ts';

/** Where the headings of `docs/key-vault.md` are read. */
const guideUrl = new URL('key-vault.md', docsUrl).href;

/** Keeps codes and kinds as types, and the wording out of them: to reword a title must not change the public types. */
function rows<const Rows extends Readonly<Record<string, { readonly kind: string; readonly title: string }>>>(
  table: Rows,
): { readonly [Code in keyof Rows]: { readonly kind: Rows[Code]['kind']; readonly title: string } } {
  return table;
}

/**
 * Every way in which a call to Key Vault fails, with its title. The kind says what a program can do about it.
 * `denied`: ask for access. `token`, `credential`: sign in otherwise. `secret`, `request`: ask for something else.
 * `throttled`, `service`, `timeout`: try again later. `unreachable`: open the way. `misuse`, `reference`: correct a setting.
 */
const table = rows({
  KV_DENIED_BY_RBAC: { kind: 'denied', title: 'No role assignment allows this on the vault' },
  KV_DENIED_BY_POLICY: { kind: 'denied', title: 'No access policy of the vault allows this' },
  KV_DENIED: { kind: 'denied', title: 'The vault denies access' },
  KV_DENY_ASSIGNMENT: { kind: 'denied', title: 'A deny assignment forbids this' },
  KV_POLICY_ON_BEHALF_OF: { kind: 'denied', title: "The access policy only covers another application's calls" },
  KV_FIRST_PARTY_CALLER: { kind: 'denied', title: "The vault doesn't trust this kind of account" },
  KV_FIREWALL: { kind: 'denied', title: "The vault's firewall doesn't let this address in" },
  KV_PRIVATE_ONLY: { kind: 'denied', title: 'The vault only takes private connections' },
  KV_OTHER_VAULT_ENDPOINT: { kind: 'denied', title: "The name leads to another vault's private endpoint" },

  KV_SECRET_NOT_FOUND: { kind: 'secret', title: 'The vault has no such secret' },
  KV_DELETED_SECRET_NOT_FOUND: { kind: 'secret', title: 'The vault has no such deleted secret' },
  KV_SECRET_DISABLED: { kind: 'secret', title: 'The secret is disabled' },
  KV_SECRET_DATES: { kind: 'secret', title: "The secret is outside its dates, and this isn't Azure" },
  KV_SECRET_DELETED: { kind: 'secret', title: 'A deleted secret still holds the name' },
  KV_SECRET_BUSY: { kind: 'secret', title: 'The secret is being deleted or recovered' },
  KV_SECRET_EXISTS: { kind: 'secret', title: 'A secret of that name exists' },
  KV_CONFLICT: { kind: 'secret', title: "The secret's state doesn't allow this" },
  KV_MANAGED_BY_CERTIFICATE: { kind: 'secret', title: 'A certificate owns this secret or key' },
  KV_KEY_UNUSABLE: { kind: 'secret', title: "The key itself doesn't allow this" },
  KV_OBJECT_NOT_FOUND: { kind: 'secret', title: 'The vault has no such key or certificate' },
  KV_PURGE_PROTECTED: { kind: 'secret', title: "The vault's purge protection forbids purging" },

  KV_INVALID_NAME: { kind: 'request', title: "The secret's name isn't allowed" },
  KV_API_VERSION: { kind: 'request', title: "The vault doesn't know the API version" },
  KV_VALUE_TOO_LARGE: { kind: 'request', title: "The vault doesn't accept the value, most likely too large" },
  KV_PAGE_SIZE: { kind: 'request', title: 'The page size is not between 1 and 25' },
  KV_BACKUP_MALFORMED: { kind: 'request', title: "The backup can't be restored here" },
  KV_BAD_REQUEST: { kind: 'request', title: "The vault doesn't understand the request" },

  KV_TOKEN_MISSING: { kind: 'token', title: 'No token reached the vault' },
  KV_TOKEN_AUDIENCE: { kind: 'token', title: 'The token is for another service' },
  KV_TOKEN_TENANT: { kind: 'token', title: "The token comes from another tenant than the vault's" },
  KV_TOKEN_EXPIRED: { kind: 'token', title: 'The token has expired' },
  KV_TOKEN_NOT_YET_VALID: { kind: 'token', title: 'The token is not valid yet' },
  KV_TOKEN_UNREADABLE: { kind: 'token', title: "The vault can't read the token" },
  KV_TOKEN_KEY: { kind: 'token', title: "The vault doesn't know the key that signed the token" },
  KV_TOKEN_CLAIMS: { kind: 'token', title: 'The vault asks for a fresh sign-in' },
  KV_TOKEN_REFUSED: { kind: 'token', title: 'The vault refuses the token' },

  KV_THROTTLED: { kind: 'throttled', title: 'Too many requests to the vault' },
  KV_SERVICE_ERROR: { kind: 'service', title: 'The vault failed' },

  KV_HOST_NOT_FOUND: { kind: 'unreachable', title: "The vault's name doesn't resolve" },
  KV_DNS_UNAVAILABLE: { kind: 'unreachable', title: "The name server doesn't answer" },
  KV_CONNECTION_REFUSED: { kind: 'unreachable', title: 'Nothing listens at the address' },
  KV_CONNECTION_RESET: { kind: 'unreachable', title: 'The connection broke' },
  KV_PROXY: { kind: 'unreachable', title: "The proxy didn't reach the vault" },
  KV_NO_ROUTE: { kind: 'unreachable', title: 'No route to the address' },
  KV_TIMEOUT: { kind: 'timeout', title: "The vault didn't answer in time" },
  KV_ABORTED: { kind: 'timeout', title: 'The program aborted the call' },
  KV_TLS_UNTRUSTED: { kind: 'unreachable', title: "The certificate's authority is not trusted" },
  KV_TLS_SELF_SIGNED: { kind: 'unreachable', title: 'The server shows a self-signed certificate' },
  KV_TLS_NAME: { kind: 'unreachable', title: 'The certificate belongs to another name' },
  KV_TLS_DATE: { kind: 'unreachable', title: 'The certificate is outside its dates' },
  KV_TLS_PROTOCOL: { kind: 'unreachable', title: "The server doesn't speak TLS" },
  KV_EMPTY_RESPONSE: { kind: 'unreachable', title: 'Something answered with an error and no content' },
  KV_UNEXPECTED_RESPONSE: { kind: 'unreachable', title: 'Something other than Key Vault answered' },

  KV_URL_MISSING: { kind: 'misuse', title: 'No vault is named' },
  KV_URL_INVALID: { kind: 'misuse', title: 'No vault can have this address' },
  KV_URL_INSECURE: { kind: 'misuse', title: "The vault's address is not https" },
  KV_CHALLENGE_MISMATCH: { kind: 'misuse', title: "The server asks for a token that doesn't belong to its address" },
  KV_CREDENTIAL: { kind: 'credential', title: 'The credential gave no token' },
  KV_MODULE_MISSING: { kind: 'misuse', title: "The package @azure/keyvault-secrets can't be loaded" },
  KV_REFERENCE_SYNTAX: { kind: 'reference', title: "The Key Vault reference can't be read" },
  KV_REFERENCES: { kind: 'reference', title: "Key Vault references can't be resolved" },
  KV_UNKNOWN: { kind: 'unknown', title: "This error isn't known from Key Vault or its client" },
});

/** A stable name for each way to fail at Key Vault; each has a heading in `docs/key-vault.md`. */
export type KeyVaultErrorCode = keyof typeof table;

/** What a program can do about it. */
export type KeyVaultErrorKind = (typeof table)[KeyVaultErrorCode]['kind'];

/** Every code, for documentation and tests. */
export const keyVaultErrorCodes = Object.keys(table) as readonly KeyVaultErrorCode[];

const isKeyVaultCode = (code: string): code is KeyVaultErrorCode => Object.hasOwn(table, code);

/** The kind of a code. All codes that are not Key Vault's own (`ERR_...`) are the credential's. */
export function kindOf(code: string): KeyVaultErrorKind {
  return isKeyVaultCode(code) ? table[code].kind : 'credential';
}

/** Completes an explanation with the code's title and heading. */
export function explain(
  code: KeyVaultErrorCode,
  cause: string,
  fix: readonly Fix[],
  status?: number,
): Explanation<KeyVaultErrorCode> {
  const { title } = table[code];
  return { code, title, cause, fix, docs: docsOfKeyVault(code), ...(status !== undefined && { status }) };
}

/** An error of the credential says why it gave no token, but not that this is what failed. */
export function withTitle(explanation: Explanation): Explanation {
  return { title: table.KV_CREDENTIAL.title, ...explanation };
}

/** Where a code is explained. */
export function docsOfKeyVault(code: KeyVaultErrorCode): string {
  return `${guideUrl}#${code.toLowerCase()}`;
}
