// Commands that several rows share, with the names of situation.ts.

/** With object id and type, so that the command asks no directory, which may not know a new principal yet. */
export const assignRole =
  'az role assignment create --role "{role}" --assignee-object-id {objectId} --assignee-principal-type {principalType} --scope "{scope}"';

/** To be said wherever {@link setPolicy} is. */
export const nameAll = "This replaces the principal's {object} permissions, so name all that it needs:";
export const setPolicy =
  'az keyvault set-policy -n {vault} --object-id {objectId} --{object}-permissions {permissions}';

export const listVaults = 'az keyvault list --query "[].properties.vaultUri" -o tsv';

export const listDeleted = {
  text: 'See which are deleted:',
  run: 'az keyvault {object} list-deleted --vault-name {vault} --query "[].name" -o tsv',
};
export const recover = 'az keyvault {object} recover --vault-name {vault} -n {secret}';
export const purge = 'az keyvault {object} purge --vault-name {vault} -n {secret}';

/** What the name resolves to, seen from the failing machine. */
export const lookUpName = 'nslookup {host}';
