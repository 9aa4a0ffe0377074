/** What the function is told by its environment: application settings of the function app. */
export interface Settings {
  readonly vaultUrl: string;
  readonly secretName: string;
}

/** The app does not know which vault to read. */
export class NotConfigured extends Error {
  override readonly name = 'NotConfigured';
}

/**
 * Blank values count as unset.
 *
 * @throws NotConfigured - there is no https URL of a vault.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const read = (name: string) => env[name]?.trim() || undefined;
  const vaultUrl = read('KEY_VAULT_URL') ?? read('KEY_VAULT_URI');
  if (vaultUrl === undefined || !(URL.canParse(vaultUrl) && new URL(vaultUrl).protocol === 'https:')) {
    throw new NotConfigured('Neither KEY_VAULT_URL nor KEY_VAULT_URI is an https URL.');
  }
  return { vaultUrl, secretName: read('SECRET_NAME') ?? 'secret' };
}
