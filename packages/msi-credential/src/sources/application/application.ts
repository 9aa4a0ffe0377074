// What the sources share that sign an application in to Entra.
import type { Detection, Offer } from '../../types.ts';
import { found, invalid } from '../detection.ts';
import { problemWithTenancy, type Tenancy } from './tenancy.ts';

/** An application, and where it signs in. */
export interface Application extends Tenancy {
  readonly clientId: string;
}

/** What an application source adds to its application. */
export type ApplicationOffer = Pick<Offer, 'reason' | 'host' | 'doubts' | 'key' | 'acquire'> &
  Partial<Pick<Offer, 'endpoints'>>;

/** The offer of an application, or what is wrong with its tenant and authority. */
export function offerOf(application: Application, offer: ApplicationOffer): Detection {
  const problem = problemWithTenancy(application);
  if (problem) return invalid(problem);
  const { clientId, tenantId, authorityHost, additionallyAllowedTenants } = application;
  return found({
    ...offer,
    principal: 'application',
    clientId,
    tenantId,
    endpoints: [...(offer.endpoints ?? []), new URL(authorityHost)],
    // Entra takes ids and domains in upper and lower case.
    key: [clientId.toLowerCase(), tenantId?.toLowerCase(), authorityHost, additionallyAllowedTenants, ...offer.key],
  });
}
