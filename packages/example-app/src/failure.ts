import { AuthenticationError, CredentialUnavailableError, type Diagnostics } from 'msi-credential';
import { explainKeyVaultError } from 'msi-credential/key-vault';

/** Why the secret was not read and what ends that, in words for a visitor. */
export interface Explanation {
  readonly code: string;
  readonly title: string;
  readonly cause: string;
  /** In this order; each is an instruction or a command. */
  readonly fix: readonly string[];
  readonly docs?: string;
}

/** A failure as a visitor may see it: no stack, nothing of the identity endpoint's secret. */
export interface Failure extends Omit<Explanation, 'code'> {
  readonly status: 502 | 503;
  /** As thrown: `ERR_...` of the credential, the vault's own or the system's. */
  readonly code: string;
  readonly message: string;
  readonly explanation: Explanation;
}

/** What is known of the call that failed, so that commands can be copied as they stand. */
export interface FailureContext {
  readonly vaultUrl?: string | undefined;
  readonly secretName?: string | undefined;
  readonly diagnostics?: Diagnostics | undefined;
}

/** 503: this app is not set up (yet). 502: it is, but somebody else refused or did not answer. */
export function explainFailure(error: unknown, context: FailureContext = {}): Failure {
  const explanation = explain(error, context);
  const { title, cause, fix, docs } = explanation;
  return {
    status: error instanceof CredentialUnavailableError || error instanceof NotConfigured ? 503 : 502,
    code: codeOf(error),
    // Not the words of the vault or of whoever answered in its place: they may quote what was read.
    message: isOurs(error) ? error.message : `Key Vault could not be read: ${title}. ${cause}`,
    title,
    cause,
    fix,
    ...(docs && { docs }),
    explanation,
  };
}

function explain(error: unknown, { diagnostics, ...context }: FailureContext): Explanation {
  if (!(error instanceof NotConfigured)) {
    const explanation = explainKeyVaultError(error, diagnostics, context);
    const fix = explanation.fix.map(({ text, run }) => [text, run].filter(Boolean).join(' '));
    const { code, title = 'The secret was not read' } = explanation;
    return { ...explanation, title: credentialTitles[code] ?? title, fix };
  }
  return {
    code: 'NOT_CONFIGURED',
    title: 'No vault is named',
    cause: 'The app does not know which vault to read: neither KEY_VAULT_URL nor KEY_VAULT_URI is set.',
    fix: [
      error.message,
      'The vaults that you can see: az keyvault list --query "[].properties.vaultUri" -o tsv',
      'On App Service it is an application setting: az webapp config appsettings set --name APP --resource-group GROUP --settings KEY_VAULT_URL=https://NAME.vault.azure.net',
    ],
  };
}

/** Headings for what goes wrong before the vault is asked; to the vault's own explanations it is all one. */
const credentialTitles: Readonly<Record<string, string>> = {
  ERR_NO_SOURCE: 'Nothing here can give a token',
  ERR_SOURCE_INCOMPLETE: 'A setting is missing',
  ERR_SETTING_INVALID: 'A setting has a wrong value',
  ERR_HOST_WITHOUT_IDENTITY: 'Managed identity is not enabled',
  ERR_IDENTITY_NOT_FOUND: 'The host does not have this identity',
  ERR_TOOL_UNAVAILABLE: 'Nobody is signed in',
  ERR_UNREACHABLE: 'The token service is out of reach',
  ERR_TIMEOUT: 'The token service did not answer in time',
  ERR_THROTTLED: 'The token service asks for a pause',
  ERR_REFUSED: 'The token service refused',
};

const isOurs = (error: unknown): error is Error =>
  [CredentialUnavailableError, AuthenticationError, NotConfigured].some((kind) => error instanceof kind);

function codeOf(error: unknown): string {
  if (error instanceof NotConfigured) return 'NOT_CONFIGURED';
  if (!(error instanceof Error)) return 'UNKNOWN';
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && code !== '' ? code : error.name;
}

/** The app does not know which vault to read. */
export class NotConfigured extends Error {
  override readonly name = 'NotConfigured';
}
