// An application registered in Entra that signs in with its secret or certificate, through @azure/identity.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
import type { Fix } from '../../codes.ts';
import { credentialError } from '../../errors.ts';
import type { Io } from '../../io.ts';
import { isGuid, isPath, isQuoted, problemWithPath, value } from '../../selection/environment.ts';
import type {
  AcquiredToken,
  Detection,
  Environment,
  Flight,
  SelectOptions,
  Source,
  TokenRequest,
} from '../../types.ts';
import { absent, incomplete, invalid } from '../detection.ts';
import { type Application, applicationOf, offerOf } from './application.ts';
import { readCertificate } from './certificate.ts';
import { type SignIn, signIn } from './sign-in.ts';
import { tenancyVariables } from './tenancy.ts';

export const servicePrincipal: Source = {
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
  advice: { text: 'set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET' },
  announced,
};

function announced(env: Environment, options: SelectOptions): Detection {
  const proof = proofOf(env);
  // AZURE_CLIENT_ID belongs to the secret; the option is most often a managed identity's id.
  const own = value(env, 'AZURE_CLIENT_ID');
  if (proof === undefined) return withoutProof(env, own ?? options.clientId);
  const { application, missing } = applicationOf(
    env,
    own === undefined ? options : { ...options, clientId: undefined },
  );
  if (application === undefined) {
    const text = `A service principal needs all three. Set ${missing.join(' and ')}: the application's Overview page in Entra shows both ids. Or unset ${proof.variable}.`;
    return incomplete({ present: proof.variable, missing, fix: [{ text }] });
  }
  const problem = proof.kind === 'certificate' ? problemWithPath(proof.variable, proof.path) : undefined;
  if (problem) return invalid(problem);
  return offerOf(application, {
    reason: `AZURE_TENANT_ID, AZURE_CLIENT_ID and ${proof.variable} are set`,
    doubts: doubtsAbout(env),
    key: [proof],
    acquire: (request, flight) => acquire(application, proof, request, flight),
  });
}

function withoutProof(env: Environment, clientId: string | undefined): Detection {
  const none = 'neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH is set';
  // The SDKs' environment credential takes it; Microsoft advises against it, and it fails where MFA is required.
  // https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc
  const reason = value(env, 'AZURE_USERNAME') ? `${none} (AZURE_USERNAME and AZURE_PASSWORD are not used)` : none;
  return value(env, 'AZURE_TENANT_ID') !== undefined && clientId !== undefined
    ? absent(
        `AZURE_TENANT_ID and AZURE_CLIENT_ID are set, but ${reason}`,
        'set AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH too',
      )
    : absent(reason);
}

/** Mistakes that Entra answers with "invalid client secret", or not at all. */
function doubtsAbout(env: Environment): readonly string[] {
  const secret = value(env, 'AZURE_CLIENT_SECRET');
  if (secret === undefined) return [];
  return [
    isQuoted(secret)
      ? 'AZURE_CLIENT_SECRET is in quotes, and they count as part of it (docker run --env-file keeps them).'
      : [],
    isGuid(secret) ? 'AZURE_CLIENT_SECRET is a GUID, like the id of a secret. It must be the value of the secret.' : [],
    value(env, 'AZURE_CLIENT_CERTIFICATE_PATH')
      ? 'AZURE_CLIENT_CERTIFICATE_PATH is not used, because AZURE_CLIENT_SECRET is set too.'
      : [],
  ].flat();
}

/** What the application proves itself with. */
type Proof =
  | { readonly kind: 'secret'; readonly variable: 'AZURE_CLIENT_SECRET'; readonly secret: string }
  | {
      readonly kind: 'certificate';
      readonly variable: 'AZURE_CLIENT_CERTIFICATE_PATH';
      readonly path: string;
      readonly password: string | undefined;
      readonly sendChain: boolean;
    };

/** The secret wins over the certificate, as in the Azure SDKs' environment credential. */
function proofOf(env: Environment): Proof | undefined {
  const secret = value(env, 'AZURE_CLIENT_SECRET');
  if (secret !== undefined) return { kind: 'secret', variable: 'AZURE_CLIENT_SECRET', secret };
  const path = value(env, 'AZURE_CLIENT_CERTIFICATE_PATH');
  if (path === undefined) return undefined;
  const chain = value(env, 'AZURE_CLIENT_SEND_CERTIFICATE_CHAIN')?.toLowerCase();
  return {
    kind: 'certificate',
    variable: 'AZURE_CLIENT_CERTIFICATE_PATH',
    path,
    password: value(env, 'AZURE_CLIENT_CERTIFICATE_PASSWORD'),
    sendChain: chain === 'true' || chain === '1',
  };
}

function acquire(
  application: Application,
  proof: Proof,
  request: TokenRequest,
  flight: Flight,
): Promise<AcquiredToken> {
  const { tenantId, clientId } = application;
  const common = { source: 'service-principal', application } as const;
  if (proof.kind === 'secret') {
    const { secret } = proof;
    const create: SignIn['create'] = ({ ClientSecretCredential }, options) =>
      new ClientSecretCredential(tenantId, clientId, secret, options);
    return signIn({ ...common, proof: 'its client secret', secrets: [secret], create }, request, flight);
  }
  const { variable, path, password, sendChain } = proof;
  const create: SignIn['create'] = ({ ClientCertificateCredential }, options) => {
    const content = { ...contentOf(proof, flight.io), ...(password && { certificatePassword: password }) };
    // It takes either, but has no overload for one or the other.
    const certificate = content as { readonly certificate: string };
    return new ClientCertificateCredential(tenantId, clientId, certificate, {
      ...options,
      sendCertificateChain: sendChain,
    });
  };
  const file = { variable, path, fix: aboutFile, denied: aboutOwner };
  const secrets = password === undefined ? [] : [password];
  return signIn({ ...common, proof: 'its certificate', file, secrets, create }, request, flight);
}

/** A file that can't be read is left to `@azure/identity`, whose error says why. */
function contentOf(
  { variable, path, password }: Proof & { kind: 'certificate' },
  { machine }: Io,
): { readonly certificate: string } | { readonly certificatePath: string } {
  const text = machine.readText(path);
  if (typeof text !== 'string' || text.trim() === '') return { certificatePath: path };
  const file = readCertificate(text, password);
  if ('pem' in file) return { certificate: file.pem };
  const shown = isPath(path) ? `: ${path}` : '';
  const happened = `The file that ${variable} names can't be used, because ${file.why}${shown}.`;
  throw credentialError('ERR_FILE_UNREADABLE', happened, { fix: file.fix ?? aboutFile });
}

const aboutFile: readonly Fix[] = [
  {
    text: "This process's user must be able to read the file. It holds the certificate and its private key, both in PEM.",
  },
  { text: 'To convert a .pfx file:', run: 'openssl pkcs12 -in FILE.pfx -out FILE.pem -nodes' },
  { text: 'An encrypted key needs AZURE_CLIENT_CERTIFICATE_PASSWORD.' },
];

const aboutOwner: readonly Fix[] = [
  {
    text: "The file is there, and this process's user may not read it. See who may, and give it to that user:",
    run: 'ls -l "$AZURE_CLIENT_CERTIFICATE_PATH"',
  },
];
