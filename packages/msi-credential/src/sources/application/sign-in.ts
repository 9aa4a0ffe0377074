// What the sources share that sign an application in to Entra, through @azure/identity.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
import type { TokenCredential } from '@azure/core-auth';
import { proxyTo } from '../../http/proxy.ts';
import { longestPauseMs, retryAfterMs } from '../../http/send.ts';
import type { HttpReply, Io } from '../../io.ts';
import type { AcquiredToken, SourceName, TokenRequest } from '../../types.ts';
import { type AzureIdentity, acquireWith } from '../azure-identity.ts';
import { knownCloud } from './clouds.ts';
import { checkTenant, type Tenancy } from './tenancy.ts';

/** An application, and what it shows to Entra. */
export interface SignIn {
  readonly source: SourceName;
  readonly application: Tenancy & { readonly clientId: string };
  /** What it proves itself with, for messages: `GitHub's OIDC token`. */
  readonly proof: string;
  /** The file that holds the proof, and what to do where it does not. */
  readonly file?: { readonly variable: string; readonly path: string; readonly hint: string };
  /** What no message may repeat, even if somebody answers with it. */
  readonly secrets: readonly string[];
  create(identity: AzureIdentity, options: SignInOptions): TokenCredential | Promise<TokenCredential>;
}

type PeerOptions = NonNullable<ConstructorParameters<AzureIdentity['ClientSecretCredential']>[3]>;

/** What every credential of `@azure/identity` is given. */
export type SignInOptions = Required<
  Pick<PeerOptions, 'authorityHost' | 'additionallyAllowedTenants' | 'additionalPolicies' | 'disableInstanceDiscovery'>
>;

/** The last exchange with Entra: its address, what was sent, and the answer or the error. */
export interface Heard {
  url?: string;
  /** The form that was sent: with the secret or the assertion, which `@azure/identity` makes or reads. */
  sent?: unknown;
  outcome?: HttpReply | Error;
}

/** Signs the application in, in the tenant that is asked for where that is allowed. */
export async function signIn(it: SignIn, request: TokenRequest, io: Io): Promise<AcquiredToken> {
  const { source, application, file, create } = it;
  const inTenant = { ...request, tenantId: checkTenant(application, request.tenantId, source) };
  proxyTo(new URL(application.authorityHost));
  const heard: Heard = {};
  const options: SignInOptions = {
    authorityHost: application.authorityHost,
    additionallyAllowedTenants: [...application.additionallyAllowedTenants],
    // The public cloud would be asked whether it knows the authority of a private one: it does not, nor is it in reach.
    // https://learn.microsoft.com/javascript/api/@azure/identity/authorityvalidationoptions
    disableInstanceDiscovery: knownCloud(application.authorityHost) === undefined,
    additionalPolicies: [{ policy: listener(heard, request, io), position: 'perRetry' }],
  };
  return acquireWith(
    {
      source,
      whence: 'Entra',
      create(identity) {
        // Reading a pipe that nobody writes to ends never, not even with the process.
        if (file !== undefined && io.isNoFile(file.path)) throw new Error('not a regular file');
        return create(identity, options);
      },
      async explain(error) {
        const { explainSignIn } = await import('../../failures/index.ts');
        const tenantId = inTenant.tenantId ?? application.tenantId ?? '';
        return explainSignIn(error, it, { tenantId, scope: request.scope }, heard, io.now());
      },
    },
    inTenant,
    io,
  );
}

type Policy = SignInOptions['additionalPolicies'][number]['policy'];

/**
 * Hears what comes back, of which `@azure/identity`'s errors keep little, nothing, or too much (a proxy's page with its
 * cookies); and ends with us: it hands its caller's signal on to no request, so that pauses and sockets would outlive our
 * deadline.
 */
function listener(heard: Heard, { signal, hear }: TokenRequest, io: Io): Policy {
  return {
    name: 'msi-credential',
    async sendRequest(outgoing, next) {
      outgoing.abortSignal = signal;
      heard.url = outgoing.url;
      heard.sent = outgoing.body;
      try {
        const reply = await next(outgoing);
        const { status, headers, bodyAsText } = reply;
        hear?.(status);
        heard.outcome = { status, headers: headers.toJSON(), body: bodyAsText ?? '' };
        const pause = status < 400 ? undefined : retryAfterMs(heard.outcome, io.now());
        if (pause === undefined || pause <= longestPauseMs) return reply;
      } catch (error) {
        heard.outcome = error instanceof Error ? error : new Error(String(error));
        throw error;
      }
      throw new Error('Entra asked for a longer pause than callers wait.');
    },
  };
}
