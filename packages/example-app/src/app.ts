import { type Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';
import { explainFailure } from './failure.ts';
import type { ReadSecret } from './secret.ts';

/** The web app: `/ping` answers without Azure, `/` reads the secret. */
export function createApp(readSecret: ReadSecret): Hono {
  const app = new Hono();
  app.get('/ping', (context) => context.text('Hello World!!!'));
  app.get('/', async (context) => {
    // The secret must not stay in a cache on the way.
    context.header('cache-control', 'no-store');
    try {
      const { value, diagnostics } = await readSecret();
      const { selected, principal, attempts } = diagnostics;
      const source = selected?.source ?? attempts.at(-1)?.source;
      if (wantsJson(context)) return context.json({ value, source, reason: selected?.reason, principal });
      const lines = [`Your secret value is: ${value}.`, `Source: ${source}${selected ? ` (${selected.reason})` : ''}`];
      for (const [label, text] of [
        ['Principal', principal?.name],
        ['Object id', principal?.objectId],
        ['Application id', principal?.applicationId],
        ['Tenant', principal?.tenantId],
      ]) {
        if (text) lines.push(`${label}: ${text}`);
      }
      return context.text(`${lines.join('\n')}\n`);
    } catch (error) {
      const { status, ...explanation } = explainFailure(error);
      if (wantsJson(context)) return context.json({ error: explanation }, status);
      return context.text(`${explanation.message}\n${explanation.docs ? `See ${explanation.docs}\n` : ''}`, status);
    }
  });
  return app;
}

function wantsJson(context: Context): boolean {
  const supports = ['text/plain', 'application/json'];
  return accepts(context, { header: 'Accept', supports, default: 'text/plain' }) === 'application/json';
}
