import { docsUrl } from '../../codes.ts';
import { describeAnswer, type ErrorAnswer } from './answer.ts';

/** Where the headings of `docs/key-vault.md` are read. */
const guideUrl = new URL('key-vault.md', docsUrl).href;

/** Every way in which Key Vault fails a program, with its title; each has a heading of the same name in the guide. */
const titles = {
  // 403: the caller
  KV_DENIED_BY_RBAC: 'No role assignment allows this on the vault',
  KV_DENIED_BY_POLICY: 'No access policy of the vault allows this',
  KV_DENIED: 'The vault denies access',
  KV_DENY_ASSIGNMENT: 'A deny assignment forbids this',
  KV_POLICY_ON_BEHALF_OF: "The access policy holds for another application's calls only",
  KV_FIRST_PARTY_CALLER: "The caller is a Microsoft service or a personal account that the vault doesn't trust",
  // 403: the network
  KV_FIREWALL: "The vault's firewall does not let this address in",
  KV_PRIVATE_ONLY: 'The vault takes private connections only',
  KV_OTHER_VAULT_ENDPOINT: "The name leads to another vault's private endpoint",
  // 403: the secret
  KV_SECRET_DISABLED: 'The secret is disabled',
  KV_SECRET_DATES: "The secret is outside its dates, and this isn't Azure",
  KV_PURGE_PROTECTED: "The vault's purge protection forbids purging",
  // 404, 409
  KV_SECRET_NOT_FOUND: 'The vault has no such secret',
  KV_DELETED_SECRET_NOT_FOUND: 'The vault has no such deleted secret',
  KV_SECRET_DELETED: 'A deleted secret still holds the name',
  KV_SECRET_BUSY: 'The secret is being deleted or recovered',
  KV_SECRET_EXISTS: 'A secret of that name exists',
  KV_CONFLICT: 'The secret is in a state that does not allow this',
  // 400
  KV_INVALID_NAME: "The secret's name is not allowed",
  KV_API_VERSION: 'The vault does not know the api-version',
  KV_VALUE_TOO_LARGE: 'The value is not accepted, most likely too large',
  KV_PAGE_SIZE: 'The page size is not between 1 and 25',
  KV_BACKUP_MALFORMED: 'The backup cannot be restored here',
  KV_BAD_REQUEST: 'The vault does not understand the request',
  // 401
  KV_TOKEN_MISSING: 'No token reached the vault',
  KV_TOKEN_AUDIENCE: 'The token was made for another service',
  KV_TOKEN_TENANT: 'The token comes from another tenant than the vault',
  KV_TOKEN_EXPIRED: 'The token has expired',
  KV_TOKEN_NOT_YET_VALID: 'The token is not valid yet',
  KV_TOKEN_UNREADABLE: 'What was sent as token is none',
  KV_TOKEN_KEY: 'The vault does not know the key that signed the token',
  KV_TOKEN_CLAIMS: 'The vault asks for a fresh sign-in',
  KV_TOKEN_REFUSED: 'The vault refuses the token',
  // The service
  KV_THROTTLED: 'Too many requests to the vault',
  KV_SERVICE_ERROR: 'The vault failed',
  // Below HTTP
  KV_HOST_NOT_FOUND: "The vault's name does not resolve",
  KV_DNS_UNAVAILABLE: 'The name server does not answer',
  KV_CONNECTION_REFUSED: 'Nobody listens at the address',
  KV_CONNECTION_RESET: 'The connection broke',
  KV_PROXY: 'The proxy did not reach the vault',
  KV_NO_ROUTE: 'No route to the address',
  KV_TIMEOUT: 'The vault did not answer in time',
  KV_ABORTED: 'The call was aborted',
  KV_TLS_UNTRUSTED: "The certificate's authority is not trusted",
  KV_TLS_SELF_SIGNED: 'The server shows a self-signed certificate',
  KV_TLS_NAME: 'The certificate belongs to another name',
  KV_TLS_DATE: 'The certificate is outside its dates',
  KV_TLS_PROTOCOL: 'The server does not speak TLS',
  // The program
  KV_URL_MISSING: 'No vault is named',
  KV_URL_INVALID: "The vault's address is not a URL",
  KV_URL_INSECURE: "The vault's address is not https",
  KV_CHALLENGE_MISMATCH: 'The server asks for a token that does not belong to its address',
  KV_EMPTY_RESPONSE: 'Somebody answered with an error and no content',
  KV_UNEXPECTED_RESPONSE: 'Something other than Key Vault answered',
  KV_CREDENTIAL: 'The credential gave no token',
  KV_MODULE_MISSING: 'The package @azure/keyvault-secrets cannot be loaded',
  KV_REFERENCE_SYNTAX: 'The Key Vault reference cannot be read',
  KV_REFERENCES: 'Key Vault references cannot be resolved',
  KV_UNKNOWN: 'An error that Key Vault and its client are not known for',
} as const satisfies Record<string, string>;

/** A stable name for each way to fail at Key Vault; each has a heading in `docs/key-vault.md`. */
export type KeyVaultErrorCode = keyof typeof titles;

/** Every code, for documentation and tests. */
export const keyVaultErrorCodes = Object.keys(titles) as readonly KeyVaultErrorCode[];

/** Why a call to Key Vault failed, and what ends it. Holds no token and no secret. */
export interface KeyVaultExplanation {
  /** A stable name: `KV_...`, or the credential's own `ERR_...` when it gave no token. */
  readonly code: string;
  readonly title: string;
  readonly cause: string;
  /** In this order; each is an instruction or an exact command, in which capital words stand for what is not known. */
  readonly fix: readonly string[];
  /** The address of the code's heading. */
  readonly docs: string;
  /** What came back: status, codes and ids, each only where it was given. */
  readonly answer?: ErrorAnswer;
}

/** What an explainer found: the code's title and heading are added by {@link explanationOf}. */
export interface Finding {
  readonly code: KeyVaultErrorCode;
  readonly cause: string;
  readonly fix: readonly string[];
}

/** Completes a finding. */
export function explanationOf({ code, cause, fix }: Finding, answer?: ErrorAnswer): KeyVaultExplanation {
  return { code, title: titles[code], cause, fix, docs: docsOfKeyVault(code), ...(answer && { answer }) };
}

/** In one line: title, cause, what came back, the first fix and where more is written. */
export function summaryOf({ code, title, cause, fix, docs, answer }: KeyVaultExplanation): string {
  const came = answer ? ` Answer: ${describeAnswer(answer)}.` : '';
  return `${title}. ${cause}${came} Fix: ${fix[0]} [${code}, ${docs}]`;
}

/** Where a code is explained. */
export function docsOfKeyVault(code: KeyVaultErrorCode): string {
  return `${guideUrl}#${code.toLowerCase()}`;
}
