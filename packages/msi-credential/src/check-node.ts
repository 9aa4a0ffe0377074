import { credentialError } from './errors.ts';
import { tooOldNode } from './node-version.ts';

/**
 * Called before anything that an older Node.js lacks. It is no condition of importing the library: a program that never
 * asks for a credential runs on.
 *
 * @throws CredentialUnavailableError - `ERR_NODE_VERSION`
 */
export function checkNode(): void {
  const problem = tooOldNode('msi-credential', process.versions);
  if (problem !== undefined) throw credentialError('ERR_NODE_VERSION', problem);
}
