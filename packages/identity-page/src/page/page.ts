import type { Findings } from '../examine.ts';
import { checksCard } from './checks.ts';
import { identityCards, sourcesCard, warningsCard } from './diagnosis.ts';
import { hero } from './hero.ts';
import { html } from './html.ts';
import { tokenCard } from './token-life.ts';

/**
 * The whole page. Style, script and icon come from the page's own address, so that it can be mounted anywhere.
 *
 * @param now - Milliseconds since 1970.
 */
export function identityHtml(findings: Findings, now: number): string {
  const { diagnostics, steps, vaultHost } = findings;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Identity of this service</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="?asset=icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="?asset=style.css">
<script type="module" src="?asset=page.js"></script>
</head>
<body>
<header class="bar">
<p class="brand"><img src="?asset=icon.svg" alt="" width="22" height="22">Identity of this service</p>
<p class="where">${vaultHost ?? 'no vault'}</p>
</header>
<main>
${hero(findings)}
${identityCards(diagnostics)}
${checksCard(steps)}
${tokenCard(diagnostics, now)}
${warningsCard(diagnostics)}
${sourcesCard(diagnostics)}
</main>
<footer>
<p>This page shows no secret and no token.</p>
</footer>
<p id="status" class="unseen" role="status" aria-live="polite"></p>
</body>
</html>
`.text;
}
