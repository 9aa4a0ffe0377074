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

const guid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** The challenge names the vault's own tenant, on refused tokens too. */
function tenantsOf({ facts }: Situation): { readonly vault: string | undefined; readonly token: string | undefined } {
  const challenge = facts.header('www-authenticate') ?? '';
  const expected = new RegExp(`Expected one of https://[^/]+/(${guid})`, 'i').exec(facts.words)?.[1];
  return {
    vault: new RegExp(`authorization="https://[^/"]+/(${guid})`, 'i').exec(challenge)?.[1] ?? expected,
    token: new RegExp(`found:? '?https://[^/]+/(${guid})`, 'i').exec(facts.words)?.[1],
  };
}

const tenant: Explain = (situation) => {
  const { vault, token } = tenantsOf(situation);
  const id = vault ?? 'TENANT_ID';
  return {
    code: 'KV_TOKEN_TENANT',
    cause: `Vault ${situation.vault} belongs to tenant ${vault ?? '(not told)'}, the token was issued by ${token ?? 'another one'}.`,
    fix: [
      ...(vault ? [] : [`Find TENANT_ID: az keyvault show -n ${situation.vault} --query properties.tenantId -o tsv`]),
      `Sign in to that tenant: set AZURE_TENANT_ID=${id}, or on a laptop run: az login --tenant ${id}`,
      `If the subscription was moved to a new tenant, give the vault to it: az keyvault update -n ${situation.vault} --remove properties.accessPolicies && az keyvault update -n ${situation.vault} --set properties.tenantId=NEW_TENANT_ID`,
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

const refused: Explain = (situation) => ({
  code: 'KV_TOKEN_REFUSED',
  cause: `Vault ${situation.vault} refuses the token for a reason that its message names.`,
  fix: [
    `Compare tenant and audience: az keyvault show -n ${situation.vault} --query properties.tenantId -o tsv; scope ${situation.resource}/.default`,
  ],
});

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
  return (explain ?? refused)(situation);
}
