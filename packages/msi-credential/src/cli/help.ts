const general = `msi-credential: which Azure identity this process has, why that one, and what to fix

Commands (msi-credential COMMAND --help tells more)
  explain   what would be chosen and why; sends nothing
  doctor    gets a token and walks to the vault, step by step, up to the first thing to fix
  token     prints a token, or what is in it

  npx msi-credential explain
  npx msi-credential doctor --vault-url https://NAME.vault.azure.net --secret db-password
  npx msi-credential token --decode

Options of all
  --source NAME[,NAME]    look at these sources only, in this order
  --client-id, --object-id, --resource-id ID
                          the user-assigned identity, named in one of these ways
  --tenant-id ID          the tenant to sign in to, instead of AZURE_TENANT_ID
  --authority-host URL    Entra in another cloud, instead of AZURE_AUTHORITY_HOST
  --json                  the same as data, with its "version"
  --help, --version

Exit codes
  0 fine   1 unexpected   2 misconfigured   3 unreachable   4 refused   64 wrong use`;

const timeout = '  --timeout MS     give up on the token after so many milliseconds (100000)';
const timeouts =
  '  --timeout MS     give up on each service after so many milliseconds (token 100000, vault 15000, secret 60000)';
const others = 'The options of all commands: msi-credential --help';

const topics: Readonly<Record<string, string>> = {
  explain: `msi-credential explain [--json]

Tells what getKeyVaultCredential() would choose in this environment, and why. Sends nothing, prints no secret.

  npx msi-credential explain
  npx msi-credential explain --source service-principal --json

Exit codes: 0 something would be chosen or tried, 2 nothing can be.
${others}`,
  doctor: `msi-credential doctor [--vault-url URL] [--secret NAME] [--timeout MS] [--json]

Runtime, environment, choice, token, principal; with a vault also its name, DNS, TLS and the clock, its challenge and
tenant, your permission and the secret. Stops at the first thing to fix and says how. Prints no secret and no token.

  --vault-url URL  https://NAME.vault.azure.net, instead of KEY_VAULT_URL or KEY_VAULT_URI
  --secret NAME    read this secret; without it, whether those of the vault may be read
${timeouts}

  npx msi-credential doctor
  npx msi-credential doctor --vault-url https://NAME.vault.azure.net --secret db-password

Exit codes: 0 fine, 2 something is missing or misspelt here, 3 a service cannot be reached, 4 a service said no.
${others}`,
  token: `msi-credential token [--scope SCOPE] [--decode] [--timeout MS] [--json]

Prints an access token, which is as good as a password for an hour or a day; with --decode only its claims.

  --scope SCOPE    such as https://management.azure.com/.default, instead of Key Vault's
  --decode         the claims, without the token
${timeout}

  npx msi-credential token --decode
  curl -H "authorization: Bearer $(npx msi-credential token --scope https://management.azure.com/.default)" ...

Exit codes: 0 fine, 2 something is missing or misspelt here, 3 a service cannot be reached, 4 a service said no.
${others}`,
};

/** The help of a command, else that of all. */
export function helpText(topic: string | undefined): string {
  return topic !== undefined && Object.hasOwn(topics, topic) ? (topics[topic] as string) : general;
}
