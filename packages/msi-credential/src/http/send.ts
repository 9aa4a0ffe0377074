import type { Fix } from '../codes.ts';
import { asError, causeOfSystem, credentialError } from '../errors.ts';
import { ExchangeError, type HttpReply, type HttpRequest, type Io } from '../io.ts';
import type { Flight } from '../types.ts';
import { showEndpoint } from './endpoint.ts';
import { pauseFor, sleep } from './pause.ts';
import { allow } from './permission.ts';
import { isAboutProxy, showProxy } from './proxy.ts';
import { failureOf, isNotUp, pausesWhileStarting } from './starting.ts';
import { inTurn, manyTurns, type Turns } from './turns.ts';

/** When a reply, or none, is worth another try, and after which least pauses (ms). One budget of pauses per rule. */
export interface RetryRule {
  readonly statuses: (status: number) => boolean;
  readonly pausesMs: readonly number[];
}

/** How a protocol wants to be called. */
export interface SendPolicy {
  readonly retries: readonly RetryRule[];
  /** The least pauses after no answer at all, and after a success without a body. */
  readonly networkPausesMs: readonly number[];
  /** Connections that are refused or cut mean that the service may just be starting. Default: they mean no answer. */
  readonly mayBeStarting?: boolean;
  /** Whether another try cannot change this answer, whatever its status. */
  readonly isFinal?: (reply: HttpReply) => boolean | Promise<boolean>;
  /** For one try, in ms. */
  readonly tryTimeoutMs: number;
  readonly turns: Turns;
  /** What to do where nobody answers, by the system's code; undefined: the general advice. */
  readonly onUnreachable?: (code: string) => readonly Fix[] | undefined;
}

/** The longest pause that a service may ask for while callers wait, in ms. */
export const longestPauseMs = 60_000;

/**
 * The default of services on the machine itself: what is passing is tried again soon, everything else fails at once.
 * Azure documents no policy for them; 408, 429 and 5xx are what all peers agree on.
 */
export const localServicePolicy: SendPolicy = {
  retries: [{ statuses: (status) => status === 408 || status === 429 || status >= 500, pausesMs: [400, 800, 1600] }],
  networkPausesMs: [200, 600, 1200],
  mayBeStarting: true,
  tryTimeoutMs: 10_000,
  turns: manyTurns,
  onUnreachable: whereRefused([
    { text: 'Nothing listens at that address. If the platform set it, restart the app.' },
    { text: 'Otherwise remove the setting that it comes from. It is often copied from another place.' },
  ]),
};

/** Advice where a name could not be looked up. */
export const noNameServer = 'The name server did not answer. Repair the DNS of this machine or container.';

/** Advice for an address at which nobody listens, and for no other failure. */
export function whereRefused(fix: readonly Fix[]): SendPolicy['onUnreachable'] {
  return (code) => (code === 'ECONNREFUSED' ? fix : undefined);
}

/** A request without the things that `send` adds to it. */
export type Call = Omit<HttpRequest, 'signal' | 'timeoutMs'>;

/**
 * Sends one request with a protocol's retries and returns whatever came back in the end.
 *
 * @throws AuthenticationError - `ERR_UNREACHABLE`, `ERR_TIMEOUT`, `ERR_RESPONSE_MALFORMED`; or the signal's reason.
 */
export async function send(call: Call, policy: SendPolicy, flight: Flight): Promise<HttpReply> {
  const { io, signal } = flight;
  const started = io.now();
  const pauseAfter = budgetOf(policy, io);
  for (let tries = 1; ; tries += 1) {
    const request = { ...call, signal, timeoutMs: policy.tryTimeoutMs };
    const outcome = await exchange(request, policy, io);
    flight.lastStatus = outcome instanceof Error ? undefined : outcome.status;
    flight.lastFailure = outcome instanceof Error ? failureOf(outcome) : undefined;
    const requestedMs = outcome instanceof Error ? 0 : (retryAfterMs(outcome, io.now()) ?? 0);
    const isOver = requestedMs > longestPauseMs || (await isFinal(outcome, policy));
    const pause = isOver ? undefined : pauseAfter(outcome, requestedMs);
    if (pause !== undefined) {
      await sleep(io, pause, signal, false);
    } else if (outcome instanceof Error) {
      throw networkError(outcome, call, { tries, tookMs: io.now() - started }, policy);
    } else {
      return outcome;
    }
  }
}

/** Takes from the pauses that are left, by what came of the last try; undefined if none is. */
function budgetOf({ retries, networkPausesMs, mayBeStarting }: SendPolicy, { random }: Io) {
  const afterNothing = [...networkPausesMs];
  const whileStarting = pausesWhileStarting(random);
  const pauses = retries.map((rule) => [...rule.pausesMs]);
  return (outcome: HttpReply | Error, requestedMs: number): number | undefined => {
    const isError = outcome instanceof Error;
    if (isError && mayBeStarting && isNotUp(failureOf(outcome))) return whileStarting.next().value;
    const rule = isError ? -1 : retries.findIndex(({ statuses }) => statuses(outcome.status));
    const own = (isError || isEmpty(outcome) ? afterNothing : pauses[rule])?.shift();
    return own === undefined ? undefined : pauseFor(requestedMs, own, random());
  };
}

/** Half an answer, as a cut connection is: no service means it. */
const isEmpty = ({ status, body }: HttpReply) => status === 200 && body.trim() === '';

async function exchange(request: HttpRequest, { turns }: SendPolicy, io: Io): Promise<HttpReply | Error> {
  const { url, signal } = request;
  try {
    return await inTurn({ io, signal }, url, turns, () => io.exchange(request));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    return asError(error);
  }
}

/** What another try cannot change: no route, a proxy's refusal, a forbidden connection, a certificate, a far too large answer. */
function isFinal(outcome: HttpReply | Error, policy: SendPolicy): boolean | Promise<boolean> {
  if (!(outcome instanceof Error)) return policy.isFinal?.(outcome) ?? false;
  if (outcome instanceof ExchangeError) return outcome.reason !== 'timeout';
  const code = failureOf(outcome);
  return /^(E(NET|HOST)UNREACH|ERR_PROXY_TUNNEL|ERR_ACCESS_DENIED)$/.test(code) || untrusted.test(code);
}

/** A certificate that is not trusted here: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const untrusted =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(GET|VERIFY)_\w+|CERT_\w+|INVALID_CA|ERR_TLS_CERT_ALTNAME_INVALID)$/;

/** Advice for a certificate that is not valid today. */
export const checkClock: Fix = { text: 'Check the clock of this machine:', run: 'timedatectl' };

const otherName =
  'The certificate there was made for another host name. Correct the address, or see whether a proxy or the hosts file leads elsewhere.';

/** What ends a failure that no policy knows better. */
function fixOf(code: string): readonly Fix[] | undefined {
  if (code === 'ERR_ACCESS_DENIED') return allow('Net');
  // Another authority does not help where the name or the dates are wrong.
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return [{ text: otherName }];
  if (/EXPIRED|NOT_YET_VALID/.test(code))
    return [checkClock, { text: 'If the clock is right, renew the certificate.' }];
  if (!untrusted.test(code)) return undefined;
  const text = "The certificate isn't trusted here. Start the program with the certificate of its authority:";
  return [{ text, run: 'NODE_EXTRA_CA_CERTS=/path/to/ca.pem node app.js' }];
}

const otherCertificate: readonly Fix[] = [
  {
    text: 'Nothing was sent. Another program has that port, or the certificate was renewed after this process started. Restart the service.',
  },
];

interface Tries {
  readonly tries: number;
  readonly tookMs: number;
}

function networkError(error: Error, call: Call, { tries, tookMs }: Tries, policy: SendPolicy): Error {
  const { proxy } = call;
  const { onUnreachable } = policy;
  const via = proxy && isAboutProxy(proxy, error.message) ? ` through ${showProxy(proxy)}` : '';
  const address = `${call.method} ${showEndpoint(call.url)}`;
  const times = tries === 1 ? '' : ` (${tries} tries)`;
  // Node's errors of a proxy may repeat its address, and with it name and password.
  const cause = proxy?.url.username || proxy?.url.password ? undefined : causeOfSystem(error);
  if (error instanceof ExchangeError) {
    const isTimeout = error.reason === 'timeout';
    const fix =
      error.reason === 'certificate' ? otherCertificate : isTimeout ? onUnreachable?.('ETIMEDOUT') : undefined;
    const code = isTimeout ? 'ERR_TIMEOUT' : 'ERR_RESPONSE_MALFORMED';
    return credentialError(code, `${address}: ${error.message}${times}.`, { cause, fix });
  }
  const { code: name = error.name, statusCode } = error as NodeJS.ErrnoException & { readonly statusCode?: number };
  const reason = statusCode === undefined ? name : `${name}, status ${statusCode}`;
  const code = name === 'ETIMEDOUT' ? 'ERR_TIMEOUT' : 'ERR_UNREACHABLE';
  const waited =
    policy.mayBeStarting && isNotUp(name)
      ? ` (${tries} tries in ${Math.round(tookMs / 1000)} s), so the service is not up yet`
      : times;
  return credentialError(code, `${address}${via} failed with ${reason}${waited}.`, {
    cause,
    fix: fixOf(name) ?? onUnreachable?.(name),
  });
}

/** `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), in milliseconds from now. */
export function retryAfterMs(reply: HttpReply, now: number): number | undefined {
  const value = reply.headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
