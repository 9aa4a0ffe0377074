// The developer's own sign-in with the Azure CLI, through @azure/identity.
// https://learn.microsoft.com/cli/azure/account#az-account-get-access-token
import type { Io, Machine } from '../io.ts';
import type { AcquiredToken, Detection, Environment, SelectOptions, Source, TokenRequest } from '../types.ts';
import { acquireWith } from '../wire/azure-identity.ts';
import { type Tenancy, tenancyOf } from '../wire/tenancy.ts';

export const azureCli: Source<Tenancy> = {
  name: 'azure-cli',
  title: 'Azure CLI',
  family: 'developer-tool',
  variables: ['PATH'],
  detect,
  acquire,
};

function detect(env: Environment, options: SelectOptions, machine?: Machine): Detection<Tenancy> {
  const tenancy = { ...tenancyOf({ ...env, AZURE_TENANT_ID: undefined }, options) };
  if (machine === undefined) return { verdict: 'unknown', settings: tenancy, reason: 'not looked for' };
  return machine.hasProgram('az', env)
    ? {
        verdict: 'unknown',
        settings: tenancy,
        reason: 'az is on PATH; whether someone is signed in shows when it is asked',
      }
    : { verdict: 'absent', reason: 'az is not on PATH' };
}

function acquire(settings: Tenancy, request: TokenRequest, io: Io): Promise<AcquiredToken> {
  return acquireWith(
    {
      source: 'azure-cli',
      whence: 'Azure CLI (az account get-access-token)',
      unavailable: {
        code: 'ERR_TOOL_UNAVAILABLE',
        hint: 'Run `az login`, with `--tenant` if the resource is in another tenant.',
      },
      create: ({ AzureCliCredential }) =>
        new AzureCliCredential({
          ...(settings.tenantId !== undefined && { tenantId: settings.tenantId }),
          additionallyAllowedTenants: [...settings.additionallyAllowedTenants],
        }),
    },
    request,
    io,
  );
}
