import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Environment, getKeyVaultCredential, type KeyVaultCredential } from 'msi-credential';
import { detectHost } from 'msi-credential/checkup';
import { assets } from './assets.ts';
import { examine, type Findings } from './examine.ts';
import { listenerOf } from './listener.ts';
import { identityHtml } from './page/page.ts';

/** All of it has a default. */
export interface IdentityPageOptions {
  /** Default: what `getKeyVaultCredential()` chooses. */
  readonly credential?: KeyVaultCredential | undefined;
  /** The vault to check; default `KEY_VAULT_URL`, then `KEY_VAULT_URI`. Without any, only the identity is shown. */
  readonly vaultUrl?: string | undefined;
  /** The secret to check. Its value is never shown. Default: whether secrets may be read at all. */
  readonly secretName?: string | undefined;
  /** Lets a stand-in for Key Vault ask for a token of any resource, as the option of `getKeyVaultSecret` does. */
  readonly allowStandIn?: boolean | undefined;
  /**
   * Decides who may see the page. Default: everybody on your own machine, and nobody on a recognised host such as App
   * Service. Whoever may not see it gets a 404.
   */
  readonly authorize?: ((request: Request) => boolean | Promise<boolean>) | undefined;
  /** Default: `process.env`. */
  readonly env?: Environment | undefined;
}

/**
 * A page that shows whose identity this process has, why it has this one, how long its token lives and, where a vault is
 * named, whether secrets can be read and what to do if not. It shows neither tokens nor secrets.
 *
 * @param options - `authorize` is needed on Azure; the rest has defaults.
 * @returns A handler for one path of any framework that speaks `Request` and `Response`.
 * @example
 * const page = identityPage({ authorize: (request) => isAdministrator(request) });
 * app.get('/identity', (context) => page(context.req.raw));
 */
export function identityPage(options: IdentityPageOptions = {}): (request: Request) => Promise<Response> {
  // biome-ignore lint/style/noProcessEnv: the page is about the process that it runs in.
  const { env = process.env, authorize = () => detectHost(env) === undefined, ...subject } = options;
  const { credential = getKeyVaultCredential({ env }) } = options;
  let underWay: Promise<Findings> | undefined;
  const findings = () => {
    // Whoever asks during a check-up gets its findings: many visitors make no more requests than one.
    underWay ??= examine({ ...subject, credential, env }).finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
  return async (request) => {
    if (!(await authorize(request))) return plain(404, 'Not Found');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return plain(405, 'Method Not Allowed', { allow: 'GET' });
    const name = new URL(request.url).searchParams.get('asset');
    if (name === null) return answer('text/html; charset=utf-8', identityHtml(await findings(), Date.now()));
    const asset = assets.get(name);
    return asset === undefined ? plain(404, 'Not Found') : answer(asset.type, asset.text);
  };
}

/**
 * The same for Node's own `http` server, and for Express.
 *
 * @param options - As for {@link identityPage}.
 * @example
 * const identity = identityListener();
 * createServer((request, response) => identity(request, response)).listen(3000, 'localhost');
 */
export function identityListener(
  options?: IdentityPageOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return listenerOf(identityPage(options));
}

/** Nothing inline and nothing from elsewhere: what a vault, a token or an error says stays text. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

const headers = {
  'cache-control': 'no-store',
  'content-security-policy': contentSecurityPolicy.join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

function answer(type: string, text: string): Response {
  return new Response(text, { headers: { ...headers, 'content-type': type } });
}

function plain(status: number, text: string, more: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, { status, headers: { ...headers, ...more, 'content-type': 'text/plain' } });
}
