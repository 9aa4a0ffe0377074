// The developer's own sign-in with the Azure Developer CLI, through @azure/identity.
// https://learn.microsoft.com/azure/developer/azure-developer-cli/reference#azd-auth-token
import { developerTool } from './developer-tool.ts';

export const azureDeveloperCli = developerTool({
  name: 'azure-developer-cli',
  title: 'Azure Developer CLI',
  programs: ['azd'],
  signIn: 'azd auth login',
  tenantFlag: '--tenant-id',
  claimsFlag: '--claims',
  ask: ({ scope, tenantId }) => [
    ...['auth', 'token', '--output', 'json', '--no-prompt', '--scope', scope],
    ...(tenantId ? ['--tenant-id', tenantId] : []),
  ],
  create: ({ AzureDeveloperCliCredential }, options) => new AzureDeveloperCliCredential(options),
});
