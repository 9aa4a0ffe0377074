// The developer's own sign-in with the Azure CLI, through @azure/identity.
// https://learn.microsoft.com/cli/azure/account#az-account-get-access-token
import { developerTool } from './developer-tool.ts';

export const azureCli = developerTool({
  name: 'azure-cli',
  title: 'Azure CLI',
  programs: ['az'],
  signIn: 'az login',
  tenantFlag: '--tenant',
  claimsFlag: '--claims-challenge',
  ask: ({ resource, tenantId }) => [
    ...['account', 'get-access-token', '--output', 'json', '--resource', resource],
    ...(tenantId ? ['--tenant', tenantId] : []),
  ],
  create: ({ AzureCliCredential }, options) => new AzureCliCredential(options),
});
