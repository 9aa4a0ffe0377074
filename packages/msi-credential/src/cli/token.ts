import { getKeyVaultCredential } from '../credential.ts';
import { cloudFor } from '../sources/application/clouds.ts';
import { decodeClaims } from '../tokens/read-token.ts';
import { scopeOf } from '../tokens/scope.ts';
import type { Environment } from '../types.ts';
import type { Command } from './arguments.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { asJson, failureAsJson, type Terminal } from './terminal.ts';

/** Prints a token, or its claims; failures are the caller's to tell. */
export async function token(command: Command, env: Environment, { out, err, busy }: Terminal): Promise<ExitCode> {
  const { options, json, decode } = command;
  const cloud = cloudFor(env, options.authorityHost);
  const credential = getKeyVaultCredential(options);
  const done = busy('asking for a token');
  const access = await credential.getToken(command.scope ?? scopeOf(cloud.vaultResource)).finally(done);
  const expiresOn = new Date(access.expiresOnTimestamp).toISOString();
  const claims = decode ? decodeClaims(access.token) : undefined;
  if (decode && claims === undefined) {
    const message = 'The token is not a JWT: only the service that it is for can read it. Leave out --decode.';
    if (json) out.print(failureAsJson({ code: 'OPAQUE_TOKEN', message }));
    else err.print(message);
    return exitCodes.refused;
  }
  const { selected } = credential.diagnostics;
  const what = decode ? { claims } : { token: access.token };
  if (json) out.print(asJson({ version: 1, source: selected?.source, expiresOn, ...what }));
  else out.print(decode ? asJson(claims) : access.token);
  return exitCodes.ok;
}
