// What the sources share that sign an application in to Entra, through @azure/identity.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
import type { TokenCredential } from '@azure/core-auth';
import { asError } from '../../errors.ts';
import type { LastExchange, SignInSubject } from '../../failures/sign-in.ts';
import { pauseFor } from '../../http/pause.ts';
import { proxyTo } from '../../http/proxy.ts';
import { longestPauseMs, retryAfterMs } from '../../http/send.ts';
import { inTurn, manyTurns } from '../../http/turns.ts';
import { withoutHold } from '../../http/without-hold.ts';
import type { AcquiredToken, Flight, TokenRequest } from '../../types.ts';
import { type AzureIdentity, acquireWith } from '../azure-identity.ts';
import type { Application } from './application.ts';
import { knownCloud } from './clouds.ts';
import { checkTenant, type Tenancy } from './tenancy.ts';

/** An application, and what it shows to Entra. */
export interface SignIn extends SignInSubject {
  readonly application: Application;
  create(identity: AzureIdentity, options: SignInOptions): TokenCredential | Promise<TokenCredential>;
}

type PeerOptions = NonNullable<ConstructorParameters<AzureIdentity['ClientSecretCredential']>[3]>;

/** What every credential of `@azure/identity` is given. */
export type SignInOptions = Required<
  Pick<PeerOptions, 'authorityHost' | 'additionallyAllowedTenants' | 'additionalPolicies' | 'disableInstanceDiscovery'>
>;

/** Signs the application in, in the tenant of the request if that is allowed. */
export async function signIn(details: SignIn, request: TokenRequest, flight: Flight): Promise<AcquiredToken> {
  const { io } = flight;
  const { source, application, file } = details;
  const inTenant = { ...request, tenantId: checkTenant(application, request.tenantId, source) };
  proxyTo(new URL(application.authorityHost));
  let lastExchange: LastExchange | undefined;
  const policy = watch(flight, (exchange) => {
    lastExchange = exchange;
  });
  return acquireWith(
    {
      source,
      provider: 'Entra',
      create(identity) {
        // Reading a pipe that nobody writes to never ends, not even with the process.
        if (file !== undefined && io.isNoFile(file.path)) throw new Error('not a regular file');
        return details.create(identity, optionsFor(application, policy));
      },
      async explain(error) {
        const { explainSignIn } = await import('../../failures/index.ts');
        const { tenantId = application.tenantId } = inTenant;
        return explainSignIn({ signIn: details, error, lastExchange, tenantId, scope: request.scope, now: io.now() });
      },
    },
    inTenant,
    flight,
  );
}

function optionsFor({ authorityHost, additionallyAllowedTenants }: Tenancy, policy: Policy): SignInOptions {
  return {
    authorityHost,
    additionallyAllowedTenants: [...additionallyAllowedTenants],
    // Otherwise the public cloud is asked whether it knows a private authority. It does not, and may be out of reach.
    // https://learn.microsoft.com/javascript/api/@azure/identity/authorityvalidationoptions
    disableInstanceDiscovery: knownCloud(authorityHost) === undefined,
    additionalPolicies: [{ policy, position: 'perRetry' }],
  };
}

type Policy = SignInOptions['additionalPolicies'][number]['policy'];

/**
 * Reports each exchange. The errors of `@azure/identity` keep little of it, nothing, or too much (a proxy's page with its
 * cookies). Also hands on our signal, which `@azure/identity` does not: its pauses and sockets would outlive our deadline.
 * For the same reason a refresh in the background gets sockets that do not keep the process alive. And spreads the pauses
 * that Entra asks for, and lets requests take turns.
 */
function watch(flight: Flight, report: (exchange: LastExchange) => void): Policy {
  return {
    name: 'msi-credential',
    async sendRequest(outgoing, next) {
      outgoing.abortSignal = flight.signal;
      if (flight.background) outgoing.agent = withoutHold(outgoing.agent, outgoing.url);
      const { url, body: form } = outgoing;
      let response: Awaited<ReturnType<typeof next>>;
      try {
        response = await inTurn(flight, new URL(url), manyTurns, () => next(outgoing));
      } catch (error) {
        report({ url, form, outcome: asError(error) });
        throw error;
      }
      const { status, headers, bodyAsText } = response;
      const reply = { status, headers: headers.toJSON(), body: bodyAsText ?? '' };
      report({ url, form, outcome: reply });
      flight.lastStatus = status;
      // About once a month Entra's answer is empty, and the next one is not (Altinn/dialogporten#4356). The pipeline around
      // this one tries 503 again.
      if (status === 200 && reply.body.trim() === '') response.status = 503;
      const requestedMs = status < 400 ? undefined : retryAfterMs(reply, flight.io.now());
      if (requestedMs === undefined) return response;
      if (requestedMs > longestPauseMs) throw new Error('Entra asked for a longer pause than callers wait.');
      // The pipeline around this one reads it before `Retry-After`, which it would keep to the millisecond.
      headers.set('retry-after-ms', String(pauseFor(requestedMs, 0, flight.io.random())));
      return response;
    },
  };
}
