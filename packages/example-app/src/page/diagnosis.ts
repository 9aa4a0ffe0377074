import { html } from 'hono/html';
import { type Diagnostics, formatDiagnostics, type Principal } from 'msi-credential';
import { copyButton, type Html, path } from './html.ts';
import { sourcesTable } from './sources-table.ts';
import { attemptList, tokenLife } from './token-life.ts';

/** The whole diagnosis: the source and why, whose token it is, how long it lives, what was considered. */
export function diagnosisSections(diagnostics: Diagnostics): Html {
  const { selected, candidates } = diagnostics;
  // Where nothing could be chosen, two empty cards would only stand between the error and the table that explains it.
  const cards = html`<div class="pair">
${sourceCard(diagnostics)}
${diagnostics.principal && principalCard(diagnostics.principal)}
</div>`;
  return html`${(selected ?? candidates) && cards}
${tokenCard(diagnostics)}
${warningList(diagnostics)}
<section class="card" aria-labelledby="sources">
<div class="head"><h2 id="sources">Sources considered</h2>${copyButton(formatDiagnostics(diagnostics), 'as text', 'Copy diagnosis')}</div>
<p class="hint">In this order; the first that is complete is taken.</p>
${sourcesTable(diagnostics)}
</section>`;
}

/** The sources that `DefaultAzureCredential` has too; of the others its diagnosis says nothing. */
const sharedSources = [
  'service-principal',
  'workload-identity',
  'service-fabric',
  'app-service',
  'azure-ml',
  'azure-arc',
  'cloud-shell',
  'imds',
];

function sourceCard(diagnostics: Diagnostics): Html {
  const { selected, candidates } = diagnostics;
  const { title = candidates ? 'None so far' : 'None', host, reason, identity, tenantId } = selected ?? {};
  const rows = [
    ['Source', title],
    ['Host', host],
    ['Identity', identity],
    ['Tenant', tenantId],
    ['Why', reason],
    ['Tried, in this order', candidates && !selected ? candidates.join(', ') : undefined],
    ['DefaultAzureCredential', defaultAzureCredentialWould(diagnostics)],
  ] as const;
  return html`<section class="card" aria-labelledby="source">
<h2 id="source">Source of the token</h2>
${facts(rows)}
</section>`;
}

function defaultAzureCredentialWould({ selected, sources, defaultAzureCredential }: Diagnostics): string | undefined {
  const isFound = sources.some(({ name, verdict }) => name === selected?.source && verdict === 'found');
  const same = isFound && sharedSources.includes(selected?.source ?? '') ? 'Would use this source too.' : undefined;
  return defaultAzureCredential?.replace(/^DefaultAzureCredential would/, 'Would') ?? same;
}

function facts(rows: readonly (readonly [string, string | undefined])[]): Html {
  const shown = rows.filter(([, text]) => text !== undefined && text !== '');
  return html`<dl>${shown.map(([label, text]) => html`<div><dt>${label}</dt><dd>${text}</dd></div>`)}</dl>`;
}

/** Read from the token's claims, so not there before there is one. */
function principalCard({ name, objectId, applicationId, tenantId, resourceId }: Principal): Html {
  const rows = [
    ['Object id', objectId],
    ['Application id', applicationId],
    ['Tenant', tenantId],
    ['Resource id', resourceId],
  ] as const;
  const ids = rows.flatMap(([label, id]) =>
    id === undefined
      ? []
      : html`<div><dt>${label}</dt><dd><code>${path(id)}</code>${copyButton(id, label.toLowerCase())}</dd></div>`,
  );
  return html`<section class="card" aria-labelledby="principal">
<h2 id="principal">Principal</h2>
<dl class="ids">${name && html`<div><dt>Name</dt><dd>${name}</dd></div>`}${ids}</dl>
</section>`;
}

function tokenCard(diagnostics: Diagnostics): Html {
  if (diagnostics.token === undefined && diagnostics.attempts.length === 0) return html``;
  return html`<section class="card token" aria-labelledby="token">
<div class="head"><h2 id="token">Token</h2>${diagnostics.token && html`<p class="hint">for <code>${diagnostics.token.resource}</code></p>`}</div>
${diagnostics.token && tokenLife(diagnostics.token, diagnostics.attempts, Date.now())}
${attemptList(diagnostics.attempts)}
</section>`;
}

function warningList({ warnings }: Diagnostics): Html {
  if (warnings.length === 0) return html``;
  return html`<section class="card warnings" aria-labelledby="warnings">
<h2 id="warnings">Warnings</h2>
<ul>${warnings.map(({ code, message }) => html`<li><p>${message}</p><code>${code}</code></li>`)}</ul>
</section>`;
}
