import { credentialError } from '../../errors.ts';
import { showId, value } from '../../selection/environment.ts';
import type { Environment, Problem, SelectOptions, SourceName } from '../../types.ts';

/** Which tenant a source that signs in with Entra belongs to, and which others it may be asked for. */
export interface Tenancy {
  readonly tenantId: string | undefined;
  readonly authorityHost: string;
  readonly additionallyAllowedTenants: readonly string[];
}

/** What {@link tenancyOf} reads besides `AZURE_TENANT_ID`. */
export const tenancyVariables = ['AZURE_AUTHORITY_HOST', 'AZURE_ADDITIONALLY_ALLOWED_TENANTS'] as const;

/** Entra in the public cloud. */
const publicAuthority = 'https://login.microsoftonline.com';

/** Reads it from options and environment; a wrong value is a problem, told when the source is the one to be used. */
export function tenancyOf(
  env: Environment,
  options: SelectOptions,
  defaultTenant = value(env, 'AZURE_TENANT_ID'),
): Tenancy & { readonly problem?: Problem } {
  const tenantId = options.tenantId ?? (defaultTenant || undefined);
  const authorityHost = (options.authorityHost ?? value(env, 'AZURE_AUTHORITY_HOST') ?? publicAuthority).replace(
    /\/+$/,
    '',
  );
  const listed = value(env, 'AZURE_ADDITIONALLY_ALLOWED_TENANTS')?.split(';') ?? [];
  const additionallyAllowedTenants =
    options.additionallyAllowedTenants ?? listed.map((each) => each.trim()).filter(Boolean);
  const tenancy = { tenantId, authorityHost, additionallyAllowedTenants };
  const problem = problemWithTenancy(tenancy);
  return problem ? { ...tenancy, problem } : tenancy;
}

/** What is wrong with it: Entra is asked over https only, and a tenant is part of the address. */
function problemWithTenancy({ tenantId, authorityHost }: Tenancy): Problem | undefined {
  if (tenantId !== undefined && !/^[0-9a-zA-Z.-]+$/.test(tenantId)) {
    const message = 'AZURE_TENANT_ID (or the option tenantId) is neither a GUID nor a domain name.';
    const hint = 'It is the Directory (tenant) ID, without quotes: az account show --query tenantId -o tsv.';
    return { code: 'ERR_SETTING_INVALID', message, hint };
  }
  if (tenantId !== undefined && /^(common|organizations|consumers)$/i.test(tenantId)) {
    const message = `AZURE_TENANT_ID (or the option tenantId) is ${tenantId}, which names no tenant: applications have none like it.`;
    return {
      code: 'ERR_SETTING_INVALID',
      message,
      hint: 'Set it to what `az account show --query tenantId -o tsv` prints.',
    };
  }
  if (authorityHost === publicAuthority) return undefined;
  const url = URL.canParse(authorityHost) ? new URL(authorityHost) : undefined;
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return undefined;
  const message = 'AZURE_AUTHORITY_HOST (or the option authorityHost) is not an https URL.';
  return { code: 'ERR_SETTING_INVALID', message, hint: `Set it to ${publicAuthority} or your cloud's own.` };
}

/**
 * Checks the tenant that a request names (a vault's challenge does): a token of the configured application is asked for
 * in another tenant only if that is allowed, so that no server can draw it out of a tenant of its own choice.
 *
 * @returns the tenant in the configuration's own spelling, since `@azure/identity` compares upper and lower case.
 * @throws CredentialUnavailableError - `ERR_TENANT_NOT_ALLOWED`.
 */
export function checkTenant(tenancy: Tenancy, asked: string | undefined, source: SourceName): string | undefined {
  const { tenantId, additionallyAllowedTenants: allowed } = tenancy;
  if (asked === undefined || tenantId === undefined) return asked;
  const known = [tenantId, ...allowed].find((each) => each.toLowerCase() === asked.toLowerCase());
  if (known !== undefined) return known;
  if (allowed.includes('*')) return asked;
  const what = `A token of tenant ${showId(asked)} was asked for, but the credential is for tenant ${showId(tenantId)}.`;
  throw credentialError('ERR_TENANT_NOT_ALLOWED', what, { source });
}
