import { html } from 'hono/html';
import type { Failure } from '../failure.ts';
import { diagnosisSections } from './diagnosis.ts';
import { failureHero } from './failure-hero.ts';
import type { Html } from './html.ts';
import { type PageFacts, secretHero } from './secret-hero.ts';

/** The page of a secret that can be read. The secret itself is not among what it is made of. */
export function secretPage(facts: PageFacts): Html {
  return layout(`${facts.secretName} · Key Vault`, secretHero(facts), facts);
}

/** The page of a secret that could not be read: why, what to do, and the same diagnosis. */
export function failurePage(facts: PageFacts, failure: Failure): Html {
  return layout(`${failure.title} · Key Vault`, failureHero(failure), facts);
}

function layout(title: string, hero: Html, { vaultUrl, diagnostics }: PageFacts): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
<script type="module" src="/page.js"></script>
</head>
<body>
<header class="bar">
<p class="brand"><img src="/icon.svg" alt="" width="22" height="22">Key Vault example</p>
<p class="where">${vaultUrl === undefined ? 'no vault yet' : new URL(vaultUrl).host}</p>
</header>
<main>
${hero}
${diagnosisSections(diagnostics)}
</main>
<footer>
<p>A demonstration: whoever can open this page can reveal the secret.</p>
<p>Programs ask for <code>application/json</code> here; probes ask <a href="/healthz"><code>/healthz</code></a>.</p>
</footer>
<p id="status" class="unseen" role="status" aria-live="polite"></p>
</body>
</html>
`;
}
