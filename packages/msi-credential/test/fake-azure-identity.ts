import type { AccessToken, GetTokenOptions } from '@azure/core-auth';
import type { HttpReply } from '../src/io.ts';
import type { SignInOptions } from '../src/sources/application/sign-in.ts';
import { start } from './fake-io.ts';

type PipelinePolicy = SignInOptions['additionalPolicies'][number]['policy'];
type PipelineRequest = Parameters<PipelinePolicy['sendRequest']>[0];
type PipelineResponse = Awaited<ReturnType<PipelinePolicy['sendRequest']>>;

/** One credential of `@azure/identity` that was made, and what it was asked. */
export interface Made {
  readonly credential: string;
  readonly args: readonly unknown[];
  readonly asked: { scope: string; options: GetTokenOptions }[];
}

/** What Entra, or somebody in its place, sends or fails with; the package makes an error of its own of it. */
export interface Exchange {
  readonly url?: string;
  /** The form. */
  readonly sent?: string;
  readonly outcome: HttpReply | Error;
  readonly error: Error;
  /** It goes on trying. */
  readonly endless?: true;
}

/** Stands for the package: every class of it records how it was made and gives what `answer` gives. */
export function fakeAzureIdentity(
  answer: () => AccessToken | Error | Exchange = () => ({
    token: 'from-azure-identity',
    expiresOnTimestamp: start + 3_600_000,
  }),
) {
  const made: Made[] = [];
  const module = new Proxy(
    {},
    {
      // A module is not a promise: without this, awaiting it would make a credential called "then".
      get: (_, credential: string) =>
        credential !== 'then' &&
        class {
          readonly made: Made;
          constructor(...args: unknown[]) {
            this.made = { credential, args, asked: [] };
            made.push(this.made);
          }
          async getToken(scope: string, options: GetTokenOptions): Promise<AccessToken> {
            this.made.asked.push({ scope, options });
            const result = answer();
            if (result instanceof Error) throw result;
            if ('token' in result) return result;
            await policyOf(this.made.args)(result).catch(() => {});
            if (result.endless) await new Promise(() => {});
            throw result.error;
          }
        },
    },
  ) as typeof import('@azure/identity');
  return { made, azureIdentity: () => Promise.resolve(module) };
}

const tokenEndpoint =
  'https://login.microsoftonline.com/a0000000-0000-4000-8000-000000000001/oauth2/v2.0/token?client-request-id=1';

/** Lets the policy that a credential was given see an exchange, as a pipeline does. */
function policyOf(args: readonly unknown[]) {
  const { additionalPolicies } = args.at(-1) as { additionalPolicies: { policy: PipelinePolicy }[] };
  return async ({ url = tokenEndpoint, sent, outcome }: Exchange) => {
    for (const { policy } of additionalPolicies) {
      await policy.sendRequest({ url, body: sent } as PipelineRequest, async () => {
        if (outcome instanceof Error) throw outcome;
        const { status, body: bodyAsText, headers } = outcome;
        return { status, bodyAsText, headers: { toJSON: () => headers, set: () => {} } } as unknown as PipelineResponse;
      });
    }
  };
}

export const correlationId = 'c0000000-0000-4000-8000-000000000002';

/** Entra's refusal, and the error of the package that follows. */
export function entraRefusal(code: number, text: string): Exchange {
  const description = `AADSTS${code}: ${text} Trace ID: 1 Correlation ID: ${correlationId} Timestamp: 3`;
  const body = {
    error: 'invalid_client',
    error_description: description,
    error_codes: [code],
    correlation_id: correlationId,
  };
  return {
    outcome: { status: 401, headers: {}, body: JSON.stringify(body) },
    error: azureError('AuthenticationRequiredError', `invalid_client: Error(s): ${code} - Description: ${description}`),
  };
}

/** An error as `@azure/identity` throws it. */
export function azureError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
