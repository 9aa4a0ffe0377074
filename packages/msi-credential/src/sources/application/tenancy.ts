import { explain } from '../../codes.ts';
import { credentialError } from '../../errors.ts';
import { isQuoted, settingOf, showId, value } from '../../selection/environment.ts';
import { visible } from '../../selection/placeholder.ts';
import type { Environment, Problem, SelectOptions, SourceName } from '../../types.ts';
import { authorityOf, knownCloud } from './clouds.ts';

/** The tenant and the authority that a source signs in to, and the other tenants that it may be asked for. */
export interface Tenancy {
  readonly tenantId: string | undefined;
  readonly authorityHost: string;
  readonly additionallyAllowedTenants: readonly string[];
  /** The options or variables that the two come from. */
  readonly from: { readonly tenantId: string; readonly authorityHost: string };
}

/** What {@link tenancyOf} reads besides `AZURE_TENANT_ID`. */
export const tenancyVariables = ['AZURE_AUTHORITY_HOST', 'AZURE_ADDITIONALLY_ALLOWED_TENANTS'] as const;

/** Entra in the public cloud. */
const publicAuthority = 'https://login.microsoftonline.com';

/** Reads it from options and environment. */
export function tenancyOf(
  env: Environment,
  options: SelectOptions,
  tenant = settingOf(env, options, 'tenantId', 'AZURE_TENANT_ID'),
): Tenancy {
  const authority = settingOf(env, options, 'authorityHost', 'AZURE_AUTHORITY_HOST');
  // Semicolons are right. No tenant has a comma or a blank in it.
  const listed = value(env, 'AZURE_ADDITIONALLY_ALLOWED_TENANTS')?.split(/[;,\s]+/) ?? [];
  const allowed = options.additionallyAllowedTenants ?? listed;
  return {
    tenantId: tenant.value || undefined,
    authorityHost: authorityOf(authority.value ?? publicAuthority),
    additionallyAllowedTenants: allowed.map(visible).filter((each) => each !== ''),
    from: { tenantId: tenant.from, authorityHost: authority.from },
  };
}

/** What is unlikely to be meant: an authority that nobody vouches for is sent the secret, and a path is not used. */
export function doubtsAbout({ authorityHost, from }: Tenancy): readonly string[] {
  if (knownCloud(authorityHost) !== undefined || !URL.canParse(authorityHost)) return [];
  const { host } = new URL(authorityHost);
  return [
    `Entra's address (from ${from.authorityHost}) is ${host}, which is none of Microsoft's that we know. The application's secret or assertion is sent there.`,
  ];
}

const showTenant = {
  text: 'Set it to the Directory (tenant) ID, without quotes:',
  run: 'az account show --query tenantId -o tsv',
};

/** What is wrong with it: Entra is asked over https only, and a tenant is part of the address. */
export function problemWithTenancy({ tenantId, authorityHost, from }: Tenancy): Problem | undefined {
  if (tenantId !== undefined && !/^[0-9a-zA-Z.-]+$/.test(tenantId)) {
    const cause = `The tenant (from ${from.tenantId}) is neither a GUID nor a domain name.`;
    return explain('ERR_SETTING_INVALID', cause, { fix: [showTenant] });
  }
  if (tenantId !== undefined && /^(common|organizations|consumers)$/i.test(tenantId)) {
    const cause = `The tenant (from ${from.tenantId}) is ${tenantId}. An application needs one particular tenant.`;
    return explain('ERR_SETTING_INVALID', cause, { fix: [showTenant] });
  }
  if (authorityHost === publicAuthority) return undefined;
  const url = URL.canParse(authorityHost) ? new URL(authorityHost) : undefined;
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return undefined;
  const quoted = isQuoted(authorityHost) ? ' (it is in quotes)' : '';
  const cause = `Entra's address (from ${from.authorityHost}) is not an https URL${quoted}.`;
  const fix = [{ text: `Set it to ${publicAuthority}, or to the address of your own cloud.` }];
  return explain('ERR_SETTING_INVALID', cause, { fix });
}

/**
 * Checks the tenant that a request names (a vault's challenge does): a token of the configured application is asked for
 * in another tenant only if that is allowed, so that no server can draw it out of a tenant of its own choice.
 *
 * @returns the tenant in the configuration's own spelling, since `@azure/identity` compares upper and lower case.
 * @throws CredentialUnavailableError - `ERR_TENANT_NOT_ALLOWED`.
 */
export function checkTenant(tenancy: Tenancy, requested: string | undefined, source: SourceName): string | undefined {
  const { tenantId, additionallyAllowedTenants: allowed } = tenancy;
  if (requested === undefined || tenantId === undefined) return requested;
  const allowedTenant = [tenantId, ...allowed].find((each) => each.toLowerCase() === requested.toLowerCase());
  if (allowedTenant !== undefined) return allowedTenant;
  if (allowed.includes('*')) return requested;
  const what = `A token of tenant ${showId(requested)} was requested, but the credential is for tenant ${showId(tenantId)}.`;
  throw credentialError('ERR_TENANT_NOT_ALLOWED', what, { source });
}
