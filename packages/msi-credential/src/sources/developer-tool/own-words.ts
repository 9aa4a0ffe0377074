// The tool's own words and its own token, where @azure/identity keeps them to itself.
import type { TokenCredential } from '@azure/core-auth';
import { isError } from '../../errors.ts';
import type { Flight } from '../../types.ts';
import { readOutput } from './output.ts';

/** How the tool itself is asked. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** For both tries together. */
  readonly timeoutMs: number;
}

/**
 * The credential of `@azure/identity`. Where its error is one of its fixed sentences, or about JSON that it could not read,
 * the tool is asked once more: what it said is then the error, and what can be read of it after all the token.
 */
export function withOwnWords(
  credential: TokenCredential,
  command: Command | undefined,
  { io, signal }: Flight,
): TokenCredential {
  return {
    async getToken(scopes, options) {
      const started = io.now();
      try {
        return await credential.getToken(scopes, options);
      } catch (error) {
        const timeoutMs = (command?.timeoutMs ?? 0) - (io.now() - started);
        if (command === undefined || timeoutMs <= 0 || signal.aborted) throw error;
        if (options?.claims !== undefined || !isMute(error)) throw error;
        const { stdout, stderr } = await io.runProgram({ ...command, timeoutMs, signal });
        const token = readOutput(stdout);
        if (token !== undefined) return token;
        if (stderr.trim() === '') throw error;
        throw Object.assign(new Error(stderr.trim(), { cause: error }), { name: 'CredentialUnavailableError' });
      }
    },
  };
}

/** Its fixed sentences replace everything that a tool said in which `az login`, `az: ... not found` or the like occurs. */
function isMute(error: unknown): boolean {
  const message = isError(error) ? error.message : '';
  return /^Please run '|could(n't| not) be found|JSON|property name|Expected "expiresOn"|^Unknown error/.test(message);
}
