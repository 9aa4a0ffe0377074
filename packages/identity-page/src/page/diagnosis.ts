import { type Diagnostics, formatDiagnostics, type Principal } from 'msi-credential';
import { type Html, html } from './html.ts';
import { copyButton, facts } from './parts.ts';
import { sourcesTable } from './sources-table.ts';

/** Whose identity it is, and which source gives its tokens; nothing where nothing could be chosen. */
export function identityCards(diagnostics: Diagnostics): Html {
  const { selected, candidates, principal } = diagnostics;
  if (selected === undefined && candidates === undefined) return html``;
  return html`<div class="pair">
${sourceCard(diagnostics)}
${principal && principalCard(principal)}
</div>`;
}

function sourceCard({ selected, candidates, defaultAzureCredential }: Diagnostics): Html {
  const { title = 'None so far', host, reason, identity, tenantId } = selected ?? {};
  return html`<section class="card" aria-labelledby="source">
<h2 id="source">Source of the token</h2>
${facts([
  ['Source', title],
  ['Host', host],
  ['Identity', identity],
  ['Tenant', tenantId],
  ['Why', reason],
  ['Tried, in this order', selected ? undefined : candidates?.join(', ')],
  ['Different elsewhere', defaultAzureCredential],
])}
</section>`;
}

/** Read from the token's claims, so not there before there is one. */
function principalCard({ name, objectId, applicationId, tenantId, resourceId }: Principal): Html {
  const ids = [
    ['Object id', objectId],
    ['Application id', applicationId],
    ['Tenant', tenantId],
    ['Resource id', resourceId],
  ] as const;
  const rows = ids.map(([label, id]) => [label, id && idWithButton(id, label)] as const);
  return html`<section class="card" aria-labelledby="principal">
<h2 id="principal">Principal</h2>
${facts([['Name', name], ...rows], 'ids')}
</section>`;
}

/** A path may be broken behind its slashes. */
function idWithButton(id: string, label: string): Html {
  const parts = id.split(/(?<=\/)/).map((part) => html`${part}<wbr>`);
  return html`<code>${parts}</code>${copyButton(id, label.toLowerCase())}`;
}

/** What is not as it should be, although it works. */
export function warningsCard({ warnings }: Diagnostics): Html {
  if (warnings.length === 0) return html``;
  return html`<section class="card warnings" aria-labelledby="warnings">
<h2 id="warnings">Warnings</h2>
<ul>${warnings.map(({ code, message }) => html`<li><p>${message}</p><code>${code}</code></li>`)}</ul>
</section>`;
}

/** Every source that was considered. */
export function sourcesCard(diagnostics: Diagnostics): Html {
  return html`<section class="card" aria-labelledby="sources">
<div class="head"><h2 id="sources">Sources considered</h2>${copyButton(formatDiagnostics(diagnostics), 'as text', 'Copy diagnosis')}</div>
<p class="hint">In this order. The first complete one is used.</p>
${sourcesTable(diagnostics)}
</section>`;
}
