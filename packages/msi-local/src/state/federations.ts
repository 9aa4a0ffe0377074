import type { IssuerName } from '../types.ts';
import { tenantIssuer, type World } from './identities.ts';

/** A federated identity credential: an application of the tenant takes such a token in place of a secret of its own. */
export interface Federation {
  readonly clientId: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  /** Whose key signs it. */
  readonly signedBy: IssuerName;
}

const audience = 'api://AzureADTokenExchange';

/** The cluster's projected service account tokens: https://learn.microsoft.com/azure/aks/workload-identity-overview */
export const cluster = {
  audience,
  subject: 'system:serviceaccount:default:local',
  issuer: ({ tenantId }: World) =>
    `https://westeurope.oic.prod-aks.azure.com/${tenantId}/a0000000-0000-4000-8000-0000000000b0/`,
};

/** https://docs.github.com/actions/reference/security/oidc */
export const githubActions = {
  issuer: 'https://token.actions.githubusercontent.com',
  subjects: {
    classic: 'repo:local/app:ref:refs/heads/main',
    immutable: 'repo:local@1001/app@2002:ref:refs/heads/main',
  },
};

/** https://learn.microsoft.com/azure/devops/pipelines/library/connect-to-azure */
export const azurePipelines = {
  audience,
  serviceConnectionId: 'a0000000-0000-4000-8000-0000000000b3',
  issuers: {
    entra: ({ tenantId }: World) => ({
      issuer: tenantIssuer(tenantId),
      subject: '/eid1/c/pub/t/local/a/local/sc/local',
    }),
    'azure-devops': () => ({
      issuer: 'https://vstoken.dev.azure.com/a0000000-0000-4000-8000-0000000000b4',
      subject: 'sc://local/local/local',
    }),
  },
};

/** Everything that the applications of the tenant trust. */
export function federations(world: World): readonly Federation[] {
  const clientId = world.servicePrincipal.clientId;
  const { entra, 'azure-devops': devops } = azurePipelines.issuers;
  const { issuer: github, subjects } = githubActions;
  const ofTenant = { clientId, issuer: tenantIssuer(world.tenantId), audience, signedBy: 'tenant' } as const;
  return [
    { ...cluster, clientId: world.userAssigned.clientId, issuer: cluster.issuer(world), signedBy: 'aks' },
    { clientId, audience, issuer: github, subject: subjects.classic, signedBy: 'github-actions' },
    { clientId, audience, issuer: github, subject: subjects.immutable, signedBy: 'github-actions' },
    { clientId, audience, ...devops(), signedBy: 'azure-pipelines' },
    { ...ofTenant, subject: entra(world).subject },
    // The object id of the managed identity, not its client id, is what the application names.
    { ...ofTenant, subject: world.userAssigned.objectId },
  ];
}
