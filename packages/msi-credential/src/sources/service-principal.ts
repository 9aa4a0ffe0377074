// An application registered in Entra that signs in with its secret or certificate, through @azure/identity.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
import type { Io } from '../io.ts';
import type { AcquiredToken, Detection, Environment, SelectOptions, Source, TokenRequest } from '../types.ts';
import { acquireWith } from '../wire/azure-identity.ts';
import { showId, value } from '../wire/environment.ts';
import { checkTenant, type Tenancy, tenancyOf } from '../wire/tenancy.ts';

export interface ServicePrincipalSettings extends Tenancy {
  readonly clientId: string;
  readonly proof:
    | { readonly kind: 'secret'; readonly clientSecret: string }
    | {
        readonly kind: 'certificate';
        readonly certificatePath: string;
        readonly certificatePassword: string | undefined;
        readonly sendCertificateChain: boolean;
      };
}

export const servicePrincipal: Source<ServicePrincipalSettings> = {
  name: 'service-principal',
  title: 'Service principal',
  family: 'application',
  variables: ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH'],
  detect,
  acquire,
};

function detect(env: Environment, options: SelectOptions): Detection<ServicePrincipalSettings> {
  const proof = proofOf(env);
  const clientId = value(env, 'AZURE_CLIENT_ID');
  if (proof === undefined) {
    const some = value(env, 'AZURE_TENANT_ID') !== undefined && clientId !== undefined;
    const reason = 'neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH is set';
    return {
      verdict: 'absent',
      reason: some ? `AZURE_TENANT_ID and AZURE_CLIENT_ID are set, but ${reason}` : reason,
      near: some,
    };
  }
  const tenancy = tenancyOf(env, options);
  if (clientId === undefined || tenancy.tenantId === undefined) {
    const missing = [
      tenancy.tenantId === undefined && 'AZURE_TENANT_ID',
      clientId === undefined && 'AZURE_CLIENT_ID',
    ].filter((name) => name !== false);
    const present = proof.kind === 'secret' ? 'AZURE_CLIENT_SECRET' : 'AZURE_CLIENT_CERTIFICATE_PATH';
    const names = missing.join(' and ');
    return {
      verdict: 'partial',
      missing,
      problem: {
        code: 'ERR_SOURCE_INCOMPLETE',
        message: `${present} is set but ${names} ${missing.length === 1 ? 'is' : 'are'} not: a service principal needs all three.`,
        hint: `Set ${names} (the application's Overview page in Entra shows both ids), or unset ${present}.`,
      },
    };
  }
  const reason = `AZURE_TENANT_ID, AZURE_CLIENT_ID and ${proof.kind === 'secret' ? 'AZURE_CLIENT_SECRET' : 'AZURE_CLIENT_CERTIFICATE_PATH'} are set`;
  return tenancy.problem
    ? { verdict: 'partial', missing: [], problem: tenancy.problem }
    : { verdict: 'found', settings: { ...tenancy, clientId, proof }, reason };
}

/** The secret wins over the certificate, as in the Azure SDKs' environment credential. */
function proofOf(env: Environment): ServicePrincipalSettings['proof'] | undefined {
  const clientSecret = value(env, 'AZURE_CLIENT_SECRET');
  if (clientSecret !== undefined) return { kind: 'secret', clientSecret };
  const certificatePath = value(env, 'AZURE_CLIENT_CERTIFICATE_PATH');
  if (certificatePath === undefined) return undefined;
  const chain = value(env, 'AZURE_CLIENT_SEND_CERTIFICATE_CHAIN')?.toLowerCase();
  return {
    kind: 'certificate',
    certificatePath,
    certificatePassword: value(env, 'AZURE_CLIENT_CERTIFICATE_PASSWORD'),
    sendCertificateChain: chain === 'true' || chain === '1',
  };
}

async function acquire(settings: ServicePrincipalSettings, request: TokenRequest, io: Io): Promise<AcquiredToken> {
  const inTenant = { ...request, tenantId: checkTenant(settings, request.tenantId, 'service-principal') };
  const { tenantId = '', clientId, proof, authorityHost, additionallyAllowedTenants } = settings;
  return acquireWith(
    {
      source: 'service-principal',
      whence: `Entra, asked for application ${showId(clientId)} in tenant ${showId(request.tenantId ?? tenantId)},`,
      unavailable: { code: proof.kind === 'certificate' ? 'ERR_FILE_UNREADABLE' : 'ERR_SETTING_INVALID' },
      create: ({ ClientSecretCredential, ClientCertificateCredential }) => {
        const options = { authorityHost, additionallyAllowedTenants: [...additionallyAllowedTenants] };
        if (proof.kind === 'secret') return new ClientSecretCredential(tenantId, clientId, proof.clientSecret, options);
        const { certificatePath, certificatePassword, sendCertificateChain } = proof;
        const certificate = { certificatePath, ...(certificatePassword && { certificatePassword }) };
        return new ClientCertificateCredential(tenantId, clientId, certificate, { ...options, sendCertificateChain });
      },
    },
    inTenant,
    io,
  );
}
