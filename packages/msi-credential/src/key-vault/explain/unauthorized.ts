import type { SourceName } from '../../types.ts';
import { asId } from '../secret/names.ts';
import { quote } from './answer.ts';
import { tenantOfChallenge } from './challenge.ts';
import type { Finding } from './codes.ts';
import type { Situation } from './situation.ts';

type Explain = (situation: Situation) => Finding;

const missing: Explain = () => ({
  code: 'KV_TOKEN_MISSING',
  cause:
    'The request came without a bearer token. In a trace that is normal for the first request; as the outcome it is not.',
  fix: [
    'If a proxy lies between, let it pass the Authorization header on, or set NO_PROXY to the host of the vault.',
    'If the request is made by hand, send `Authorization: Bearer TOKEN`.',
  ],
});

const audience: Explain = ({ facts, resource }) => {
  const found = /\bfound:? '?(https?:\/\/[\w.:/-]{1,200}[\w/-]|[0-9a-f-]{36})/i.exec(facts.words)?.[1];
  return {
    code: 'KV_TOKEN_AUDIENCE',
    cause: `The vault takes tokens for ${resource}${found ? `, and this one is for ${found}` : ' only'}. A slash at the end makes it another audience.`,
    fix: [
      `Ask for the scope ${resource}/.default (as a resource: ${resource}, without a slash at the end).`,
      `az account get-access-token --resource ${resource} --query expiresOn`,
    ],
  };
};

interface Tenants {
  readonly vault: string | undefined;
  readonly token: string | undefined;
}

/** Both are in the vault's words; where these are lost, in its challenge and in the credential's diagnostics. */
function tenantsOf({ facts, tokenTenant }: Situation): Tenants {
  const expected = asId(/Expected one of https:\/\/[^/]+\/([0-9a-f-]{36})/i.exec(facts.words)?.[1]);
  const found = asId(/found:? '?https:\/\/[^/]+\/([0-9a-f-]{36})/i.exec(facts.words)?.[1]);
  return { vault: tenantOfChallenge(facts.header('www-authenticate')) ?? expected, token: found ?? tokenTenant };
}

/** How a token of the vault's tenant is to be had. */
type Way = (vault: string, token: string) => readonly string[];

/** The client names the vault's tenant to the credential (`getToken`'s tenantId), which heeds it where that is allowed. */
const application: Way = (vault) => [
  `Let the application ask in the vault's tenant: AZURE_ADDITIONALLY_ALLOWED_TENANTS=${vault}, or AZURE_TENANT_ID=${vault} where it needs no other.`,
  'It has to be known there, too; a multi-tenant application is after: az ad sp create --id CLIENT_ID (signed in to that tenant)',
];

/** https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity */
const managedIdentity: Way = (vault, token) => [
  `A managed identity gets tokens of its own tenant alone, whatever AZURE_TENANT_ID says: use a vault of tenant ${token}.`,
  `Or have a multi-tenant application of tenant ${token} trust it (a user-assigned one) by a federated credential, make that application known in the vault's tenant (az ad sp create --id CLIENT_ID, signed in to it), and give getKeyVaultCredential the option federatedCredential: { clientId: 'CLIENT_ID', tenantId: '${vault}' }`,
];

const ways: Readonly<Record<SourceName, Way>> = {
  'service-fabric': managedIdentity,
  'app-service': managedIdentity,
  'azure-ml': managedIdentity,
  'azure-arc': managedIdentity,
  imds: managedIdentity,
  'cloud-shell': (vault) => [`Switch the portal to tenant ${vault}, and open Cloud Shell there.`],
  'workload-identity': application,
  'service-principal': application,
  'github-actions': application,
  'azure-pipelines': application,
  'azure-cli': (vault) => [`az login --tenant ${vault}`],
  'azure-developer-cli': (vault) => [`azd auth login --tenant-id ${vault}`],
  'azure-powershell': (vault) => [`Connect-AzAccount -Tenant ${vault}`],
};

/** For a credential that is not ours, or not given. */
const anyWay: Way = (vault, token) => [
  `Sign in to the vault's tenant, with AZURE_TENANT_ID=${vault}, or on a laptop: az login --tenant ${vault}`,
  ...managedIdentity(vault, token),
];

const tenant: Explain = (situation) => {
  const { vault, token } = tenantsOf(situation);
  const { source } = situation;
  const way = source !== undefined && Object.hasOwn(ways, source) ? ways[source] : anyWay;
  const update = `az keyvault update -n ${situation.vault}`;
  return {
    code: 'KV_TOKEN_TENANT',
    cause: `Vault ${situation.vault} belongs to tenant ${vault ?? '(not told)'}, the token was issued by ${token ?? 'another one'}.`,
    fix: [
      ...(vault ? [] : [`Find TENANT_ID: az keyvault show -n ${situation.vault} --query properties.tenantId -o tsv`]),
      ...way(vault ?? 'TENANT_ID', token ?? 'OTHER_TENANT_ID'),
      `If the subscription was moved to a new tenant, give the vault to it. This removes all access policies of the vault, everybody's: note them (az keyvault show -n ${situation.vault} --query properties.accessPolicies), and grant them again afterwards. ${update} --remove properties.accessPolicies && ${update} --set properties.tenantId=NEW_TENANT_ID`,
    ],
  };
};

const clock = 'Check the clock: timedatectl';

const expired: Explain = () => ({
  code: 'KV_TOKEN_EXPIRED',
  cause: "The token's time is over: it was kept outside of its credential, or this machine's clock is slow.",
  fix: ['Keep the credential, not the token: getKeyVaultCredential() renews it before it ends.', clock],
});

const notYet: Explain = () => ({
  code: 'KV_TOKEN_NOT_YET_VALID',
  cause: "The token's time has not begun where the vault is: a clock is wrong.",
  fix: [clock, 'Let the time be set by NTP: timedatectl set-ntp true'],
});

const unreadable: Explain = () => ({
  code: 'KV_TOKEN_UNREADABLE',
  cause: 'What came after "Bearer" is not a JWT: cut off, in quotes, with a line break, or "Bearer" twice.',
  fix: ['Print the length of the token and the number of its dots, which is two; never the token itself.'],
});

const key: Explain = () => ({
  code: 'KV_TOKEN_KEY',
  cause:
    "The token was signed by a key that is none of the vault's tenant: another cloud's, an emulator's, or a forged one.",
  fix: [
    'Compare AZURE_AUTHORITY_HOST with the cloud of the vault, and take no emulator for Entra or for managed identity.',
    'If both are right, try again in some minutes: an outage of Entra looks the same.',
  ],
});

const claims: Explain = () => ({
  code: 'KV_TOKEN_CLAIMS',
  cause:
    'Something about the identity has changed (continuous access evaluation), and its tokens have to be issued anew.',
  fix: [
    'Sign in again: az logout && az login',
    'For an application or managed identity, restart the program; then look at Entra, Sign-in logs, for a policy.',
  ],
});

const refused: Explain = (situation) => {
  const { facts, vault, resource } = situation;
  const compare = `Compare tenant and audience: az keyvault show -n ${vault} --query properties.tenantId -o tsv; scope ${resource}/.default`;
  if (facts.said !== undefined) {
    return { code: 'KV_TOKEN_REFUSED', cause: `Vault ${vault} refuses the token.${quote(facts)}`, fix: [compare] };
  }
  const tenants = tenantsOf(situation);
  const own = tenants.vault === undefined ? '' : ` The vault belongs to tenant ${tenants.vault}.`;
  return {
    code: 'KV_TOKEN_REFUSED',
    cause: `Vault ${vault} refuses the token, and the error does not hold why: list calls lose the reason.${own}`,
    fix: [
      'Read one secret with the same credential, of any name: the error of client.getSecret(NAME) has the reason.',
      compare,
    ],
  };
};

/** https://learn.microsoft.com/azure/key-vault/general/rest-error-codes#http-401-unauthenticated-request */
const kinds: readonly (readonly [RegExp, Explain])[] = [
  [/AKV10022/, audience],
  [/AKV10032/, tenant],
  [/TokenExpired|S2S12086|IDX10223/, expired],
  [/IDX10222/, notYet],
  [/BearerReadAccessTokenFailed|S2S12005/, unreadable],
  [/AKV10046/, key],
  [/AKV10000|missing a? ?bearer|missing token/i, missing],
];

/** Explains a 401; `undefined` when somebody else than the vault gave it. */
export function explainUnauthorized(situation: Situation): Finding | undefined {
  const { words, foreign, header } = situation.facts;
  if (/\binsufficient_claims\b/.test(header('www-authenticate') ?? '')) return claims(situation);
  const explain = kinds.find(([match]) => match.test(words))?.[1];
  if (explain === undefined && foreign) return undefined;
  return (explain ?? (isOfOtherTenant(situation) ? tenant : refused))(situation);
}

/** All that is left of it where a list call lost the vault's words. */
function isOfOtherTenant(situation: Situation): boolean {
  const { vault, token } = tenantsOf(situation);
  const known = vault !== undefined && token !== undefined && situation.facts.said === undefined;
  return known && vault.toLowerCase() !== token.toLowerCase();
}
