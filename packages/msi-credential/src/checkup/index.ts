import { checkNode } from '../check-node.ts';
import { realIo } from '../io.ts';
import { detectHost as detect } from '../selection/detect-host.ts';
import type { Environment } from '../types.ts';
import { checkup as takeSteps } from './checkup.ts';
import type { CheckupOptions, Step } from './step.ts';

export type * from '../public-types.ts';
export type { ExitCode } from './exit-codes.ts';
export type { CheckupOptions, Step, StepResult } from './step.ts';

/**
 * The steps of `msi-credential doctor`, for a program or a page: runtime, environment, choice, token, principal, then the
 * vault's name, its address, its tenant, and whether a secret can be read. It stops at the first failure, and shows
 * neither tokens nor secrets.
 *
 * @param options - `credential`, and the vault if it is not that of `KEY_VAULT_URL` or `KEY_VAULT_URI`.
 * @throws CredentialUnavailableError - `ERR_NODE_VERSION`: this Node.js is too old.
 * @example
 * for await (const step of checkup({ credential: getKeyVaultCredential() })) {
 *   if (step.status === 'failed') console.error(step.explanation);
 * }
 */
export function checkup({ env = process.env, ...options }: CheckupOptions): AsyncGenerator<Step, void> {
  checkNode();
  return takeSteps({ ...options, env, runtime: process, clock: realIo });
}

/**
 * The host that this process runs on, such as `App Service`, `Container Apps` or `Kubernetes`; undefined on a machine of
 * one's own. It sends nothing.
 *
 * @param env - Default: `process.env`.
 * @throws CredentialUnavailableError - `ERR_NODE_VERSION`: this Node.js is too old.
 * @example
 * server.listen(port, detectHost() ? undefined : 'localhost');
 */
export function detectHost(env: Environment = process.env): string | undefined {
  checkNode();
  return detect(env, realIo.machine);
}
