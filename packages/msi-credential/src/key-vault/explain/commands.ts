import type { Situation } from './situation.ts';

/** Needed when nobody said whose token it was: the id of the service principal, not that of the app registration. */
export function findObjectId({ caller }: Situation): readonly string[] {
  if (caller.objectId !== undefined) return [];
  if (caller.type === 'User') return ['Find OBJECT_ID, your own: `az ad signed-in-user show --query id -o tsv`'];
  const application = caller.applicationId ?? 'CLIENT_ID';
  return [`Find OBJECT_ID: \`az ad sp show --id ${application} --query id -o tsv\``];
}

const objectIdOf = ({ caller }: Situation) => caller.objectId ?? 'OBJECT_ID';

/** https://learn.microsoft.com/azure/key-vault/general/rbac-guide: the smallest built-in role that allows the action. */
function roleFor({ operation }: Situation): string {
  const reads = operation === undefined || operation.action === 'getSecret' || operation.action === 'readMetadata';
  return reads ? 'Key Vault Secrets User' : 'Key Vault Secrets Officer';
}

/** With object id and type, so that the command asks no directory, where a new principal may not be found yet. */
export function assignRole(situation: Situation): string {
  const { caller, scope } = situation;
  return `az role assignment create --role "${roleFor(situation)}" --assignee-object-id ${objectIdOf(situation)} --assignee-principal-type ${caller.type} --scope "${scope}"`;
}

/** To be said wherever {@link setPolicy} is. */
export const onlySome = "The command replaces this principal's secret permissions: name all that it needs.";

/** The command replaces the secret permissions of the entry: those that every reader needs are named with the missing one. */
export function setPolicy(situation: Situation): string {
  const wanted = new Set(['get', 'list', situation.operation?.permission ?? 'get']);
  return `az keyvault set-policy -n ${situation.vault} --object-id ${objectIdOf(situation)} --secret-permissions ${[...wanted].join(' ')}`;
}

/** Prints `true` for role assignments, `false` or nothing for access policies. */
export function askModel({ vault }: Situation): string {
  return `az keyvault show -n ${vault} --query properties.enableRbacAuthorization -o tsv`;
}

/** Shows whether a name is a soft-deleted one. */
export const listDeleted = ({ vault }: Situation) =>
  `az keyvault secret list-deleted --vault-name ${vault} --query "[].name" -o tsv`;

export const recover = ({ vault, secret }: Situation) =>
  `az keyvault secret recover --vault-name ${vault} -n ${secret}`;

export const purge = ({ vault, secret }: Situation) => `az keyvault secret purge --vault-name ${vault} -n ${secret}`;

/** What the name resolves to, seen from the failing machine. */
export const lookUpName = ({ host, vault }: Situation) => `nslookup ${host ?? `${vault}.vault.azure.net`}`;
