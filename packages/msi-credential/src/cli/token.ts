import { getKeyVaultCredential } from '../credential.ts';
import { decodeClaims } from '../wire/token-response.ts';
import type { Command } from './arguments.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

const vaultScope = 'https://vault.azure.net/.default';

/** Prints a token, or its claims; failures are the caller's to tell. */
export async function token(
  { options, json, scope = vaultScope, decode }: Command,
  terminal: Terminal,
): Promise<ExitCode> {
  const credential = getKeyVaultCredential(options);
  const done = terminal.busy('asking for a token');
  const access = await credential.getToken(scope).finally(done);
  const expiresOn = new Date(access.expiresOnTimestamp).toISOString();
  const claims = decode ? decodeClaims(access.token) : undefined;
  if (decode && claims === undefined) {
    terminal.err('The token is not a JWT: there is nothing to decode.');
    return exitCodes.refused;
  }
  const { selected } = credential.diagnostics;
  if (json)
    terminal.out(
      JSON.stringify(
        { source: selected?.source, expiresOn, ...(decode ? { claims } : { token: access.token }) },
        undefined,
        2,
      ),
    );
  else terminal.out(decode ? JSON.stringify(claims, undefined, 2) : access.token);
  return exitCodes.ok;
}
