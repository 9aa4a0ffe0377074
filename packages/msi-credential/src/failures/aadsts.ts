import type { Fix as Step } from '../codes.ts';
import { isGuid, isTenant } from '../selection/environment.ts';
import { cloudOfVault, clouds } from '../sources/application/clouds.ts';
import { resourceOf } from '../tokens/scope.ts';
import type { SourceName } from '../types.ts';

/** What is known of a sign-in that Entra refused. */
export interface AadstsContext {
  readonly clientId?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly source?: SourceName | undefined;
  /** Entra's own words, which name what a federated credential would have to hold. */
  readonly said?: string | undefined;
  /** What was asked for. */
  readonly scope?: string | undefined;
}

/** What is known, as it may stand in a command. */
interface Known {
  readonly client: string;
  readonly tenant: string;
  readonly source: SourceName | undefined;
  readonly assertion: Assertion;
  readonly settings: Settings;
  readonly scope: string | undefined;
}

/** Where a source has its ids from. */
interface Settings {
  readonly clientId: string;
  readonly tenantId: string;
}

const environment: Settings = { clientId: 'AZURE_CLIENT_ID', tenantId: 'AZURE_TENANT_ID' };

/** What the service connection sets: https://learn.microsoft.com/azure/devops/pipelines/tasks/reference/azure-cli-v2 */
const pipelines: Settings = { clientId: 'AZURESUBSCRIPTION_CLIENT_ID', tenantId: 'AZURESUBSCRIPTION_TENANT_ID' };

/** A managed identity signs in to Entra only as the proof of an application. */
const option: Settings = { clientId: 'federatedCredential.clientId', tenantId: 'federatedCredential.tenantId' };

const settingsOfSources = new Map<SourceName | undefined, Settings>([
  [undefined, environment],
  ['service-principal', environment],
  ['workload-identity', environment],
  ['github-actions', environment],
  ['azure-pipelines', pipelines],
]);

/** The names of the ids, as the source knows them. */
export function settingsOf(source: SourceName | undefined): Settings {
  return settingsOfSources.get(source) ?? option;
}

type Fix = (known: Known) => string;

const newSecret: Fix = ({ client }) =>
  `Run \`az ad app credential reset --id ${client} --append\` and put the \`password\` it prints into AZURE_CLIENT_SECRET`;

const signInAgain: Fix = ({ tenant }) => `Run \`az login --tenant ${tenant}\` with an account of that tenant.`;

const otherCloud =
  'In another cloud set AZURE_AUTHORITY_HOST: https://login.microsoftonline.us (US Government), https://login.chinacloudapi.cn (China).';

/** What a federated credential has to name, exactly. */
interface Assertion {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

/** What each platform puts into its assertions, for the refusals that do not print what they received. */
const usual = new Map<SourceName | undefined, Partial<Assertion>>([
  [
    'github-actions',
    { issuer: 'https://token.actions.githubusercontent.com', subject: 'repo:ORG/REPO:ref:refs/heads/main' },
  ],
  ['workload-identity', { subject: 'system:serviceaccount:NAMESPACE:SERVICE_ACCOUNT' }],
]);

/** "Assertion Subject: 'repo:a/b'.", "presented assertion subject 'repo:a/b'.": only what ends the quotes of no shell and no JSON. */
function assertionIn(said: string, source: SourceName | undefined): Assertion {
  const printed = (name: string) =>
    new RegExp(`Assertion ${name}:? '([\\w:/.@+{}-]{1,600})'(?=[.\\s]|$)`, 'i').exec(said)?.[1];
  const { issuer = 'ISSUER', subject = 'SUBJECT', audience = 'api://AzureADTokenExchange' } = usual.get(source) ?? {};
  return {
    issuer: printed('Issuer') ?? issuer,
    subject: printed('Subject') ?? subject,
    audience: printed('Audience') ?? audience,
  };
}

const federate: Fix = ({ client, source, assertion: { issuer, subject, audience } }) => {
  const parameters = `{"name":"msi-credential","issuer":"${issuer}","subject":"${subject}","audiences":["${audience}"]}`;
  const issuerOfCluster =
    issuer === 'ISSUER' && source === 'workload-identity'
      ? ' (the issuer: `az aks show -g GROUP -n CLUSTER --query oidcIssuerProfile.issuerUrl -o tsv`)'
      : '';
  return `Look at what it trusts: \`az ad app federated-credential list --id ${client}\`; if this is right, add it: \`az ad app federated-credential create --id ${client} --parameters '${parameters}'\`${issuerOfCluster}. If the client id is a managed identity's, the commands are \`az identity federated-credential list\` and \`create\` with \`--identity-name NAME -g GROUP\`.`;
};

const exactValues: Fix = ({ client }) =>
  `Copy issuer, subject and audience character by character from the refusal into the federated credential: \`az ad app federated-credential list --id ${client}\` shows it.`;

const vaultScope =
  "Ask for exactly `https://vault.azure.net/.default`, not for the vault's own URL (US Government `https://vault.usgovcloudapi.net/.default`, China `https://vault.azure.cn/.default`).";

/** The resource itself, or, by mistake, a single vault. */
function isOfVault(scope: string): boolean {
  const resource = resourceOf(scope).replace(/\/+$/, '');
  const isResource = clouds.some(({ vaultResource }) => vaultResource === resource);
  return isResource || (URL.canParse(resource) && cloudOfVault(new URL(resource).hostname) !== undefined);
}

/** An address or an id; anything else is not repeated, as it may be no scope at all. */
const isScope = (scope: string) => /^(https|api):\/\/[\w:/.@-]{1,200}$/i.test(scope) || isGuid(resourceOf(scope));

const correctScope: Fix = ({ scope }) => {
  if (scope === undefined || isOfVault(scope)) return vaultScope;
  const asked = isScope(scope) ? `What was asked for, \`${scope}\`, has to be` : 'What was asked for has to be';
  return `${asked} the resource's own address or id as its documentation writes it, letter by letter, and \`/.default\`.`;
};

const installResource: Fix = ({ scope }) => {
  const id = scope === undefined || isOfVault(scope) ? 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093' : 'RESOURCE_APP_ID';
  return `If the tenant lacks it: \`az ad sp create --id ${id}\`.`;
};

const noPeople = 'In automation sign in as a service principal or a managed identity, not as a person.';

/**
 * Entra's refusals as a client of Key Vault meets them: what each means, and what to do.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const table: Readonly<Record<string, readonly [meaning: string, fix: Fix]>> = {
  7000215: [
    'The client secret is wrong; often its id was copied instead of its value',
    (known) => `${newSecret(known)}; quote it in the shell, it may hold ~, $ or !.`,
  ],
  7000222: [
    'The client secret has expired',
    (known) =>
      `${newSecret(known)} (\`az ad app credential list --id ${known.client}\` shows when each ends); a managed identity has no secret to expire.`,
  ],
  7000218: [
    'The request proved nothing: neither secret nor certificate nor assertion was sent',
    () => 'Set AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH.',
  ],
  700016: [
    'The tenant knows no application with this client id',
    ({ client, tenant, settings: { clientId, tenantId } }) =>
      `Check that ${clientId} (${client}) is the application (client) id, not an object id or the id of a secret, and ${tenantId} (${tenant}) its tenant; for an application of another tenant run \`az login --tenant ${tenant}\`, then \`az ad sp create --id ${client}\`.`,
  ],
  700038: [
    'The client id is none',
    ({ settings: { clientId } }) =>
      `Set ${clientId} to the application (client) id that \`az ad app list --display-name NAME\` shows.`,
  ],
  7000112: [
    'The service principal is disabled in the tenant',
    ({ client }) => `Run \`az ad sp update --id ${client} --set accountEnabled=true\`.`,
  ],
  90002: [
    'There is no such tenant in this cloud',
    ({ tenant, settings: { tenantId } }) =>
      `Compare ${tenantId} (${tenant}) with \`az keyvault show -n VAULT --query properties.tenantId -o tsv\`. ${otherCloud} A tenant named "secrets" or "keys" comes from an emulator's challenge.`,
  ],
  900023: [
    'The tenant is neither an id nor a domain',
    ({ settings: { tenantId } }) =>
      `Set ${tenantId} to what \`az account show --query tenantId -o tsv\` prints, or to a verified domain.`,
  ],
  50049: [
    'The authority is none that Entra knows',
    () => `Unset AZURE_AUTHORITY_HOST for the public cloud. ${otherCloud}`,
  ],
  90038: ['The tenant lives in another national cloud', () => otherCloud],
  500011: [
    'The tenant does not know the resource: the scope is mistyped, or the resource is missing from the tenant',
    (known) => `${correctScope(known)} ${installResource(known)}`,
  ],
  70011: ['The scope is not valid; for an application it ends in `/.default`', correctScope],
  70021: ['No federated credential of the application matches the assertion', federate],
  700211: ["No federated credential of the application names the assertion's issuer", federate],
  700212: ["No federated credential of the application names the assertion's audience", federate],
  700213: ["No federated credential of the application names the assertion's subject", federate],
  7002137: ['A federated credential differs from the assertion in case or form only, and case counts', exactValues],
  7002138: ['A federated credential differs from the assertion in case or form only, and case counts', exactValues],
  700024: [
    'The assertion is not valid yet or no longer',
    ({ source }) =>
      source === 'workload-identity'
        ? 'Restart the pod, since the kubelet no longer renews the file, and check the clock of its node (`timedatectl`).'
        : 'Check the clock (`timedatectl`), and get the assertion anew for each exchange.',
  ],
  50027: [
    'The assertion is not a token that can be read',
    ({ source }) =>
      source === 'workload-identity'
        ? "See what AZURE_FEDERATED_TOKEN_FILE names: it has to hold the service account's token and nothing else, three parts with dots between them (`awk -F. '{print NF}' \"$AZURE_FEDERATED_TOKEN_FILE\"` prints 3)."
        : 'It has to be a JWT: three parts with dots between them, without quotes or line breaks.',
  ],
  65001: [
    'Nobody has consented to what the application asks for',
    ({ client }) =>
      `Run \`az ad app permission admin-consent --id ${client}\` as an administrator of the tenant; a client of Key Vault needs no consent when it asks for \`https://vault.azure.net/.default\` as an application.`,
  ],
  700027: [
    "The certificate that signed the assertion is not among the application's, or has expired",
    ({ client }) => `Run \`az ad app credential reset --id ${client} --cert @cert.pem --append\` with its public part.`,
  ],
  50034: [
    'The tenant has no such user',
    ({ tenant }) => `Sign in to the user's own tenant or invite them as a guest of ${tenant}. ${noPeople}`,
  ],
  50126: ['User name or password is wrong', (known) => `${signInAgain(known)} ${noPeople}`],
  50076: ['Multi-factor authentication is required', (known) => `${signInAgain(known)} ${noPeople}`],
  50079: ['Multi-factor authentication has to be set up first', (known) => `${signInAgain(known)} ${noPeople}`],
  50020: [
    'The account belongs to another tenant or is a personal one',
    (known) => `${signInAgain(known)} Or have the account invited as a guest.`,
  ],
  50059: [
    'Nothing says which tenant is meant',
    ({ tenant, settings: { tenantId } }) =>
      `Set ${tenantId} to the tenant's id (${tenant}), not to \`common\` or \`organizations\`.`,
  ],
  53003: [
    'A Conditional Access policy forbids it',
    ({ client }) =>
      `Look up ${client} in Entra, Sign-in logs, tab Conditional Access: it names the policy. Meet its conditions, or have the identity excluded from it.`,
  ],
  700229: [
    'This kind of token may not be used to sign in as an application',
    () => 'Use client credentials (secret, certificate, federated credential) or a managed identity.',
  ],
  70003: ['The grant type is misspelt or not supported', () => 'Send `grant_type=client_credentials`.'],
};

/** An id only when it looks like one: a secret may stand in the wrong variable, and these lines go into a shell. */
function shown(text: string | undefined, looksLikeOne: (text: string) => boolean, otherwise: string): string {
  return text !== undefined && looksLikeOne(text) ? text : otherwise;
}

/**
 * Explains a refusal of Entra: what it means, and the command or setting that ends it, with the ids where they are known.
 *
 * @param code - `AADSTS7000215`, or the number alone.
 * @returns undefined for a number that is not in the table.
 */
export function explainAadsts(
  code: string,
  { clientId, tenantId, source, said = '', scope }: AadstsContext = {},
): { meaning: string; fix: readonly Step[] } | undefined {
  const number = /^(?:AADSTS)?(\d+)$/.exec(code)?.[1];
  if (number === undefined || !Object.hasOwn(table, number)) return undefined;
  const [meaning, fix] = table[number] as (typeof table)[string];
  const known = {
    client: shown(clientId, isGuid, 'CLIENT_ID'),
    tenant: shown(tenantId, isTenant, 'TENANT_ID'),
    source,
    assertion: assertionIn(said, source),
    settings: settingsOf(source),
    scope,
  };
  return { meaning, fix: [{ text: fix(known) }] };
}

/** The numbers that are explained, for documentation and tests. */
export const aadstsNumbers: readonly string[] = Object.keys(table);
