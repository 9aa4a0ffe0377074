/** Where the headings of `docs/troubleshooting.md` are read. */
export const docsUrl = 'https://github.com/msi-credential/msi-credential/blob/main/docs/troubleshooting.md';

/** One step towards a solution: an instruction, a command to run, or a command with its instruction. */
export interface Fix {
  /** Whole sentences; text that introduces `run` ends with a colon. */
  readonly text?: string;
  /** A shell command. Words in capitals stand for what is not known. */
  readonly run?: string;
}

/** Why something failed and what to do about it: one shape for errors, diagnosis, Key Vault, command line and pages. */
export interface Explanation<Code extends string = string> {
  /** A stable name; each has a heading in the documentation. */
  readonly code: Code;
  /** The code in a few words, where it has a title. */
  readonly title?: string;
  /** What happened: what was tried and what came back. */
  readonly cause: string;
  /** What to do, the next step first. */
  readonly fix: readonly Fix[];
  /** The address of the code's heading. */
  readonly docs: string;
  /** The HTTP status that came back. */
  readonly status?: number;
}

interface Row {
  readonly kind: 'unavailable' | 'refused' | 'misuse';
  readonly fix: readonly Fix[];
}

/** Keeps codes and kinds as types, and the wording out of them: to reword a hint must not change the public types. */
function rows<const Rows extends Readonly<Record<string, Row>>>(
  table: Rows,
): { readonly [Code in keyof Rows]: { readonly kind: Rows[Code]['kind']; readonly fix: readonly Fix[] } } {
  return table;
}

/**
 * Every code, with the class that carries it and what to do when the place that throws knows nothing better.
 * `unavailable`: nothing was attempted, a chain may go on. `refused`: it was attempted and did not work. `misuse`: the
 * calling program is wrong.
 */
const table = rows({
  ERR_NO_SOURCE: {
    kind: 'unavailable',
    fix: [
      { text: 'On Azure: enable a managed identity for the app.' },
      { text: 'On a laptop:', run: 'az login' },
      { text: 'Elsewhere: set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.' },
    ],
  },
  ERR_SOURCE_INCOMPLETE: {
    kind: 'unavailable',
    fix: [{ text: 'Set the missing variable, or unset the others of its group.' }],
  },
  ERR_HOST_WITHOUT_IDENTITY: {
    kind: 'unavailable',
    fix: [
      { text: 'Enable a managed identity for the app, then restart it. A process gets these variables at its start.' },
    ],
  },
  ERR_ENDPOINT_MALFORMED: {
    kind: 'unavailable',
    fix: [{ text: 'The platform sets an absolute http or https URL. Remove what overrides it.' }],
  },
  ERR_ENDPOINT_PUBLIC: {
    kind: 'unavailable',
    fix: [
      {
        text: "Use https, or a loopback, link-local or private address. Plain http would expose the host's secret on the network.",
      },
    ],
  },
  ERR_SETTING_INVALID: { kind: 'unavailable', fix: [{ text: 'Correct the value.' }] },
  ERR_IDENTITY_UNSUPPORTED: {
    kind: 'unavailable',
    fix: [{ text: 'Name the identity by a kind of id that this host supports.' }],
  },
  ERR_TENANT_NOT_ALLOWED: {
    kind: 'unavailable',
    fix: [
      {
        text: 'Add the tenant to additionallyAllowedTenants (or AZURE_ADDITIONALLY_ALLOWED_TENANTS), or sign in to that tenant.',
      },
    ],
  },
  ERR_CLAIMS_UNSUPPORTED: { kind: 'unavailable', fix: [{ text: 'Sign in again where the identity lives.' }] },
  ERR_FILE_UNREADABLE: {
    kind: 'unavailable',
    fix: [{ text: "Check that the file exists and that this process's user may read it." }],
  },
  ERR_MODULE_MISSING: {
    kind: 'unavailable',
    fix: [{ text: 'Install it next to msi-credential:', run: 'npm install @azure/identity' }],
  },
  ERR_NODE_VERSION: {
    kind: 'unavailable',
    fix: [{ text: 'Run the program with a newer Node.js. The one on PATH is:', run: 'node --version' }],
  },
  ERR_PROBE_FAILED: {
    kind: 'unavailable',
    fix: [
      { text: 'If this machine is not on Azure, sign in with a tool:', run: 'az login' },
      { text: "Or set a service principal's variables." },
    ],
  },
  ERR_TOOL_UNAVAILABLE: { kind: 'unavailable', fix: [{ text: 'Sign in with the tool.' }] },
  ERR_UNREACHABLE: {
    kind: 'refused',
    fix: [{ text: 'Check that the address is right and that this process can reach it.' }],
  },
  ERR_TIMEOUT: {
    kind: 'refused',
    fix: [{ text: 'Check that the service responds, or raise the option timeoutMs.' }],
  },
  ERR_CHALLENGE_REFUSED: {
    kind: 'refused',
    fix: [
      { text: "Check which program listens on the agent's port. Azure's agent names a key file in its own folder." },
    ],
  },
  ERR_IDENTITY_NOT_CONFIRMED: {
    kind: 'refused',
    fix: [{ text: 'Update the Azure Connected Machine agent. Older versions only know the system-assigned identity.' }],
  },
  ERR_IDENTITY_NOT_FOUND: {
    kind: 'refused',
    fix: [{ text: 'Assign the identity to the host, or correct its id.' }],
  },
  ERR_THROTTLED: {
    kind: 'refused',
    fix: [{ text: 'Wait as long as the service asks, then try again. One credential per process is enough.' }],
  },
  ERR_REFUSED: {
    kind: 'refused',
    fix: [{ text: 'Read the answer above. If it has a correlation id, give that id to Azure support.' }],
  },
  ERR_RESPONSE_MALFORMED: {
    kind: 'refused',
    fix: [{ text: 'Something other than the token service answered. Check for a proxy in between.' }],
  },
  ERR_OPTION_INVALID: {
    kind: 'misuse',
    fix: [{ text: "Pass an object such as { clientId: 'ID' }, or leave it out." }],
  },
  ERR_TWO_IDENTITIES: { kind: 'misuse', fix: [{ text: 'Pass one of clientId, objectId and resourceId.' }] },
  ERR_EMPTY_IDENTITY: { kind: 'misuse', fix: [{ text: 'Leave it out for the system-assigned identity.' }] },
  ERR_UNKNOWN_SOURCE: { kind: 'misuse', fix: [{ text: 'Name one source or several, or leave the option out.' }] },
  ERR_TIMEOUT_INVALID: { kind: 'misuse', fix: [{ text: 'Leave it out for 100 s.' }] },
  ERR_SCOPE: {
    kind: 'misuse',
    fix: [{ text: "Key Vault's scope is https://vault.azure.net/.default. Ask once for each resource." }],
  },
});

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

/** Every code of a warning, for documentation and tests. */
export const warningCodes = [
  'HALF_SET',
  'REMOTE_ENDPOINT',
  'OTHER_IDENTITY',
  'CLOCK_SKEW',
  'OPTION_UNUSED',
  'SETTING_DOUBTFUL',
] as const;

/** A stable name for each remark; each has a heading in `docs/troubleshooting.md`. */
export type WarningCode = (typeof warningCodes)[number];

/** Whether nothing was attempted, so that a chain may go on to its next credential. */
export function isUnavailableCode(code: ErrorCode): boolean {
  return table[code].kind === 'unavailable';
}

/** What an explanation says besides its code and its cause. */
export interface ExplanationParts {
  /** Default: the code's own advice. */
  readonly fix?: readonly Fix[] | undefined;
  readonly status?: number | undefined;
}

/** Completes an explanation with the code's own advice, where there is none more precise, and its heading. */
export function explain<Code extends ErrorCode | MisuseCode>(
  code: Code,
  cause: string,
  { fix = table[code].fix, status }: ExplanationParts = {},
): Explanation<Code> {
  const docs = `${docsUrl}#${code.toLowerCase()}`;
  return { code, cause, fix, docs, ...(status !== undefined && { status }) };
}

/** The steps as running text, each command between backticks. */
export function formatFix(fix: readonly Fix[]): string {
  return fix.map(({ text, run }) => [text, run && `\`${run}\`.`].filter(Boolean).join(' ')).join(' ');
}
