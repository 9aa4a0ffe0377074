import { isIP } from 'node:net';
import { cannotBePublic } from '../../http/endpoint.ts';
import { quote } from './answer.ts';
import type { Finding } from './codes.ts';
import { askModel, assignRole, findObjectId, lookUpName, onlySome, recover, setPolicy } from './commands.ts';
import type { Situation } from './situation.ts';

type Explain = (situation: Situation) => Finding;

const propagation = 'Wait: a new role assignment takes up to ten minutes to reach the vault.';

const assigner =
  'Whoever runs it needs Owner, User Access Administrator or Key Vault Data Access Administrator on the vault.';

function who({ caller: { objectId, applicationId, type } }: Situation): string {
  const ids = [objectId && `object id ${objectId}`, applicationId && `application id ${applicationId}`].filter(Boolean);
  if (ids.length === 0) return 'The caller';
  return `${type === 'User' ? 'The user' : 'The service principal'} with ${ids.join(' and ')}`;
}

const byRbac: Explain = (situation) => {
  const deny = /DenyAssignmentId: '?([^'\r\n]+)/i.exec(situation.facts.words)?.[1]?.trim().toLowerCase();
  if (deny !== undefined && deny !== 'null') return byDenyAssignment(situation);
  const action = situation.operation?.action ?? 'getSecret';
  return {
    code: 'KV_DENIED_BY_RBAC',
    cause: `${who(situation)} has no role on vault ${situation.vault} that allows ${action}. Owner, Contributor and Key Vault Reader allow no secret's value.`,
    fix: [...findObjectId(situation), assignRole(situation), propagation, assigner],
  };
};

const byDenyAssignment: Explain = (situation) => ({
  code: 'KV_DENY_ASSIGNMENT',
  cause: `${who(situation)} is shut out of vault ${situation.vault} by a deny assignment, whatever roles it has.`,
  fix: [
    'Find who made it: in the portal, the vault, Access control (IAM), tab Deny assignments; a managed application or a blueprint makes them.',
    `Let its owner exclude the principal, then check the role: az role assignment list --scope "${situation.scope}" --include-inherited -o table`,
  ],
});

const byPolicy: Explain = (situation) => ({
  code: 'KV_DENIED_BY_POLICY',
  cause: `${who(situation)} has no access policy on vault ${situation.vault} that allows ${situation.operation?.permission ?? 'get'} on secrets.`,
  fix: [
    ...findObjectId(situation),
    setPolicy(situation),
    onlySome,
    `If the command says that the vault works with role assignments: ${assignRole(situation)}`,
  ],
});

const onBehalfOf: Explain = (situation) => {
  const { caller, vault } = situation;
  const ids = `--object-id ${caller.objectId ?? 'OBJECT_ID'} --application-id ${caller.applicationId ?? 'CLIENT_ID'}`;
  return {
    code: 'KV_POLICY_ON_BEHALF_OF',
    cause: `The policy of vault ${vault} names an authorized application, so that it holds only for calls which that application makes for the user.`,
    fix: [`az keyvault delete-policy -n ${vault} ${ids}`, setPolicy(situation), onlySome],
  };
};

const firstParty: Explain = ({ vault }) => ({
  code: 'KV_FIRST_PARTY_CALLER',
  cause: `The token belongs to a service of Microsoft's or to a personal account, and vault ${vault} trusts neither by itself.`,
  fix: [
    "Sign in with a work or school account of the vault's tenant.",
    `az keyvault update --name ${vault} --bypass AzureServices`,
  ],
});

/** https://learn.microsoft.com/azure/key-vault/general/network-security: rules take public IPv4 addresses and ranges alone. */
const byFirewall: Explain = ({ facts, vault }) => {
  const address = addressOf(facts.words) ?? addressOf(facts.header('x-ms-keyvault-network-info') ?? '');
  const isV6 = isIP(address ?? '') === 6;
  const isPrivate = address !== undefined && cannotBePublic(isV6 ? `[${address.toLowerCase()}]` : address);
  const rule = `az keyvault network-rule add --name ${vault} --ip-address ${isV6 ? 'ADDRESS' : (address ?? 'ADDRESS')}/32`;
  const overV4 = `Its rules take IPv4 addresses only: have the program call over IPv4 (node --dns-result-order=ipv4first), then let in its public IPv4 address: ${rule}`;
  const subnet = `az keyvault network-rule add --name ${vault} --vnet-name NETWORK --subnet SUBNET -g GROUP`;
  return {
    code: 'KV_FIREWALL',
    cause: `Vault ${vault} lets in listed networks only, and ${address ?? "the caller's address"} is not one of them. Until it is, neither token nor permission is looked at.`,
    fix: [
      ...(isPrivate ? [] : [isV6 ? overV4 : rule]),
      `From a virtual network (its subnet needs the service endpoint Microsoft.KeyVault): ${subnet}`,
      'App Service, Functions and build agents are not among the trusted services: give them VNet integration or a private endpoint.',
    ],
  };
};

/** In both places it stands before an end of line or a semicolon. */
function addressOf(text: string): string | undefined {
  const address = /(?:Client address: |\baddr=)([0-9a-f:.]{3,45})/i.exec(text)?.[1]?.replace(/\.$/, '');
  return isIP(address ?? '') === 0 ? undefined : address;
}

const privateOnly: Explain = (situation) => ({
  code: 'KV_PRIVATE_ONLY',
  cause: `Vault ${situation.vault} is reached through private endpoints only, and this call came another way or through one that is not approved.`,
  fix: [
    `Check from the failing machine that the name leads to a private address: ${lookUpName(situation)}`,
    `If it is a public one, link the zone to the network: az network private-dns link vnet create -g GROUP -z privatelink.vaultcore.azure.net -n LINK -v NETWORK -e false`,
    `If the connection is pending: az keyvault private-endpoint-connection approve --vault-name ${situation.vault} -n CONNECTION`,
    `Or open the vault to its firewall's rules: az keyvault update --name ${situation.vault} --public-network-access Enabled`,
  ],
});

const otherVault: Explain = (situation) => ({
  code: 'KV_OTHER_VAULT_ENDPOINT',
  cause: `The name of vault ${situation.vault} resolves to a private endpoint that belongs to another vault.`,
  fix: [
    `See where it leads: ${lookUpName(situation)}`,
    `Correct the record in the zone privatelink.vaultcore.azure.net, or the hosts file: az network private-dns record-set a list -g GROUP -z privatelink.vaultcore.azure.net -o table`,
  ],
});

const disabled: Explain = ({ vault, secret, version }) => ({
  code: 'KV_SECRET_DISABLED',
  cause: `${version === undefined ? 'The latest version' : `Version ${version}`} of secret ${secret} is disabled; it can be listed and changed, not read.`,
  // Without a version the command changes the latest one.
  fix: [
    `az keyvault secret set-attributes --vault-name ${vault} -n ${secret}${version === undefined ? '' : ` --version ${version}`} --enabled true`,
  ],
});

/** Azure reads secrets outside their dates: https://learn.microsoft.com/azure/key-vault/secrets/about-secrets */
const dates: Explain = ({ secret }) => ({
  code: 'KV_SECRET_DATES',
  cause: `Secret ${secret} has expired or is not valid yet. Azure would hand it out all the same: an emulator or a mock answered.`,
  fix: ["Set other dates on the emulator's secret, or set none."],
});

const purgeProtected: Explain = (situation) => ({
  code: 'KV_PURGE_PROTECTED',
  cause: `Vault ${situation.vault} keeps deleted secrets until their date, and nobody can shorten that.`,
  fix: [`Bring it back instead: ${recover(situation)}`, 'Or use another name, or wait for the scheduled purge date.'],
});

/** List calls end here: the SDK drops the service's words and inner code. */
const unknownModel: Explain = (situation) => ({
  code: 'KV_DENIED',
  cause: `${who(situation)} may not do this on vault ${situation.vault}; the error does not say whether roles, access policies or the network forbid it${situation.facts.words.startsWith('Pagination') ? ', because list calls lose the reason' : ''}.${quote(situation.facts)}`,
  fix: [
    `Ask which permission model the vault uses: ${askModel(situation)}`,
    ...findObjectId(situation),
    `If it prints true: ${assignRole(situation)}`,
    `If it prints false or nothing: ${setPolicy(situation)}`,
    onlySome,
    `If the permission is there already, look at the firewall: az keyvault network-rule list --name ${situation.vault}`,
  ],
});

/**
 * Each kind of 403. The inner code decides; where several share it, or none came, the fragments that survive rewording do.
 * https://learn.microsoft.com/azure/key-vault/general/rest-error-codes#http-403-insufficient-permissions
 */
const kinds: readonly { readonly inner?: string; readonly match: RegExp; readonly explain: Explain }[] = [
  { inner: 'ForbiddenByPolicy', match: /on-behalf-of/i, explain: onBehalfOf },
  { inner: 'AccessDenied', match: /first party service/i, explain: firstParty },
  { inner: 'ForbiddenByRbac', match: /is not authorized to perform action/i, explain: byRbac },
  { inner: 'ForbiddenByPolicy', match: /does not have secrets \w+ permission/i, explain: byPolicy },
  { inner: 'AccessDenied', match: /does not have secrets \w+ permission/i, explain: byPolicy },
  { inner: 'ForbiddenByFirewall', match: /Client address is not authorized/i, explain: byFirewall },
  {
    inner: 'ForbiddenByConnection',
    match: /Public network access is disabled|not an approved private link/i,
    explain: privateOnly,
  },
  { match: /This TCP connection does not allow access to/i, explain: otherVault },
  { inner: 'SecretDisabled', match: /on a disabled secret/i, explain: disabled },
  { inner: 'SecretExpired', match: /secret (has|is) expired/i, explain: dates },
  { inner: 'SecretNotYetValid', match: /secret is not (yet )?valid/i, explain: dates },
  { match: /purge protection is enabled/i, explain: purgeProtected },
];

/** Explains a 403; `undefined` when somebody else than the vault gave it. */
export function explainForbidden(situation: Situation): Finding | undefined {
  const { inner, words, foreign } = situation.facts;
  const named = kinds.filter((kind) => kind.inner !== undefined && kind.inner === inner);
  const kind =
    named.find(({ match }) => match.test(words)) ?? named.at(-1) ?? kinds.find(({ match }) => match.test(words));
  if (kind === undefined && foreign) return undefined;
  return (kind?.explain ?? unknownModel)(situation);
}
