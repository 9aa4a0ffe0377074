// Which proxy leads to Azure's public services: the choice of the Azure SDK's clients, which is made once here for all of
// our requests, so that what they do and what is said of them agree.
// https://github.com/Azure/azure-sdk-for-js/blob/main/sdk/core/ts-http-runtime/src/policies/proxyPolicy.ts
import { explain } from '../codes.ts';
import { errorOf } from '../errors.ts';
import { type NamedProxy, processEnvironment } from '../io.ts';
import type { Environment, Problem } from '../types.ts';

/** The proxy on the way to an address, none where it is reached without one, or what is wrong with the variable. */
export type ProxyChoice = { readonly proxy?: NamedProxy } | { readonly problem: Problem };

/**
 * What the SDK's clients choose. They read the process's own variables, whatever `env` a credential is given; upper case
 * counts before lower case, and of NO_PROXY exact names and `.ending`. A blank value is no unset one to them.
 */
export function proxyFor({ protocol, hostname }: URL, env: Environment = processEnvironment()): ProxyChoice {
  const variable = ['HTTPS_PROXY', 'ALL_PROXY', 'HTTP_PROXY'].flatMap((name) => nameSet(env, name) ?? [])[0];
  if (variable === undefined || protocol !== 'https:') return {};
  const text = env[variable] as string;
  // Their clients cannot even be made with such a one, NO_PROXY or not.
  if (!URL.canParse(text)) return malformed(`${variable} is not a URL (it has ${text.length} characters).`);
  if (isSpared(hostname, env[nameSet(env, 'NO_PROXY') ?? ''] ?? '')) return {};
  const url = new URL(text);
  // `proxy.example:8080` is a URL, of the scheme "proxy.example:".
  if (url.hostname === '') return malformed(`${variable} names no host after http:// or https://.`);
  if (!/^https?:$/.test(url.protocol)) return otherKind(variable, url.protocol);
  return isDecodable(url.username) && isDecodable(url.password)
    ? { proxy: { variable, url } }
    : malformed(`The name or the password in ${variable} has a % that is not encoded.`);
}

/**
 * The proxy on the way to an address, if there is one.
 *
 * @throws CredentialUnavailableError - `ERR_SETTING_INVALID`: the variable that names it cannot be used.
 */
export function proxyTo(url: URL): NamedProxy | undefined {
  const choice = proxyFor(url);
  if (!('problem' in choice)) return choice.proxy;
  throw errorOf(choice.problem);
}

function nameSet(env: Environment, name: string): string | undefined {
  return [name, name.toLowerCase()].find((each) => env[each]);
}

function isSpared(hostname: string, list: string): boolean {
  const entries = list.split(',').map((each) => each.trim());
  return entries.some((each) => each === hostname || (each.startsWith('.') && `.${hostname}`.endsWith(each)));
}

/** The clients decode it while they connect, where nobody catches what that throws. */
function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** SOCKS, most often. */
function otherKind(variable: string, protocol: string): ProxyChoice {
  const kind = /^socks/.test(protocol) ? 'a SOCKS proxy' : 'neither http nor https';
  const cause = `${variable} names a proxy of a kind that the Azure SDK's clients can't use (${kind}).`;
  const fix = [
    { text: `Set ${variable} to an http proxy, http://HOST:PORT. Many SOCKS proxies offer one on another port.` },
    { text: 'If the machine needs no proxy for Azure, unset it, or name the hosts in NO_PROXY.' },
  ];
  return { problem: explain('ERR_SETTING_INVALID', cause, { fix }) };
}

/** Never with the value, which may hold a password. */
function malformed(cause: string): ProxyChoice {
  const fix = [
    { text: 'Write it as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT.' },
    { text: 'In name and password, write % as %25, @ as %40, : as %3A, / as %2F and # as %23.' },
  ];
  return { problem: explain('ERR_SETTING_INVALID', cause, { fix }) };
}

/** For messages: `the proxy of HTTPS_PROXY (proxy.example:8080)`, without name and password. */
export function showProxy({ variable, url }: NamedProxy): string {
  return `the proxy of ${variable} (${url.hostname}:${portOf(url)})`;
}

/** What to do where a proxy is not reached, or leads nowhere. */
export function mendProxy({ variable }: NamedProxy, { hostname, port }: URL): string {
  return `Check ${variable}, and have the proxy let ${hostname}, port ${port || 443}, through. If the machine can reach it without a proxy, name ${hostname} in NO_PROXY.`;
}

/** Whether it can have been the connection to the proxy that failed: the system's words name no other host and port. */
export function isAboutProxy({ url }: NamedProxy, words: string): boolean {
  const [, name, address] = /getaddrinfo \w+ (\S+)|connect \w+ (\S+)/.exec(words) ?? [];
  return name === undefined ? (address?.endsWith(`:${portOf(url)}`) ?? true) : name === url.hostname;
}

const portOf = ({ port, protocol }: URL) => port || (protocol === 'https:' ? '443' : '80');
