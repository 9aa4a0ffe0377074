// A managed identity's token as the proof of an application that trusts it (its federated credential).
// https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity

import { showClientId } from '../../selection/environment.ts';
import { scopeOf } from '../../tokens/scope.ts';
import type { FederatedCredential, ManagedIdentity, Problem, Source } from '../../types.ts';
import { acquireWithAssertion } from './client-assertion.ts';
import { cloudOf } from './clouds.ts';
import type { Tenancy } from './tenancy.ts';

/** What such an exchange needs besides the managed identity's own settings. */
export interface FederationSettings extends Tenancy {
  readonly managedIdentity: unknown;
  readonly application: FederatedCredential;
}

/** What stands against it: only a managed identity can be such a proof, and of those only a user-assigned one. */
export function problemWithFederation(source: Source, identity: ManagedIdentity): Problem | undefined {
  if (source.family !== 'managed-identity') {
    const message = `federatedCredential needs a managed identity as the proof, but the source is ${source.name}.`;
    return {
      code: 'ERR_IDENTITY_UNSUPPORTED',
      message,
      hint: 'Leave the option out here, or run where a managed identity is.',
    };
  }
  if (identity.kind === 'user-assigned') return undefined;
  const message =
    "federatedCredential needs a user-assigned identity: Entra does not accept a system-assigned one's token as a proof.";
  return { code: 'ERR_IDENTITY_UNSUPPORTED', message, hint: 'Name it with clientId, objectId or resourceId.' };
}

/** The same source, its token exchanged for one of the application's. */
export function federate(source: Source, application: FederatedCredential): Source {
  return {
    ...source,
    title: `${source.title}, as federated credential of application ${showClientId(application.clientId)}`,
    family: 'application',
    async acquire(settings, request, io) {
      const { managedIdentity, application: _, ...tenancy } = settings as FederationSettings;
      const resource = cloudOf(tenancy.authorityHost).exchangeAudience;
      const proof = { ...request, scope: scopeOf(resource), resource, tenantId: undefined, claims: undefined };
      return acquireWithAssertion(
        { ...tenancy, clientId: application.clientId, tenantId: application.tenantId },
        { source: source.name, proof: "the managed identity's token" },
        async () => (await source.acquire(managedIdentity, proof, io)).token,
        request,
        io,
      );
    },
  };
}
