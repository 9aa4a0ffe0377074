import type { Diagnostics, SourceName } from './types.ts';

/** Where the headings of `docs/troubleshooting.md` are read. */
export const docsUrl = 'https://github.com/msi-credential/msi-credential/blob/main/docs/troubleshooting.md';

/**
 * Every code, with the class that carries it and what to do when the place that throws knows nothing better.
 * `unavailable`: nothing was attempted, a chain may go on. `refused`: it was attempted and did not work. `misuse`: the
 * calling program is wrong.
 */
const table = {
  ERR_NO_SOURCE: {
    kind: 'unavailable',
    hint: 'On Azure, enable a managed identity; on a laptop, run `az login`; elsewhere, set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.',
  },
  ERR_SOURCE_INCOMPLETE: { kind: 'unavailable', hint: 'Set the missing variable, or unset the others of its group.' },
  ERR_HOST_WITHOUT_IDENTITY: {
    kind: 'unavailable',
    hint: 'Enable a managed identity for the app, then restart it: its variables are set when a process starts.',
  },
  ERR_ENDPOINT_MALFORMED: {
    kind: 'unavailable',
    hint: 'Set by the platform it is an absolute http or https URL: remove what overrides it.',
  },
  ERR_ENDPOINT_PUBLIC: {
    kind: 'unavailable',
    hint: "Plain http is only used to loopback, link-local and private addresses, since the host's secret travels in it.",
  },
  ERR_SETTING_INVALID: { kind: 'unavailable', hint: 'Correct the value.' },
  ERR_IDENTITY_UNSUPPORTED: { kind: 'unavailable', hint: 'Name the identity in a way that this host knows.' },
  ERR_TENANT_NOT_ALLOWED: {
    kind: 'unavailable',
    hint: 'Add the tenant to additionallyAllowedTenants (or AZURE_ADDITIONALLY_ALLOWED_TENANTS), or sign in to that tenant.',
  },
  ERR_CLAIMS_UNSUPPORTED: { kind: 'unavailable', hint: 'Sign in again where the identity lives.' },
  ERR_FILE_UNREADABLE: {
    kind: 'unavailable',
    hint: "Check that the file exists and that this process's user may read it.",
  },
  ERR_MODULE_MISSING: { kind: 'unavailable', hint: 'Install it beside msi-credential: npm install @azure/identity.' },
  ERR_PROBE_FAILED: {
    kind: 'unavailable',
    hint: "If this machine is not one of Azure, sign in with a tool (az login) or set a service principal's variables.",
  },
  ERR_TOOL_UNAVAILABLE: { kind: 'unavailable', hint: 'Sign in with the tool.' },
  ERR_UNREACHABLE: { kind: 'refused', hint: 'Check that the address is right and reachable from this process.' },
  ERR_TIMEOUT: {
    kind: 'refused',
    hint: 'See whether what was asked answers at all; the limit is the option timeoutMs.',
  },
  ERR_CHALLENGE_REFUSED: {
    kind: 'refused',
    hint: "Check which program listens on the agent's port: Azure's names a key file in its own folder.",
  },
  ERR_IDENTITY_NOT_CONFIRMED: {
    kind: 'refused',
    hint: 'Update the Azure Connected Machine agent: older ones know the system-assigned identity only.',
  },
  ERR_IDENTITY_NOT_FOUND: { kind: 'refused', hint: 'Assign the identity to the host, or correct its id.' },
  ERR_THROTTLED: {
    kind: 'refused',
    hint: 'Wait before you ask again, as long as the service says; one credential per process is enough.',
  },
  ERR_REFUSED: {
    kind: 'refused',
    hint: 'The answer says why; its correlation id, where it has one, is what Azure support asks for.',
  },
  ERR_RESPONSE_MALFORMED: {
    kind: 'refused',
    hint: 'Something else than the token service answered: check for a proxy in between.',
  },
  ERR_OPTION_INVALID: { kind: 'misuse', hint: "Give an object such as { clientId: 'ID' }, or leave it out." },
  ERR_TWO_IDENTITIES: { kind: 'misuse', hint: 'Give one of clientId, objectId and resourceId.' },
  ERR_EMPTY_IDENTITY: { kind: 'misuse', hint: 'Leave it out for the system-assigned identity.' },
  ERR_UNKNOWN_SOURCE: { kind: 'misuse', hint: 'Name one source or several, or leave the option out.' },
  ERR_TIMEOUT_INVALID: { kind: 'misuse', hint: 'Leave it out for 100 s.' },
  ERR_SCOPE: { kind: 'misuse', hint: "Key Vault's is https://vault.azure.net/.default; ask once for each resource." },
} as const satisfies Record<string, { kind: 'unavailable' | 'refused' | 'misuse'; hint: string }>;

type CodeOf<Kind> = {
  [Code in keyof typeof table]: (typeof table)[Code]['kind'] extends Kind ? Code : never;
}[keyof typeof table];

/** A stable name for each way to fail; each has a heading in `docs/troubleshooting.md`. */
export type ErrorCode = CodeOf<'unavailable' | 'refused'>;

/** A stable name for each mistake of the calling program, which is a `TypeError`; each has a heading there, too. */
export type MisuseCode = CodeOf<'misuse'>;

const codesOf = (...kinds: readonly string[]) =>
  Object.entries(table).flatMap(([code, { kind }]) => (kinds.includes(kind) ? [code] : []));

/** Every code of an error. */
export const errorCodes = codesOf('unavailable', 'refused') as readonly ErrorCode[];

/** Every code of a mistake in the calling program, for documentation and tests. */
export const misuseCodes = codesOf('misuse') as readonly MisuseCode[];

/** What an error is made of. */
export interface ErrorDetails {
  readonly source?: SourceName | undefined;
  /** What to do; default: the code's own advice. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** The HTTP status that came back. */
  readonly status?: number | undefined;
  /** How long the service asked to be left alone, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** The other attempts of a list of candidates. */
  readonly errors?: readonly Error[] | undefined;
}

/** Where a code is explained. */
export function docsOf(code: ErrorCode | MisuseCode): string {
  return `${docsUrl}#${code.toLowerCase()}`;
}

/** The advice of a code where nothing more precise is known. */
export function hintOf(code: ErrorCode): string {
  return table[code].hint;
}

class CodedError extends Error {
  /** A stable name for this way to fail. */
  readonly code: ErrorCode;
  /** What to do next. */
  readonly hint: string;
  /** Where this code is explained. */
  readonly docs: string;
  /** Whose error it is; filled in by the source's caller where the place that threw did not know. */
  source: SourceName | undefined;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** What was tried and what came back, without the advice; not enumerable. */
  declare readonly summary: string;
  /** The failure of each candidate, where several were tried. */
  declare readonly errors: readonly Error[] | undefined;
  /** What was looked at and chosen, and the attempts; not enumerable, so that logs stay short. */
  declare diagnostics: Diagnostics | undefined;

  constructor(code: ErrorCode, whatHappened: string, details: ErrorDetails = {}) {
    const hint = details.hint ?? hintOf(code);
    const options = details.cause === undefined ? undefined : { cause: details.cause };
    super(`${whatHappened} ${hint} [${code}, ${docsOf(code)}]`, options);
    this.code = code;
    this.hint = hint;
    this.docs = docsOf(code);
    this.source = details.source;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    Object.defineProperty(this, 'summary', { value: whatHappened });
    Object.defineProperty(this, 'errors', { value: details.errors });
    Object.defineProperty(this, 'diagnostics', { value: undefined, writable: true });
  }

  toJSON(): object {
    const { name, code, message, hint, docs, source, status } = this;
    return { name, code, message, hint, docs, source, status };
  }
}

/**
 * Nothing was attempted, because something is missing. Its name is that of the Azure SDK's error, so that
 * `ChainedTokenCredential` goes on to its next credential.
 *
 * @example
 * try { await credential.getToken(scope) } catch (error) {
 *   if (error instanceof CredentialUnavailableError) console.error(error.code, error.hint);
 * }
 */
export class CredentialUnavailableError extends CodedError {
  override readonly name = 'CredentialUnavailableError';
}

/**
 * A token was asked for and not given. Its name is that of the Azure SDK's error, so that `ChainedTokenCredential` stops.
 *
 * @example
 * if (error instanceof AuthenticationError && error.code === 'ERR_IDENTITY_NOT_FOUND') { ... }
 */
export class AuthenticationError extends CodedError {
  override readonly name = 'AuthenticationError';
}

/** Makes the error that a code stands for. */
export function credentialError(
  code: ErrorCode,
  whatHappened: string,
  details?: ErrorDetails,
): CredentialUnavailableError | AuthenticationError {
  return table[code].kind === 'unavailable'
    ? new CredentialUnavailableError(code, whatHappened, details)
    : new AuthenticationError(code, whatHappened, details);
}

/** Whether it is one of ours, by its shape: the entries of the package are bundled apart, each with this file in it. */
export function isCredentialError(error: unknown): error is CredentialUnavailableError | AuthenticationError {
  return (
    error instanceof Error && 'summary' in error && 'code' in error && errorCodes.some((code) => code === error.code)
  );
}

/** A mistake in the calling program: a bug to fix, not a state to handle. */
export function misuse(code: MisuseCode, whatHappened: string): TypeError {
  return explainedTypeError(whatHappened, { code, hint: table[code].hint, docs: docsOf(code) });
}

/** A `TypeError` that reads like the other errors, with their `code`, `hint` and `docs`, and `summary` without the advice. */
export function explainedTypeError(
  whatHappened: string,
  parts: { readonly code: string; readonly hint: string; readonly docs: string },
): TypeError {
  const { code, hint, docs } = parts;
  const error = Object.assign(new TypeError(`${whatHappened} ${hint} [${code}, ${docs}]`), parts);
  return Object.defineProperty(error, 'summary', { value: whatHappened });
}
