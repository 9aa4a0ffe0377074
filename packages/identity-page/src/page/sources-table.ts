import type { Diagnostics, SourceReport } from 'msi-credential';
import { type Html, html } from './html.ts';

/** What a verdict is called here, and how it looks. */
interface Mark {
  readonly word: string;
  readonly look: 'chosen' | 'passed' | 'partial' | 'found' | 'other';
}

const marks: Readonly<Record<SourceReport['verdict'], Mark>> = {
  found: { word: 'Found', look: 'found' },
  partial: { word: 'Incomplete', look: 'partial' },
  absent: { word: 'Absent', look: 'other' },
  // Nothing announces it, so it would be asked only if nothing else were there.
  unknown: { word: 'Possible', look: 'other' },
};

/** Every source in the order in which they are considered, the chosen one marked. */
export function sourcesTable(diagnostics: Diagnostics): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of sources"><table>
<thead><tr><th scope="col">Source</th><th scope="col">Name</th><th scope="col">Verdict</th><th scope="col">Reason</th></tr></thead>
<tbody>${diagnostics.sources.map((source) => row(source, markOf(source, diagnostics)))}</tbody>
</table></div>`;
}

function markOf({ name, verdict }: SourceReport, { selected, shadowed }: Diagnostics): Mark {
  if (name === selected?.source) return { word: 'Chosen', look: 'chosen' };
  if (shadowed.some(({ source }) => source === name)) return { word: 'Passed over', look: 'passed' };
  return selected && verdict === 'unknown' ? { word: 'Not needed', look: 'other' } : marks[verdict];
}

function row({ name, title, reason }: SourceReport, { word, look }: Mark): Html {
  return html`<tr class="${look}"${look === 'chosen' && html` aria-current="true"`}>
<th scope="row">${title}</th>
<td><code>${name}</code></td>
<td><span class="mark">${word}</span></td>
<td>${reason}</td>
</tr>
`;
}
