// App Service with a managed identity, and a Key Vault with a secret that this identity may read.
// The same as ../azuredeploy.json: e2e/templates.test.ts compares the two.

@description('Where everything is created.')
param location string = resourceGroup().location

@description('The name of the web app, and so of its address; unique in the world.')
@minLength(2)
@maxLength(60)
param webAppName string = 'msi-${uniqueString(resourceGroup().id)}'

@description('The name of the Key Vault; unique in the world. Letters, digits and hyphens.')
@minLength(3)
@maxLength(24)
param vaultName string = 'kv-${uniqueString(resourceGroup().id)}'

@description('The value of the secret that the web app shows. It is stored in the Key Vault under the name secret.')
@secure()
@minLength(1)
param keyVaultSecret string

@description('The version of Node.js that runs the web app.')
@allowed([
  '22-lts'
  '24-lts'
])
param nodeVersion string = '24-lts'

@description('The size of the App Service plan. Always On and health checks need B1 or larger.')
@allowed([
  'B1'
  'B2'
  'B3'
  'S1'
  'P0v3'
  'P1v3'
])
param planSku string = 'B1'

@description('Let access policies of the vault decide who may read, instead of role assignments (RBAC). Deploying again then leaves the web app as the only one with a policy.')
param useAccessPolicies bool = false

@description('The resource id of an existing user-assigned managed identity that the web app shall use. Empty: the web app gets a system-assigned one.')
param userAssignedIdentityResourceId string = ''

// Key Vault Secrets User: may read the values of secrets, and nothing else.
var secretsUserRoleId = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')
var isSystemAssigned = empty(userAssignedIdentityResourceId)
var principalId = isSystemAssigned ? webApp.identity.principalId : reference(userAssignedIdentityResourceId, '2024-11-30').principalId

var identity = isSystemAssigned ? {
  type: 'SystemAssigned'
} : {
  type: 'UserAssigned'
  userAssignedIdentities: {
    '${userAssignedIdentityResourceId}': {}
  }
}

var settings = [
  {
    name: 'KEY_VAULT_URL'
    value: vault.properties.vaultUri
  }
  {
    // What is deployed is complete: nothing is to be built on Azure.
    name: 'SCM_DO_BUILD_DURING_DEPLOYMENT'
    value: 'false'
  }
]

// A web app may have several user-assigned identities, so the one to use is named.
var clientIdSettings = isSystemAssigned ? [] : [
  {
    name: 'AZURE_CLIENT_ID'
    value: reference(userAssignedIdentityResourceId, '2024-11-30').clientId
  }
]

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' = {
  name: vaultName
  location: location
  properties: {
    tenantId: subscription().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: !useAccessPolicies
    accessPolicies: []
    softDeleteRetentionInDays: 7
  }
}

resource secret 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = {
  parent: vault
  name: 'secret'
  properties: {
    value: keyVaultSecret
    contentType: 'text/plain'
  }
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: '${webAppName}-plan'
  location: location
  kind: 'linux'
  sku: {
    name: planSku
  }
  properties: {
    reserved: true
  }
}

resource webApp 'Microsoft.Web/sites@2024-11-01' = {
  name: webAppName
  location: location
  kind: 'app,linux'
  // By this tag azd finds the resource of its service.
  tags: {
    'azd-service-name': 'web'
  }
  identity: identity
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    siteConfig: {
      linuxFxVersion: 'NODE|${nodeVersion}'
      appCommandLine: 'node src/server.ts'
      alwaysOn: true
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      healthCheckPath: '/ping'
      appSettings: concat(settings, clientIdSettings)
    }
  }
}

// Deployments sign in with Entra; the publishing user and its password are switched off.
resource scmBasicAuth 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: webApp
  name: 'scm'
  properties: {
    allow: false
  }
}

resource ftpBasicAuth 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: webApp
  name: 'ftp'
  properties: {
    allow: false
  }
}

module readsByRole 'secrets-user.bicep' = if (!useAccessPolicies) {
  name: 'secrets-user'
  params: {
    vaultName: vault.name
    principalId: principalId
    roleDefinitionId: secretsUserRoleId
  }
}

resource readsByPolicy 'Microsoft.KeyVault/vaults/accessPolicies@2026-02-01' = if (useAccessPolicies) {
  parent: vault
  name: 'add'
  properties: {
    accessPolicies: [
      {
        tenantId: subscription().tenantId
        objectId: principalId
        permissions: {
          secrets: [
            'get'
          ]
        }
      }
    ]
  }
}

output webAppUrl string = 'https://${webApp.properties.defaultHostName}'
output webAppName string = webApp.name
output vaultName string = vault.name
output principalId string = principalId
