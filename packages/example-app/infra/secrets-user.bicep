// Lets a principal read the secrets of a vault. A module, because the name of the assignment depends on the principal: an app that
// was deleted and created again has another one, and the assignment of an existing name cannot be changed.

param vaultName string

param principalId string

param roleDefinitionId string

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, principalId, roleDefinitionId)
  properties: {
    roleDefinitionId: roleDefinitionId
    principalId: principalId
    // Spares the look-up of an identity that is too new to be found.
    principalType: 'ServicePrincipal'
  }
}
