// What the sources share that sign an application in to Entra.
import { settingOf } from '../../selection/environment.ts';
import type { Detection, Environment, Offer, SelectOptions } from '../../types.ts';
import { found, invalid } from '../detection.ts';
import { doubtsAbout, problemWithTenancy, type Tenancy, tenancyOf } from './tenancy.ts';

/** An application, and where it signs in. */
export interface Application extends Tenancy {
  readonly clientId: string;
  readonly tenantId: string;
  readonly from: Tenancy['from'] & { readonly clientId: string };
}

/** The variables with the ids of an application, those that win first. */
export interface IdVariables {
  readonly clientId: readonly [string, ...string[]];
  readonly tenantId: readonly [string, ...string[]];
}

const usual: IdVariables = { clientId: ['AZURE_CLIENT_ID'], tenantId: ['AZURE_TENANT_ID'] };

/** The application that options and environment name, or which of its ids are missing. */
export function applicationOf(
  env: Environment,
  options: SelectOptions,
  variables = usual,
):
  | { readonly application: Application; readonly missing: readonly [] }
  | { readonly application?: undefined; readonly missing: readonly string[] } {
  const client = settingOf(env, options, 'clientId', ...variables.clientId);
  const tenant = settingOf(env, options, 'tenantId', ...variables.tenantId);
  if (!client.value || !tenant.value) {
    return { missing: [tenant, client].flatMap(({ value, from }) => (value ? [] : from)) };
  }
  const tenancy = tenancyOf(env, options, tenant);
  const from = { ...tenancy.from, clientId: client.from };
  return { application: { ...tenancy, clientId: client.value, tenantId: tenant.value, from }, missing: [] };
}

/** What an application source adds to its application. */
export type ApplicationOffer = Pick<Offer, 'reason' | 'host' | 'doubts' | 'key' | 'acquire'> &
  Partial<Pick<Offer, 'title' | 'endpoints'>>;

/** The offer of an application, or what is wrong with its tenant and authority. */
export function offerOf(application: Application, offer: ApplicationOffer): Detection {
  const problem = problemWithTenancy(application);
  if (problem) return invalid(problem);
  const { clientId, tenantId, authorityHost, additionallyAllowedTenants } = application;
  return found({
    ...offer,
    doubts: [...(offer.doubts ?? []), ...doubtsAbout(application)],
    principal: 'application',
    clientId,
    tenantId,
    endpoints: [...(offer.endpoints ?? []), new URL(authorityHost)],
    // Entra takes ids and domains in upper and lower case.
    key: [clientId.toLowerCase(), tenantId?.toLowerCase(), authorityHost, additionallyAllowedTenants, ...offer.key],
  });
}
