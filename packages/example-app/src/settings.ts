/** What the app is told by its environment. */
export interface Settings {
  readonly vaultUrl: string | undefined;
  readonly secretName: string;
  readonly port: number;
}

/**
 * Reads the app's settings; blank values count as unset. On App Service they are application settings.
 *
 * @throws Error - naming the variable whose value cannot be used.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const read = (name: string) => env[name]?.trim() || undefined;
  const port = Number(read('PORT') ?? 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('PORT is not a port number (0 to 65535).');
  const vaultUrl = read('KEY_VAULT_URL') ?? read('KEY_VAULT_URI');
  if (vaultUrl !== undefined && !(URL.canParse(vaultUrl) && new URL(vaultUrl).protocol === 'https:')) {
    throw new Error('KEY_VAULT_URL (or KEY_VAULT_URI) is not an https URL, such as https://NAME.vault.azure.net.');
  }
  return { vaultUrl, secretName: read('SECRET_NAME') ?? 'secret', port };
}
