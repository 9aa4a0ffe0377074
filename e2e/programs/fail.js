// Fails as it is told to, and tells how: imported by the test, or forked with the wishes as messages.
import { Agent } from 'node:https';
import { inspect } from 'node:util';
import { formatDiagnostics, getKeyVaultCredential } from 'msi-credential';
import { explainKeyVaultError, getKeyVaultSecret, resolveKeyVaultReferences } from 'msi-credential/key-vault';

/** What a program can do with a credential; each takes the credential and the rest of the wish. */
const ways = {
  token: (credential, { scope = 'https://vault.azure.net/.default', request }) => credential.getToken(scope, request),
  secret: (credential, { env, name = 'db-password', vaultUrl, limitMs, timeoutMs }) => {
    const abortSignal = limitMs === undefined ? undefined : AbortSignal.timeout(limitMs);
    return getKeyVaultSecret(name, { env, vaultUrl, credential, abortSignal, timeoutMs });
  },
  references: (_, { env }) => resolveKeyVaultReferences(env, { env }),
  /** What stands behind the failure of all of them. */
  reference: (_, { env }) =>
    resolveKeyVaultReferences(env, { env }).catch(({ errors }) => {
      throw errors[0];
    }),
  /** Without any client of Azure's: what is known is the answer. */
  async fetch(credential, { env, path, method }) {
    const { token } = await credential.getToken('https://vault.azure.net/.default');
    const headers = { authorization: `Bearer ${token}` };
    const { status, url, ...answer } = await bodyOf(await fetch(new URL(path, env.KEY_VAULT_URL), { method, headers }));
    throw Object.assign(new Error(`The vault answered ${status}.`), { status, url, ...answer });
  },
  /** The unmodified client, without its patience. */
  async client(credential, { env, vaultUrl = env.KEY_VAULT_URL, before, call, pages, nodeProxy, settings }) {
    const { SecretClient } = await import('@azure/keyvault-secrets');
    const agent = nodeProxy && new Agent({ proxyEnv: process.env });
    if (nodeProxy) process.on('uncaughtException', onceTold);
    const client = new SecretClient(vaultUrl, credential, { retryOptions: { maxRetries: 0 }, agent, ...settings });
    for (const [method, ...args] of before ? [before, call] : [call]) {
      const result = await client[method](...args);
      if (typeof result?.pollUntilDone === 'function') await result.pollUntilDone();
      if (typeof result?.next === 'function') await (pages ? result.byPage(pages) : result).next();
    }
  },
};

const bodyOf = async (response) => ({ status: response.status, url: response.url, data: await response.json() });

/** Whose token is used: ours, one that was made for the wish, or one of the peer's credentials. */
async function credentialFor({ env, options, token, peer }) {
  if (token !== undefined) return { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
  if (peer === undefined) return getKeyVaultCredential({ env, ...options });
  const [name, ...args] = peer;
  return new (await import('@azure/identity'))[name](...args);
}

/** Tries, and returns everything that a program could print of the failure; undefined when there was none. */
export async function attempt(wish) {
  const { PATH } = process.env;
  // Tools are started with the process's own PATH.
  process.env.PATH = wish.env.PATH ?? PATH;
  let credential;
  try {
    credential = await credentialFor(wish);
    await ways[wish.way ?? 'token'](credential, wish);
    return undefined;
  } catch (error) {
    const explanation = explainKeyVaultError(error, credential, { vaultUrl: wish.vaultUrl, secretName: wish.name });
    const { diagnostics } = credential ?? {};
    // What a peer's credential shows of itself is not ours to keep.
    const objects = [error, explanation, diagnostics && credential, diagnostics];
    const shown = [
      ...objects.flatMap((each) => [inspect(each, { depth: 9, showHidden: true }), JSON.stringify(each)]),
      diagnostics && formatDiagnostics(diagnostics),
      error.stack,
    ];
    return { code: error.code, name: error.name, message: error.message, explanation, shown: shown.join('\n') };
  } finally {
    process.env.PATH = PATH;
  }
}

/**
 * Before 22.22.1 and 24.14 Node.js tells a refused tunnel twice, and the client listens once:
 * https://github.com/nodejs/node/issues/60697
 */
function onceTold(error) {
  if (error.code !== 'ERR_PROXY_TUNNEL') throw error;
}

// Under a name that no test runner uses when it imports this file.
if (process.env.FAIL_ON_REQUEST) process.on('message', async (wish) => process.send((await attempt(wish)) ?? null));
