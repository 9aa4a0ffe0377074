import type { Attempt, Diagnostics } from 'msi-credential';
import { type Html, html } from './html.ts';
import { distance, moment } from './time.ts';

type Token = NonNullable<Diagnostics['token']>;

/** The token's life, and the latest requests for one where a request failed. */
export function tokenCard({ token, attempts }: Diagnostics, now: number): Html {
  if (token === undefined && attempts.length === 0) return html``;
  return html`<section class="card token" aria-labelledby="token">
<div class="head"><h2 id="token">Token</h2>${token && html`<p class="hint">for <code>${token.resource}</code></p>`}</div>
${token && tokenLife(token, attempts, now)}
${attemptList(attempts)}
</section>`;
}

/**
 * A token's life as a bar: until it is renewed, until it ends, and where now is. Widths are SVG attributes, because the
 * page's policy lets no element have a style of its own.
 */
function tokenLife(token: Token, attempts: readonly Attempt[], now: number): Html {
  const [refresh, end] = [Date.parse(token.refreshOn), Date.parse(token.expiresOn)];
  const issued = issuedOn(attempts);
  const start = issued ?? now;
  const share = (at: number) => `${(Math.min(Math.max((at - start) / (end - start || 1), 0), 1) * 100).toFixed(2)}%`;
  const label = `Life of the token: renewed ${distance(refresh - now)}, expires ${distance(end - now)}`;
  return html`<svg class="life" role="img" aria-label="${label}" width="100%" height="16">
<rect class="rest" x="0" y="4" width="100%" height="8" rx="4"></rect>
<rect class="fresh" x="0" y="4" width="${share(refresh)}" height="8" rx="4"></rect>
<line class="now" x1="${share(now)}" x2="${share(now)}" y1="0" y2="16"></line>
</svg>
<ul class="legend">
<li class="fresh">used as it is</li>
<li class="rest">still valid, renewed in the background</li>
<li class="now">now</li>
</ul>
<dl class="moments">
${issued !== undefined && row('Issued', issued, now)}
${row('Renewed from', refresh, now)}
${row('Expires', end, now)}
</dl>`;
}

function row(label: string, at: number, now: number): Html {
  return html`<div><dt>${label}</dt><dd>${moment(at)}<span class="far">${distance(at - now)}</span></dd></div>`;
}

/** When the request that brought it ended; a token that came from elsewhere in the process has none. */
function issuedOn(attempts: readonly Attempt[]): number | undefined {
  const last = attempts.findLast(({ outcome }) => outcome === 'token');
  return last && Date.parse(last.startedOn) + last.durationMs;
}

/** As many attempts as tell the story. */
const shownAttempts = 5;

/** A row of successes says nothing. */
function attemptList(attempts: readonly Attempt[]): Html {
  if (attempts.every(({ outcome }) => outcome === 'token')) return html``;
  return html`<h3>Latest requests for a token</h3>
<ul class="attempts">${attempts.slice(-shownAttempts).map(attemptItem)}</ul>`;
}

function attemptItem({ startedOn, source, outcome, durationMs }: Attempt): Html {
  const took = `${Math.round(durationMs)} ms`;
  return html`<li>${moment(Date.parse(startedOn))} <code>${source}</code> <code>${outcome}</code> after ${took}</li>`;
}
