import { redact } from '../../failures/redact.ts';
import type { Step } from '../../failures/steps.ts';
import type { SourceName } from '../../types.ts';
import { asId } from '../secret/names.ts';
import { quote, tenantOfChallenge } from './answer.ts';
import { isOfVault, type Rule } from './rule.ts';
import type { Situation } from './situation.ts';

interface Tenants {
  readonly vault: string | undefined;
  readonly token: string | undefined;
}

/** Both are in the vault's words. Where a client lost these, they are in its challenge and the credential's diagnostics. */
function tenantsOf({ facts, tokenTenant }: Situation): Tenants {
  const expected = asId(/Expected one of https:\/\/[^/]+\/([0-9a-f-]{36})/i.exec(facts.words)?.[1]);
  const found = asId(/found:? '?https:\/\/[^/]+\/([0-9a-f-]{36})/i.exec(facts.words)?.[1]);
  return { vault: tenantOfChallenge(facts.header('www-authenticate')) ?? expected, token: found ?? tokenTenant };
}

/** All that is left of another tenant where a list call lost the vault's words. */
function isOfOtherTenant(situation: Situation): boolean {
  const { vault, token } = tenantsOf(situation);
  const known = vault !== undefined && token !== undefined && situation.facts.said === undefined;
  return known && vault.toLowerCase() !== token.toLowerCase();
}

/** How to get a token of the vault's tenant. */
type Way = (vault: string, token: string) => readonly Step[];

/** The client names the vault's tenant to the credential (`getToken`'s tenantId), which asks there if it is allowed to. */
const application: Way = (vault) => [
  `Let the application ask in the vault's tenant. Set AZURE_ADDITIONALLY_ALLOWED_TENANTS=${vault}, or AZURE_TENANT_ID=${vault} if it needs no other tenant.`,
  {
    text: 'The application has to exist there, too. Sign in to that tenant and add a multi-tenant application:',
    run: 'az ad sp create --id CLIENT_ID',
  },
];

/** https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity */
const managedIdentity: Way = (vault, token) => [
  `Use a vault of tenant ${token}. A managed identity only gets tokens of its own tenant, whatever AZURE_TENANT_ID says.`,
  {
    text: `Or have a multi-tenant application of tenant ${token} trust the identity (a user-assigned one) by a federated credential. Sign in to the vault's tenant and add the application there:`,
    run: 'az ad sp create --id CLIENT_ID',
  },
  `Then give getKeyVaultCredential the option federatedCredential: { clientId: 'CLIENT_ID', tenantId: '${vault}' }.`,
];

const signIn =
  (command: string): Way =>
  (vault) => [{ text: "Sign in to the vault's tenant:", run: `${command} ${vault}` }];

const ways: Readonly<Record<SourceName, Way>> = {
  'service-fabric': managedIdentity,
  'app-service': managedIdentity,
  'azure-ml': managedIdentity,
  'azure-arc': managedIdentity,
  imds: managedIdentity,
  'cloud-shell': (vault) => [`Switch the portal to tenant ${vault} and open Cloud Shell there.`],
  'workload-identity': application,
  'service-principal': application,
  'github-actions': application,
  'azure-pipelines': application,
  'azure-cli': signIn('az login --tenant'),
  'azure-developer-cli': signIn('azd auth login --tenant-id'),
  'azure-powershell': signIn('Connect-AzAccount -Tenant'),
};

/** For a credential that is not ours, or not given. */
const anyWay: Way = (vault, token) => [
  `Sign in to the vault's tenant with AZURE_TENANT_ID=${vault}.`,
  { text: 'On a laptop:', run: `az login --tenant ${vault}` },
  ...managedIdentity(vault, token),
];

const otherTenant: Rule = {
  code: 'KV_TOKEN_TENANT',
  cause: (situation) => {
    const { vault = 'an unknown tenant', token = 'another one' } = tenantsOf(situation);
    return `Vault ${situation.names.vault} belongs to tenant ${vault}. The token comes from ${token}.`;
  },
  fix: (situation) => {
    const { vault, token } = tenantsOf(situation);
    const { source } = situation;
    const way = source !== undefined && Object.hasOwn(ways, source) ? ways[source] : anyWay;
    return [
      ...(vault
        ? []
        : [{ text: 'Find TENANT_ID:', run: 'az keyvault show -n {vault} --query properties.tenantId -o tsv' }]),
      ...way(vault ?? 'TENANT_ID', token ?? 'OTHER_TENANT_ID'),
      {
        text: "If the subscription moved to a new tenant, give the vault to it. This removes everybody's access policies. Note them first:",
        run: 'az keyvault show -n {vault} --query properties.accessPolicies',
      },
      {
        text: 'Then remove all access policies and change the tenant:',
        run: 'az keyvault update -n {vault} --remove properties.accessPolicies && az keyvault update -n {vault} --set properties.tenantId=NEW_TENANT_ID',
      },
      'Then grant the permissions again.',
    ];
  },
};

const clock = { text: 'Check the clock:', run: 'timedatectl' };

const compare = {
  text: "Check that the scope is {resource}/.default and that the token is of the vault's tenant:",
  run: 'az keyvault show -n {vault} --query properties.tenantId -o tsv',
};

/** https://learn.microsoft.com/azure/key-vault/general/rest-error-codes#http-401-unauthenticated-request */
const rows: readonly Rule[] = [
  {
    code: 'KV_TOKEN_CLAIMS',
    when: ({ facts }) => /\binsufficient_claims\b/.test(facts.header('www-authenticate') ?? ''),
    cause: 'Something about the identity changed (continuous access evaluation). Its tokens have to be issued anew.',
    fix: [
      { text: 'Sign in again:', run: 'az logout && az login' },
      'If it is an application or a managed identity, restart the program. Then look for a policy in Entra, Sign-in logs.',
    ],
  },
  {
    code: 'KV_TOKEN_AUDIENCE',
    signs: [/AKV10022/],
    cause: ({ facts, names }) => {
      const found = /\bfound:? '?(https?:\/\/[\w.:/-]{1,200}[\w/-]|[0-9a-f-]{36})/i.exec(facts.words)?.[1];
      const audience = found && redact(found);
      return `The vault takes tokens for ${names.resource}.${audience ? ` This one is for ${audience}.` : ''} A slash at the end makes it another audience.`;
    },
    fix: [
      'Ask for the scope {resource}/.default. As a resource, write {resource} without a slash at the end.',
      {
        text: 'Check that you can get such a token:',
        run: 'az account get-access-token --resource {resource} --query expiresOn',
      },
    ],
  },
  { ...otherTenant, signs: [/AKV10032/] },
  {
    code: 'KV_TOKEN_EXPIRED',
    signs: [/TokenExpired|S2S12086|IDX10223/],
    cause: "The program kept the token for too long, or this machine's clock is slow.",
    fix: ['Keep the credential, not the token. getKeyVaultCredential() renews it in time.', clock],
  },
  {
    code: 'KV_TOKEN_NOT_YET_VALID',
    signs: [/IDX10222/],
    cause: "By the vault's clock the token isn't valid yet. One of the two clocks is wrong.",
    fix: [clock, { text: 'Have NTP set the time:', run: 'timedatectl set-ntp true' }],
  },
  {
    code: 'KV_TOKEN_UNREADABLE',
    signs: [/BearerReadAccessTokenFailed|S2S12005/],
    cause:
      'What came after "Bearer" is not a JWT. It may be cut off, in quotes, broken by a line end, or begin with "Bearer" again.',
    fix: ["Print the token's length and the number of its dots, which has to be two. Never print the token."],
  },
  {
    code: 'KV_TOKEN_KEY',
    signs: [/AKV10046/],
    cause:
      'The vault did not find the key that signed the token. One possible cause is trouble in its region: then it takes the same token a second later, as in most reports since 2025. Others are a token of another cloud, of an emulator, or a forged one.',
    fix: [
      'Try again some times, a second or more apart. getKeyVaultSecret tries once more by itself.',
      "If it goes on, compare AZURE_AUTHORITY_HOST with the vault's cloud. Check that no emulator stands in for Entra or for managed identity.",
    ],
  },
  {
    code: 'KV_TOKEN_MISSING',
    signs: [/AKV10000|missing a? ?bearer|missing token/i],
    cause:
      'The request had no bearer token. In a trace that is normal for the first request, but not for the last one.',
    fix: [
      'If a proxy is in between, have it pass the Authorization header on, or name the host of the vault in NO_PROXY.',
      'If you make the request by hand, send the header Authorization: Bearer TOKEN.',
    ],
  },
  { ...otherTenant, when: (situation) => isOfVault(situation) && isOfOtherTenant(situation) },
  {
    code: 'KV_TOKEN_REFUSED',
    when: (situation) => isOfVault(situation) && situation.facts.said !== undefined,
    cause: ({ facts, names }) => `Vault ${names.vault} refuses the token.${quote(facts)}`,
    fix: [compare],
  },
  {
    code: 'KV_TOKEN_REFUSED',
    when: isOfVault,
    cause: (situation) => {
      const { vault } = tenantsOf(situation);
      const own = vault === undefined ? '' : ` The vault belongs to tenant ${vault}.`;
      return `Vault ${situation.names.vault} refuses the token. The error doesn't say why, because list calls lose the reason.${own}`;
    },
    fix: [
      'Read one secret of any name with the same credential: client.getSecret(NAME). Its error has the reason.',
      compare,
    ],
  },
];

export const tokenRules: readonly Rule[] = rows.map((row) => ({ ...row, status: 401 }));
