// The developer's own sign-in with Azure PowerShell, through @azure/identity.
// https://learn.microsoft.com/powershell/module/az.accounts/get-azaccesstoken
import { developerTool } from './developer-tool.ts';

export const azurePowershell = developerTool({
  name: 'azure-powershell',
  title: 'Azure PowerShell',
  programs: ['pwsh', 'powershell'],
  signIn: 'Connect-AzAccount',
  tenantFlag: '-Tenant',
  claimsFlag: '-ClaimsChallenge',
  create: ({ AzurePowerShellCredential }, options) => new AzurePowerShellCredential(options),
});
