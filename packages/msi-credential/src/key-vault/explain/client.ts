// What the client library does before and after its exchange with the vault, and what answers in the vault's place.
import { showProxy } from '../../http/proxy.ts';
import { quote } from './answer.ts';
import { listVaults, lookUpName } from './commands.ts';
import { proxyOf, throughProxy } from './connection.ts';
import type { Rule } from './rule.ts';
import type { Situation } from './situation.ts';

/** Who else may have answered. */
function between(situation: Situation): string {
  const proxy = proxyOf(situation);
  return proxy === undefined ? 'a proxy or gateway' : `${showProxy(proxy)} or a gateway behind it`;
}

/** Said before the vault is asked, too: `vault-url.ts`. */
export const writeHttps =
  'Write https:// and no port. Do not set allowInsecureConnection, which would send the token over http.';

/** Answers of all statuses that are not in Key Vault's form: https://learn.microsoft.com/azure/key-vault/general/rest-error-codes */
const unexpected: Rule = {
  code: 'KV_UNEXPECTED_RESPONSE',
  cause: (situation) => {
    const { facts, host } = situation;
    // In Key Vault's form, of something that keeps to it and does not know this call.
    if (facts.status !== undefined && !facts.foreign && facts.code !== 'PARSE_ERROR')
      return `${host ?? 'The server'} gave an answer that is not known from Key Vault.${quote(facts)}`;
    const status = facts.status === undefined ? '' : ` (status ${facts.status})`;
    return `The answer${status} of ${host ?? 'the server'} is not Key Vault's. Perhaps ${between(situation)} sent a page, the answer was cut off, or another service is at this address.`;
  },
  fix: (situation) => [
    'Check that KEY_VAULT_URL is the address of a vault, without a path: https://VAULT.vault.azure.net.',
    throughProxy(situation),
  ],
};

/** The client's own errors, as of @azure/keyvault-secrets 4.12.0 and @azure/keyvault-common 2.1.1. UND_ERR_: of `fetch`. */
export const clientRules: readonly Rule[] = [
  {
    code: 'KV_ABORTED',
    signs: ['TimeoutError', 'AbortError', 'ABORT_ERR', 'UND_ERR_ABORTED', 'UND_ERR_ABORT', 'ERR_CANCELED'],
    cause: "The program's own abort signal or timeout ended the call before vault {vault} had answered.",
    fix: [
      'If it was a time limit (requestOptions.timeout, AbortSignal.timeout), allow more. Three retries alone take up to 7 seconds.',
      'If the vault never answers, check the way to it: outbound port 443, and the private endpoint of its network.',
    ],
  },
  { ...unexpected, signs: ['PARSE_ERROR'], when: ({ facts }) => facts.status !== undefined },
  { ...unexpected, signs: ['UND_ERR_HTTP_PARSER', 'UND_ERR_HEADERS_OVERFLOW'] },
  {
    code: 'KV_MODULE_MISSING',
    signs: ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'],
    cause: 'Node did not find the package. It is loaded when the first secret is read.',
    fix: [{ text: 'Install it:', run: 'npm install @azure/keyvault-secrets' }],
  },
  {
    code: 'KV_URL_INVALID',
    status: 'none',
    signs: ['ERR_INVALID_URL'],
    cause: "A vault's address is a URL with a scheme and without a path. The vault's bare name is not enough.",
    fix: ['Write https://VAULT.vault.azure.net, with the name of the vault for VAULT.'],
  },
  {
    code: 'KV_URL_INSECURE',
    status: 'none',
    signs: [/allowInsecureConnection is false|request URL must use HTTPS/i],
    cause: 'The address begins with http. Anybody on the way could read the token and the secret.',
    fix: [writeHttps],
  },
  {
    code: 'KV_EMPTY_RESPONSE',
    // A plain `TypeError`: the client reads the error of a body that is not there.
    status: 'none',
    signs: [/reading 'error'/],
    cause: (situation) =>
      `An error without content came back, which the client can't read. Key Vault always sends content, so ${between(situation)} answered.`,
    fix: (situation) => [
      { text: "If it is a proxy that doesn't know the name, check the name. These are your vaults:", run: listVaults },
      { text: 'See what the name server says:', run: lookUpName },
      `${throughProxy(situation)} Restart the program, since proxies are read when the client is made.`,
    ],
  },
  {
    ...unexpected,
    status: 'none',
    signs: [
      /reading '(split|value|id|attributes)'|\.split is not a function/,
      // Of the id in the answer.
      /^Invalid (collection argument|\w+ identifier)/,
    ],
  },
  {
    code: 'KV_CHALLENGE_MISMATCH',
    status: 'none',
    signs: [/challenge (resource|origin)|challenge contains (an )?invalid scope|challenge authorization URI/i],
    cause:
      'The server at {host} asked for a token for something that is not a parent of its own name, or not a URL. A vault asks for {resource}. The client sent no token.',
    fix: ({ standIn }) => [
      ...(standIn ? [] : ['Call the vault by its own name, https://VAULT.vault.azure.net, in its own cloud.']),
      'If it is a stand-in on this machine or in a private network, allow it: getKeyVaultSecret(NAME, { allowStandIn: true }), and for doctor the flag --allow-stand-in.',
      'A client of your own takes new SecretClient(url, credential, { disableChallengeResourceVerification: true }).',
    ],
  },
];

/** For all answers that no other row knows. */
export const strangerRule: Rule = { ...unexpected, when: ({ facts }) => facts.status !== undefined };
