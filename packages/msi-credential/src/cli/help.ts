const general = `msi-credential: which Azure identity this process has, why that one, and what to fix

Commands
  explain   what would be chosen and why; sends nothing
  doctor    gets a token and walks to the vault, step by step, up to the first thing to fix
  token     prints a token, or what is in it

Options of all
  --source NAME[,NAME]    look at these sources only, in this order
  --client-id, --object-id, --resource-id ID
                          the user-assigned identity
  --tenant-id, --authority-host
  --json                  the same as data
  --help, --version

Exit codes
  0 fine   1 unexpected   2 misconfigured   3 unreachable   4 refused   64 wrong use`;

const topics: Readonly<Record<string, string>> = {
  explain: `msi-credential explain [--json]

Tells what getKeyVaultCredential() would choose in this environment, and why. Sends nothing, prints no secret.

  npx msi-credential explain
  npx msi-credential explain --source service-principal --json`,
  doctor: `msi-credential doctor [--vault-url URL] [--secret NAME] [--timeout MS] [--json]

Runtime, environment, choice, token, principal; with a vault (or KEY_VAULT_URL, KEY_VAULT_URI) also its name, the
connection, its tenant, your permission and the secret. Stops at the first thing to fix and says how. Prints no secret.

  npx msi-credential doctor
  npx msi-credential doctor --vault-url https://NAME.vault.azure.net --secret db-password`,
  token: `msi-credential token [--scope SCOPE] [--decode] [--timeout MS] [--json]

Prints an access token, which is as good as a password for an hour or a day; with --decode only its claims.

  npx msi-credential token --decode
  curl -H "authorization: Bearer $(npx msi-credential token --scope https://management.azure.com/.default)" ...`,
};

/** The help of a command, else that of all. */
export function helpText(topic: string | undefined): string {
  return (topic !== undefined && topics[topic]) || general;
}
