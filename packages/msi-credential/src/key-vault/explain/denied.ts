import { isIP } from 'node:net';
import { fill, type Step } from '../../failures/steps.ts';
import { cannotBePublic } from '../../http/endpoint.ts';
import { quote } from './answer.ts';
import { assignRole, lookUpName, nameAll, setPolicy } from './commands.ts';
import { isOfVault, type Rule } from './rule.ts';
import type { Situation } from './situation.ts';

/** For who knows none of the caller's ids. A role is assigned to the service principal, not to the app registration. */
function findObjectId({ caller }: Situation): readonly Step[] {
  if (caller.objectId !== undefined) return [];
  if (caller.type === 'User')
    return [{ text: 'Find OBJECT_ID, which is your own:', run: 'az ad signed-in-user show --query id -o tsv' }];
  return [{ text: 'Find OBJECT_ID:', run: 'az ad sp show --id {clientId} --query id -o tsv' }];
}

/** It stands before an end of line or a semicolon, in the vault's words or in a header. */
function addressOf({ facts }: Situation): string | undefined {
  return [facts.words, facts.header('x-ms-keyvault-network-info') ?? '']
    .map((text) => /(?:Client address: |\baddr=)([0-9a-f:.]{3,45})/i.exec(text)?.[1]?.replace(/\.$/, ''))
    .find((address) => address !== undefined && isIP(address) !== 0);
}

/** https://learn.microsoft.com/azure/key-vault/general/network-security: rules take public IPv4 addresses only. */
function letIn(situation: Situation): readonly Step[] {
  const address = addressOf(situation) ?? 'ADDRESS';
  const isV6 = isIP(address) === 6;
  const rule = `az keyvault network-rule add --name {vault} --ip-address ${isV6 ? 'ADDRESS' : address}/32`;
  if (cannotBePublic(isV6 ? `[${address.toLowerCase()}]` : address)) return [];
  if (!isV6) return [{ text: 'Let the address in:', run: rule }];
  return [
    {
      text: 'Firewall rules only take IPv4. Have the program call over IPv4:',
      run: 'node --dns-result-order=ipv4first app.js',
    },
    { text: 'Then let in its public IPv4 address:', run: rule },
  ];
}

/** https://learn.microsoft.com/azure/key-vault/general/rest-error-codes#http-403-insufficient-permissions */
const rows: readonly Rule[] = [
  {
    code: 'KV_POLICY_ON_BEHALF_OF',
    signs: [/on-behalf-of/i],
    cause:
      'The access policy of vault {vault} names an authorized application. It only covers calls that this application makes for the user.',
    fix: [
      {
        text: 'Delete that policy:',
        run: 'az keyvault delete-policy -n {vault} --object-id {objectId} --application-id {clientId}',
      },
      { text: `Set one without an authorized application. ${nameAll}`, run: setPolicy },
    ],
  },
  {
    code: 'KV_FIRST_PARTY_CALLER',
    signs: [/first party service/i],
    cause:
      'The token belongs to a Microsoft service or to a personal account. Vault {vault} trusts neither by default.',
    fix: [
      "Sign in with a work or school account of the vault's tenant.",
      { text: 'If it is a Microsoft service:', run: 'az keyvault update --name {vault} --bypass AzureServices' },
    ],
  },
  {
    code: 'KV_DENY_ASSIGNMENT',
    signs: [/DenyAssignmentId: *'?(?! *null\b)[^'\s]/i],
    cause: "{caller} can't use vault {vault}. A deny assignment overrides every role.",
    fix: [
      'Find out who made it: in the portal, open the vault, Access control (IAM), Deny assignments. Managed applications and blueprints make them.',
      'Ask its owner to exclude the principal.',
      { text: 'Then check the role:', run: 'az role assignment list --scope "{scope}" --include-inherited -o table' },
    ],
  },
  {
    code: 'KV_DENIED_BY_RBAC',
    signs: ['ForbiddenByRbac', /is not authorized to perform action/i],
    cause: '{caller} has no role on vault {vault} that allows {action}. {notEnough}',
    fix: (situation) => [
      ...findObjectId(situation),
      { text: 'Assign a role that allows it:', run: assignRole },
      'Wait up to ten minutes. A new role assignment takes that long to reach the vault.',
      'You need Owner, User Access Administrator or Key Vault Data Access Administrator on the vault to assign the role.',
    ],
  },
  {
    code: 'KV_DENIED_BY_POLICY',
    signs: ['ForbiddenByPolicy', 'AccessDenied', /does not have \w+ \w+ permission/i],
    cause: '{caller} has no access policy on vault {vault} that allows {permission} on {objects}.',
    fix: (situation) => [
      ...findObjectId(situation),
      { text: `Set the access policy. ${nameAll}`, run: setPolicy },
      { text: 'If the command says that the vault uses role assignments:', run: assignRole },
    ],
  },
  {
    code: 'KV_FIREWALL',
    signs: ['ForbiddenByFirewall', /Client address is not authorized/i],
    cause: (situation) =>
      `The firewall of vault ${situation.names.vault} doesn't list ${addressOf(situation) ?? "the caller's address"}. Until it does, the vault checks neither token nor permission.`,
    fix: (situation) => [
      ...letIn(situation),
      {
        text: 'If the call comes from a virtual network, let its subnet in. The subnet needs the service endpoint Microsoft.KeyVault:',
        run: 'az keyvault network-rule add --name {vault} --vnet-name NETWORK --subnet SUBNET -g GROUP',
      },
      "App Service, Functions and build agents aren't trusted services. Give them VNet integration or a private endpoint.",
    ],
  },
  {
    code: 'KV_PRIVATE_ONLY',
    signs: ['ForbiddenByConnection', /Public network access is disabled|not an approved private link/i],
    cause:
      "Vault {vault} only takes calls through an approved private endpoint. This call came another way, or its endpoint isn't approved.",
    fix: [
      { text: 'Check on the failing machine that the name leads to a private address:', run: lookUpName },
      {
        text: 'If the address is public, link the zone to the network:',
        run: 'az network private-dns link vnet create -g GROUP -z privatelink.vaultcore.azure.net -n LINK -v NETWORK -e false',
      },
      {
        text: 'If the connection is pending, approve it:',
        run: 'az keyvault private-endpoint-connection approve --vault-name {vault} -n CONNECTION',
      },
      {
        text: "Or open the vault to its firewall's rules:",
        run: 'az keyvault update --name {vault} --public-network-access Enabled',
      },
    ],
  },
  {
    code: 'KV_OTHER_VAULT_ENDPOINT',
    signs: [/This TCP connection does not allow access to/i],
    cause: 'The name of vault {vault} resolves to a private endpoint of another vault.',
    fix: [
      { text: 'See where the name leads:', run: lookUpName },
      {
        text: 'Correct the hosts file, or the record in the zone privatelink.vaultcore.azure.net:',
        run: 'az network private-dns record-set a list -g GROUP -z privatelink.vaultcore.azure.net -o table',
      },
    ],
  },
];

export const deniedRules: readonly Rule[] = rows.map((row) => ({ ...row, status: 403 }));

/** List calls end here: the client drops the vault's words and inner code. */
export const deniedForUnknownReason: Rule = {
  code: 'KV_DENIED',
  status: 403,
  when: isOfVault,
  cause: ({ facts, names }) => {
    const lost = facts.words.startsWith('Pagination') ? ', because list calls lose the reason' : '';
    return `${fill('{caller} may not do this on vault {vault}', names)}. The error doesn't say whether roles, access policies or the network forbid it${lost}.${quote(facts)}`;
  },
  fix: (situation) => [
    {
      text: 'Find out which permission model the vault uses:',
      run: 'az keyvault show -n {vault} --query properties.enableRbacAuthorization -o tsv',
    },
    ...findObjectId(situation),
    { text: 'If it prints true:', run: assignRole },
    { text: `If it prints false or nothing, set the access policy. ${nameAll}`, run: setPolicy },
    {
      text: 'If the permission is there already, look at the firewall:',
      run: 'az keyvault network-rule list --name {vault}',
    },
  ],
};
