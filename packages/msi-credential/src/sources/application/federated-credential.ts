// A managed identity's token as the proof of an application that trusts it (its federated credential).
// https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
import { explain } from '../../codes.ts';
import { showClientId } from '../../selection/environment.ts';
import { scopeOf } from '../../tokens/scope.ts';
import type {
  Environment,
  FederatedCredential,
  ManagedIdentity,
  Offer,
  Problem,
  SelectOptions,
  Source,
} from '../../types.ts';
import { titleOf } from '../detection.ts';
import { acquireWithAssertion } from './client-assertion.ts';
import { cloudOf } from './clouds.ts';
import { doubtsAbout, problemWithTenancy, tenancyOf } from './tenancy.ts';

/** Where its ids come from. */
const from = { clientId: 'federatedCredential.clientId', tenantId: 'federatedCredential.tenantId' } as const;

/** What prevents it: only a host's own identity can be such a proof, and only a user-assigned one. */
export function problemWithFederation(
  source: Source,
  { tenantId }: FederatedCredential,
  identity: ManagedIdentity,
  { env, options }: { readonly env: Environment; readonly options: SelectOptions },
): Problem | undefined {
  if (source.family !== 'managed-identity') {
    const cause = `federatedCredential needs a managed identity as the proof, but the source is ${source.name}.`;
    const fix = [{ text: 'Leave the option out here, or run on a host that has a managed identity.' }];
    return explain('ERR_IDENTITY_UNSUPPORTED', cause, { fix });
  }
  if (identity.kind === 'system-assigned') {
    const cause =
      "federatedCredential needs a user-assigned identity. Entra does not accept a system-assigned identity's token as a proof.";
    const fix = [{ text: 'Name the identity with clientId, objectId or resourceId.' }];
    return explain('ERR_IDENTITY_UNSUPPORTED', cause, { fix });
  }
  return problemWithTenancy(tenancyOf(env, options, { value: tenantId, from: from.tenantId }));
}

/** The offer of the application that trusts the identity of this offer. */
export function federate(
  source: Source,
  offer: Offer,
  { clientId, tenantId }: FederatedCredential,
  { env, options }: { readonly env: Environment; readonly options: SelectOptions },
): Offer {
  const tenancy = tenancyOf(env, options, { value: tenantId, from: from.tenantId });
  const application = { ...tenancy, clientId, tenantId, from: { ...tenancy.from, ...from } };
  const resource = cloudOf(application.authorityHost).exchangeAudience;
  return {
    reason: offer.reason,
    host: offer.host,
    title: `${titleOf(source, offer)}, as federated credential of application ${showClientId(clientId)}`,
    principal: 'application',
    doubts: doubtsAbout(tenancy),
    clientId,
    tenantId,
    endpoints: [...offer.endpoints, new URL(application.authorityHost)],
    key: [offer.key, application],
    async acquire(request, flight) {
      const proof = { scope: scopeOf(resource), resource, identity: request.identity };
      const get = async () => (await offer.acquire(proof, flight)).token;
      const assertion = { source: source.name, proof: "the managed identity's token", get };
      return acquireWithAssertion(application, assertion, request, flight);
    },
  };
}
