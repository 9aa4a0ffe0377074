import type { TokenCredential } from '@azure/core-auth';
import { checkNode } from '../../check-node.ts';
import type { Explanation } from '../../codes.ts';
import { explainedTypeError } from '../../errors.ts';
import { proxyFor } from '../../http/proxy.ts';
import { inTurn, type Turns } from '../../http/turns.ts';
import { type Io, realIo } from '../../io.ts';
import { checkedSignal, checkedTimeout } from '../../tokens/call-limits.ts';
import type { CredentialOptions, Environment } from '../../types.ts';
import { explain, kindOf } from '../explain/codes.ts';
import { explainProxyVariable } from '../explain/connection.ts';
import { KeyVaultError } from '../explain/error.ts';
import { explainKeyVaultError } from '../explain/explain.ts';
import type { Diagnosable } from '../explain/situation.ts';
import { clientFor, credentialFor } from './kept.ts';
import { isSecretName } from './names.ts';
import { tryPatiently } from './retries.ts';
import { isStandIn } from './stand-in.ts';
import { vaultUrlOf } from './vault-url.ts';
import { OutOfTime, until, within } from './within.ts';
import { explainName } from './wrong-name.ts';

/** Options of `getKeyVaultSecret`; the credential's options only count if no `credential` is given. */
export interface SecretOptions extends CredentialOptions {
  /** `https://VAULT.vault.azure.net`; default `KEY_VAULT_URL`, then `KEY_VAULT_URI`. */
  readonly vaultUrl?: string | undefined;
  /** Default: the latest. */
  readonly version?: string | undefined;
  /** Default: `getKeyVaultCredential` with these options. */
  readonly credential?: TokenCredential | undefined;
  /** How long the whole call may take at most, the token and all tries included, in milliseconds; default 100,000. */
  readonly timeoutMs?: number | undefined;
  /** Ends the call earlier. */
  readonly abortSignal?: AbortSignal | undefined;
  /**
   * Lets a stand-in for Key Vault ask for a token of any resource, as emulators do; default: false. It counts for addresses
   * of this machine and of private networks only. A vault of Azure is held to its own resource whatever this says.
   */
  readonly allowStandIn?: boolean | undefined;
}

/** The options with the environment to read, which the door fills in. */
export type ResolvedSecretOptions = SecretOptions & { readonly env: Environment };

/** See the door, `index.ts`. */
export async function getKeyVaultSecret(
  name: string,
  options: ResolvedSecretOptions,
  io: Io = realIo,
): Promise<string> {
  const { vaultUrl: address, version, credential: own, abortSignal, allowStandIn, ...credentialOptions } = options;
  checkNode();
  checkName(name);
  const caller = checkedSignal(abortSignal);
  const timeoutMs = checkedTimeout(options.timeoutMs);
  const vaultUrl = vaultUrlOf(address, options.env, options.authorityHost);
  checkProxy(vaultUrl);
  const { credential, forget } =
    own === undefined ? credentialFor(credentialOptions, timeoutMs) : { credential: own, forget: () => {} };
  const fail = (error: unknown, why = '') => {
    const told =
      error instanceof OutOfTime
        ? late(name, vaultUrl, timeoutMs)
        : explainKeyVaultError(error, credential as TokenCredential & Diagnosable, { vaultUrl, secretName: name });
    if (kindOf(told.code) === 'credential') forget();
    const explanation = why === '' ? told : { ...told, cause: `${told.cause} ${why}` };
    return new KeyVaultError(explanation, { cause: error });
  };
  const mayAskForAnything = allowStandIn === true && isStandIn(new URL(vaultUrl).hostname);
  const read = async (signal: AbortSignal) => {
    const client = await clientFor(vaultUrl, credential, mayAskForAnything);
    const secret = await client.getSecret(name, { ...(version !== undefined && { version }), abortSignal: signal });
    return secret.value as unknown;
  };
  const patience = { io, endsAt: io.now() + timeoutMs, limitMs: timeoutMs };
  const outcome = await within(io, timeoutMs, caller, (signal) =>
    inTurn({ io, signal }, new URL(vaultUrl), turns, () =>
      tryPatiently({ ...patience, signal }, () => until(signal, () => read(signal))),
    ),
  ).catch((error: unknown) => {
    throw fail(error);
  });
  if ('error' in outcome) throw fail(outcome.error, outcome.why);
  if (typeof outcome.value !== 'string') throw new KeyVaultError(withoutText(outcome.value, vaultUrl));
  return outcome.value;
}

/** So many reads of one vault at once. Whoever is throttled keeps the turn, so that fewer requests follow. */
const turns: Turns = { atOnce: 20, perSecond: Number.POSITIVE_INFINITY };

function late(name: string, vaultUrl: string, timeoutMs: number): Explanation {
  const cause = `${new URL(vaultUrl).hostname}: no value of ${name} came within ${timeoutMs} ms. That includes the token and all tries.`;
  return explain('KV_TIMEOUT', cause, [
    { text: 'See which part takes the time:', run: `npx msi-credential doctor --vault-url ${vaultUrl}` },
    { text: 'To allow more time for the whole call, raise the option timeoutMs.' },
  ]);
}

/** The value itself is not told: it may be half a secret. */
function withoutText(value: unknown, vaultUrl: string): Explanation {
  const what = value === undefined ? 'without a value' : 'with a value that is not a string';
  return explain('KV_UNEXPECTED_RESPONSE', `The vault answered ${what}.`, [
    {
      text: 'See what answers. Key Vault sends the header x-ms-keyvault-service-version:',
      run: `curl -sS -D - -o /dev/null ${vaultUrl}/secrets`,
    },
  ]);
}

/** The client would fail where nobody catches it, and with the password in its error. */
function checkProxy(vaultUrl: string): void {
  const proxy = proxyFor(new URL(vaultUrl));
  if ('problem' in proxy) throw new KeyVaultError(explainProxyVariable(proxy.problem));
}

/** An empty name would list the vault, and a slash reach into another path. */
function checkName(name: string): void {
  if (typeof name !== 'string' || !isSecretName(name)) throw explainedTypeError(explainName(String(name)));
}
