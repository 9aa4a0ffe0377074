import { type Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';
import { type RequestIdVariables, requestId } from 'hono/request-id';
import { type Diagnostics, diagnose, getKeyVaultCredential } from 'msi-credential';
import { failureText, secretText, sourceOf } from './answers.ts';
import { explainFailure } from './failure.ts';
import { healthOf } from './health.ts';
import { assets } from './page/assets.ts';
import { failurePage, secretPage } from './page/page.ts';
import { logRequests, type RequestEntry } from './request-log.ts';
import type { ReadSecret } from './secret.ts';
import { securityHeaders } from './security-headers.ts';

/** What the app shows beside the secret, and where it writes; all of it has a default. */
export interface AppOptions {
  /** The vault and the secret's name, for the page and the commands in it. */
  readonly vaultUrl?: string | undefined;
  readonly secretName?: string | undefined;
  /** The diagnosis as of now; default: that of a fresh credential. */
  readonly diagnostics?: (() => Diagnostics) | undefined;
  /** Gets a token or keeps the one that is there; default: a fresh credential's. */
  readonly check?: ((signal: AbortSignal) => Promise<Diagnostics>) | undefined;
  /** Is handed each answered request; default: nobody. */
  readonly log?: ((entry: RequestEntry) => void) | undefined;
}

/** The web app: `/ping` answers without Azure, `/healthz` asks for a token, `/` reads the secret. */
export function createApp(readSecret: ReadSecret, options: AppOptions = {}): Hono<{ Variables: RequestIdVariables }> {
  const { check = (abortSignal) => getKeyVaultCredential().check({ abortSignal }), log = () => {} } = options;
  const app = new Hono<{ Variables: RequestIdVariables }>();
  app.use(requestId(), logRequests(log), securityHeaders);
  app.get('/ping', (context) => context.text('Hello World!!!'));
  app.get('/healthz', async (context) => {
    const health = await healthOf(check);
    return context.json(health, health.status === 'ok' ? 200 : 503);
  });
  for (const { path, type, text } of assets) {
    app.get(path, (context) => context.body(text, 200, { 'content-type': type }));
  }
  app.get('/', (context) => answer(context, readSecret, options));
  // The request's id leads to the log line; what went wrong in here is nobody's business.
  app.onError((_, context) => context.text(`Something went wrong here (request ${context.get('requestId')}).\n`, 500));
  return app;
}

/** The secret, or why there is none: a page for browsers, text for people with curl, JSON for programs and the page. */
async function answer(context: Context, readSecret: ReadSecret, options: AppOptions): Promise<Response> {
  const { vaultUrl, secretName = 'secret' } = options;
  context.header('vary', 'accept');
  const type = wanted(context);
  try {
    const { value, diagnostics } = await readSecret();
    if (type === 'text/html') return context.html(secretPage({ vaultUrl, secretName, diagnostics }));
    if (type !== 'application/json') return context.text(secretText(value, diagnostics));
    const { selected, principal } = diagnostics;
    return context.json({ value, source: sourceOf(diagnostics), reason: selected?.reason, principal });
  } catch (error) {
    const diagnostics = options.diagnostics?.() ?? diagnose();
    const failure = explainFailure(error, { vaultUrl, secretName, diagnostics });
    const { status, code, message, docs, explanation } = failure;
    if (type === 'text/html') {
      return context.html(failurePage({ vaultUrl, secretName, diagnostics }, failure), status);
    }
    if (type !== 'application/json') return context.text(failureText(failure), status);
    return context.json({ error: { code, message, docs, explanation } }, status);
  }
}

function wanted(context: Context): string {
  const supports = ['text/plain', 'application/json', 'text/html'];
  return accepts(context, { header: 'Accept', supports, default: 'text/plain' });
}
