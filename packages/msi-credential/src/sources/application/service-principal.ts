// An application registered in Entra that signs in with its secret or certificate, through @azure/identity.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
import type { Io } from '../../io.ts';
import { isGuid, isQuoted, problemWithPath, value } from '../../selection/environment.ts';
import type { AcquiredToken, Detection, Environment, SelectOptions, Source, TokenRequest } from '../../types.ts';
import { type SignIn, signIn } from './sign-in.ts';
import { type Tenancy, tenancyOf, tenancyVariables } from './tenancy.ts';

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
  variables: [
    'AZURE_TENANT_ID',
    'AZURE_CLIENT_ID',
    'AZURE_CLIENT_SECRET',
    'AZURE_CLIENT_CERTIFICATE_PATH',
    'AZURE_CLIENT_CERTIFICATE_PASSWORD',
    'AZURE_CLIENT_SEND_CERTIFICATE_CHAIN',
    'AZURE_USERNAME',
    ...tenancyVariables,
  ],
  advice: 'set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET',
  detect,
  acquire,
};

function detect(env: Environment, options: SelectOptions): Detection<ServicePrincipalSettings> {
  const proof = proofOf(env);
  // The secret belongs to the application that stands beside it; the option is most often a managed identity's id.
  const clientId = value(env, 'AZURE_CLIENT_ID') ?? options.clientId;
  if (proof === undefined) {
    const some = value(env, 'AZURE_TENANT_ID') !== undefined && clientId !== undefined;
    const none = 'neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH is set';
    // The SDKs' environment credential takes it; Microsoft advises against it, and it fails where MFA is required.
    // https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc
    const reason = value(env, 'AZURE_USERNAME') ? `${none} (AZURE_USERNAME and AZURE_PASSWORD are not used)` : none;
    return {
      verdict: 'absent',
      reason: some ? `AZURE_TENANT_ID and AZURE_CLIENT_ID are set, but ${reason}` : reason,
      near: some ? 'set AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH, too' : undefined,
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
  const problem =
    tenancy.problem ??
    (proof.kind === 'certificate'
      ? problemWithPath('AZURE_CLIENT_CERTIFICATE_PATH', proof.certificatePath)
      : undefined);
  return problem
    ? { verdict: 'partial', missing: [], problem }
    : { verdict: 'found', settings: { ...tenancy, clientId, proof }, reason, doubts: doubtsAbout(env) };
}

/** Mistakes that Entra answers with "invalid client secret", or not at all. */
function doubtsAbout(env: Environment): readonly string[] {
  const secret = value(env, 'AZURE_CLIENT_SECRET');
  if (secret === undefined) return [];
  return [
    ...(isQuoted(secret)
      ? ['AZURE_CLIENT_SECRET stands in quotes, which are taken as part of it (docker run --env-file keeps them).']
      : []),
    ...(isGuid(secret) ? ['AZURE_CLIENT_SECRET is a GUID, as the id of a secret is; it has to be its value.'] : []),
    ...(value(env, 'AZURE_CLIENT_CERTIFICATE_PATH')
      ? ['AZURE_CLIENT_CERTIFICATE_PATH is not used, since AZURE_CLIENT_SECRET is set as well.']
      : []),
  ];
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
  const { tenantId = '', clientId, proof } = settings;
  const common = { source: 'service-principal', application: settings } as const;
  if (proof.kind === 'secret') {
    const { clientSecret } = proof;
    const create: SignIn['create'] = ({ ClientSecretCredential }, options) =>
      new ClientSecretCredential(tenantId, clientId, clientSecret, options);
    return signIn({ ...common, proof: 'its client secret', secrets: [clientSecret], create }, request, io);
  }
  const { certificatePath, certificatePassword, sendCertificateChain } = proof;
  const certificate = { certificatePath, ...(certificatePassword && { certificatePassword }) };
  const create: SignIn['create'] = ({ ClientCertificateCredential }, options) =>
    new ClientCertificateCredential(tenantId, clientId, certificate, { ...options, sendCertificateChain });
  const file = { variable: 'AZURE_CLIENT_CERTIFICATE_PATH', path: certificatePath, fix: aboutFile };
  const secrets = certificatePassword === undefined ? [] : [certificatePassword];
  return signIn({ ...common, proof: 'its certificate', file, secrets, create }, request, io);
}

const aboutFile = [
  {
    text: "Check that this process's user may read the file, and that it holds the certificate and its private key in PEM. To convert a .pfx:",
    run: 'openssl pkcs12 -in FILE.pfx -out FILE.pem -nodes',
  },
  { text: 'If the key is encrypted, set AZURE_CLIENT_CERTIFICATE_PASSWORD.' },
];
