import { proxySignIn } from '../../failures/connection.ts';
import { showProxy } from '../../http/proxy.ts';
import type { Finding } from '../explain/codes.ts';
import { lookUpName } from '../explain/commands.ts';
import { explainPeerCredential } from '../explain/peer-credential.ts';
import type { Situation } from '../explain/situation.ts';
import { explainProxyVariable, proxyOf } from '../explain/unreachable.ts';
import { insecureUrl, invalidUrl } from './vault-url.ts';

type Explain = (situation: Situation) => Finding;

const spare =
  'set NO_PROXY to the host of the vault or `.vault.azure.net` (no `*`, no ranges; localhost counts only when listed).';

/** An error may come from another process or another client, whose proxy is not known. */
function throughProxy(situation: Situation): string {
  const proxy = proxyOf(situation);
  return proxy === undefined
    ? `If HTTPS_PROXY, ALL_PROXY or HTTP_PROXY is set, ${spare}`
    : `Have ${showProxy(proxy)} let ${situation.host ?? 'the vault'}, port 443, through; or, where the vault is reached without it, ${spare}`;
}

/** Who else may have answered. */
function between(situation: Situation): string {
  const proxy = proxyOf(situation);
  return proxy === undefined ? 'a proxy or gateway' : `${showProxy(proxy)} or a gateway behind it`;
}

const aborted: Explain = ({ vault }) => ({
  code: 'KV_ABORTED',
  cause: `The program's own abort signal or timeout ended the call before vault ${vault} had answered.`,
  fix: [
    'If it was a time limit, allow more: three retries alone take up to 7 seconds (requestOptions.timeout, AbortSignal.timeout).',
    'If the vault never answers, check the way to it: outbound port 443, and the private endpoint of its network.',
  ],
});

/** A plain `TypeError`, because the client reads the error of a body that is not there. */
const empty: Explain = (situation) => ({
  code: 'KV_EMPTY_RESPONSE',
  cause: `An error without content came back, which the client cannot read. Key Vault always sends content: ${between(situation)} answered.`,
  fix: [
    `If it is a proxy that does not know the name, see how your vaults are named: az keyvault list --query "[].properties.vaultUri" -o tsv`,
    `See what the name server says: ${lookUpName(situation)}`,
    `${throughProxy(situation)} Restart the program: proxies are read when the client is made.`,
  ],
});

/** Answers of all statuses that are not in Key Vault's form: https://learn.microsoft.com/azure/key-vault/general/rest-error-codes */
export const unexpected: Explain = (situation) => {
  const { facts, host } = situation;
  if (facts.status === 407) return unwelcome(situation);
  const status = facts.status === undefined ? '' : ` (status ${facts.status})`;
  return {
    code: 'KV_UNEXPECTED_RESPONSE',
    cause: `The answer${status} of ${host ?? 'the server'} is not one of Key Vault: a page of ${between(situation)}, a cut-off one, or another service at this address.`,
    fix: [
      'Check that KEY_VAULT_URL is the address of a vault, without a path: https://VAULT.vault.azure.net',
      throughProxy(situation),
    ],
  };
};

const unwelcome: Explain = (situation) => {
  const proxy = proxyOf(situation);
  return {
    code: 'KV_PROXY',
    cause: `${situation.host ?? 'The vault'}: ${proxy ? showProxy(proxy) : 'the proxy'} did not connect to it (status 407).`,
    fix: [proxySignIn(proxy), throughProxy(situation)],
  };
};

const mismatch: Explain = ({ host, resource }) => ({
  code: 'KV_CHALLENGE_MISMATCH',
  cause: `The server at ${host ?? 'the address'} asked for a token of a resource that is not a parent of its own name (for a vault: ${resource}), or named none that is a URL. The client sent it no token.`,
  fix: [
    'Call the vault by its own name, https://VAULT.vault.azure.net, in the cloud that it is in.',
    'For a stand-in on localhost, and there only: new SecretClient(url, credential, { disableChallengeResourceVerification: true })',
  ],
});

const noModule: Explain = () => ({
  code: 'KV_MODULE_MISSING',
  cause: 'Node did not find the package, which is loaded when the first secret is read.',
  fix: ['npm install @azure/keyvault-secrets'],
});

/** UND_ERR_: of `fetch`. */
const abortCodes = new Set(['ABORT_ERR', 'UND_ERR_ABORTED', 'UND_ERR_ABORT']);
const notHttp = new Set(['UND_ERR_HTTP_PARSER', 'UND_ERR_HEADERS_OVERFLOW']);

const credentialNames = /^(CredentialUnavailable|AggregateAuthentication|Authentication|AuthenticationRequired)Error$/;

/** Explains what the client library does before and after the exchange with the vault, by name and code. */
export function explainClient(situation: Situation): Finding | undefined {
  const { name, code, status } = situation.facts;
  if (credentialNames.test(name)) return explainPeerCredential(situation);
  if (name === 'TimeoutError' || name === 'AbortError') return aborted(situation);
  if (code !== undefined && abortCodes.has(code)) return aborted(situation);
  if (code === 'PARSE_ERROR' && status !== undefined) return unexpected(situation);
  if (code !== undefined && notHttp.has(code)) return unexpected(situation);
  if (code === 'ERR_INVALID_URL' && status === undefined)
    return 'problem' in situation.proxy ? explainProxyVariable(situation.proxy.problem) : invalidUrl();
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return noModule(situation);
  return undefined;
}

/** Errors that have nothing but words, as of @azure/keyvault-secrets 4.12.0 and @azure/keyvault-common 2.1.1. */
const phrases: readonly (readonly [RegExp, Explain])[] = [
  [/reading 'error'/, empty],
  [/reading '(split|value|id|attributes)'|\.split is not a function/, unexpected],
  // Of the id in the answer.
  [/^Invalid (collection argument|\w+ identifier)/, unexpected],
  [/allowInsecureConnection is false|request URL must use HTTPS/i, insecureUrl],
  [/challenge (resource|origin)|challenge contains (an )?invalid scope|challenge authorization URI/i, mismatch],
  [/Failed to refresh access token|reading 'getToken'/, explainPeerCredential],
  [/AADSTS\d+/, explainPeerCredential],
];

/** Explains what is left by its words. */
export function explainWords(situation: Situation): Finding | undefined {
  const { words, status } = situation.facts;
  return status === undefined ? phrases.find(([match]) => match.test(words))?.[1](situation) : undefined;
}
