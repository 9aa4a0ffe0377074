import type { AccessToken, GetTokenOptions } from '@azure/core-auth';
import { start } from './fake-io.ts';

/** One credential of `@azure/identity` that was made, and what it was asked. */
export interface Made {
  readonly credential: string;
  readonly args: readonly unknown[];
  readonly asked: { scope: string; options: GetTokenOptions }[];
}

/** Stands for the package: every class of it records how it was made and gives what `answer` gives. */
export function fakeAzureIdentity(
  answer: () => AccessToken | Error = () => ({ token: 'from-azure-identity', expiresOnTimestamp: start + 3_600_000 }),
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
            return result;
          }
        },
    },
  ) as typeof import('@azure/identity');
  return { made, azureIdentity: () => Promise.resolve(module) };
}

/** An error as `@azure/identity` throws it. */
export function azureError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
